/** Which addresses are pages. The assets stand for the platform's: they answer with what they were asked for. */
import { describe, expect, test } from "vitest";
import { app } from "./app.ts";
import type { Env } from "./env.ts";

const asked: Request[] = [];
const ASSETS = {
  fetch: async (request: Request) => {
    asked.push(request);
    return new Response("<!doctype html>", {
      headers: { "Cache-Control": "public, max-age=0, must-revalidate", "Content-Type": "text/html" },
    });
  },
} as unknown as Env["ASSETS"];

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  asked.length = 0;
  return Promise.resolve(app.request(path, init, { ASSETS }));
}

describe("the dashboard's shell", () => {
  test.each(["/services/checkout", "/services/a.b", "/readyish", "/no/such/page?at=1"])(
    "is the answer to %s, as the platform caches it",
    async (path) => {
      const response = await ask(path, { headers: { "If-None-Match": '"x"' } });
      expect(response.status).toBe(200);
      expect(response.headers.get("Cache-Control")).toBe("public, max-age=0, must-revalidate");
      expect(asked.map(({ url }) => new URL(url).pathname)).toEqual(["/"]);
      expect(asked[0]?.headers.get("If-None-Match")).toBe('"x"');
    },
  );

  test.each(["/_app/immutable/chunks/gone.js", "/_app/version.json", "/v1/nothing", "/v1"])(
    "is not the answer to %s: that is missing, and for nobody's cache",
    async (path) => {
      const response = await ask(path);
      expect(response.status).toBe(404);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(response.headers.get("Content-Type")).toBe("application/problem+json");
      expect(asked).toEqual([]);
    },
  );

  test("is only for reading", async () => {
    expect((await ask("/services/checkout", { method: "POST" })).status).toBe(404);
    expect((await ask("/services/checkout", { method: "HEAD" })).status).toBe(200);
    expect(asked[0]?.method).toBe("HEAD");
  });
});
