/** Errors as a client sees them: one shape, and nothing of the inside. */
import { Hono } from "hono";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { AppContext } from "./context.ts";
import { apiHeaders } from "./headers.ts";
import { answerError, answerNotFound, problem } from "./problem.ts";

const app = new Hono<AppContext>()
  .use(apiHeaders)
  .get("/fine", (context) => context.json({ fine: true }))
  .get("/handed-on", () =>
    Promise.resolve(new Response("from elsewhere", { headers: { "Cache-Control": "max-age=60" } })),
  )
  .get("/broken", () => {
    throw new Error("the secret of the inside");
  })
  .notFound(answerNotFound)
  .onError(answerError);

afterEach(() => vi.restoreAllMocks());

describe("a problem", () => {
  test("names itself for programs and says what is wrong for people", async () => {
    const answer = problem(503, "service_unavailable", "checkout does not answer.", { service: "checkout" });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await answer.json()).toEqual({
      type: "urn:faultline:service_unavailable",
      title: "Service Unavailable",
      status: 503,
      detail: "checkout does not answer.",
      service: "checkout",
    });
  });

  test("keeps its own members whatever else is put in", async () => {
    expect(await problem(400, "bad", "Bad.", { status: 200, type: "x" }).json()).toMatchObject({
      status: 400,
      type: "urn:faultline:bad",
    });
  });
});

describe("an error that nobody foresaw", () => {
  test("is 500, tells the log what it was, and the client not", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const answer = await app.request("/broken");
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("secret");
    expect(logged).toHaveBeenCalledWith(
      "GET /broken failed",
      expect.objectContaining({ message: "the secret of the inside" }),
    );
  });
});

describe("every answer", () => {
  test.each(["/fine", "/handed-on", "/missing"])("of %s is for nobody's cache and of no guessed type", async (path) => {
    const answer = await app.request(path);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });
});
