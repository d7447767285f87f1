/** Signing in as a browser does it: a code, a cookie, and what the cookie opens. */
import { reset } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";

const ORIGIN = "https://faultline.example";
const ADMIN = { Authorization: "Bearer test-admin-token" };

beforeEach(() => reset());

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, init));
}

async function mint(body?: unknown): Promise<string> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await ask("/v1/session/codes", { method: "POST", headers: ADMIN, ...init });
  expect(answer.status).toBe(201);
  return (await answer.json<{ code: string }>()).code;
}

function redeem(code: unknown, headers: Record<string, string> = { Origin: ORIGIN }): Promise<Response> {
  return ask("/v1/session", { method: "POST", headers, body: JSON.stringify({ code }) });
}

function cookieOf(answer: Response): string {
  return answer.headers.get("Set-Cookie")!.split(";")[0]!;
}

describe("a code", () => {
  test("becomes a session of its role once", async () => {
    const code = await mint({ role: "admin" });
    const answer = await redeem(code);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ role: "admin", expires_at: expect.stringMatching(/Z$/) });
    expect(answer.headers.get("Set-Cookie")).toMatch(
      /^__Host-faultline_session=admin\.\d+\.[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
    );
    const second = await redeem(code);
    expect(second.status).toBe(401);
    expect(second.headers.get("Set-Cookie")).toBeNull();
  });

  test("is a viewer's where no role is asked for", async () => {
    expect(await (await redeem(await mint())).json()).toMatchObject({ role: "viewer" });
  });

  test("is not used up by a request from another site", async () => {
    const code = await mint();
    expect((await redeem(code, { Origin: "https://evil.example" })).status).toBe(403);
    expect((await redeem(code, {})).status).toBe(200);
  });

  test("is minted by the admin token alone", async () => {
    const by = (token: string) =>
      ask("/v1/session/codes", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    expect((await by("test-viewer-token")).status).toBe(403);
    expect((await by("test-ingest-token")).status).toBe(403);
    expect((await by("wrong")).status).toBe(401);
  });

  test.each([
    [{ role: "ingest" }, "role: must be viewer or admin."],
    [{ role: 7 }, "role: must be viewer or admin."],
  ])("is not minted for %j", async (body, detail) => {
    const answer = await ask("/v1/session/codes", { method: "POST", headers: ADMIN, body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ type: "urn:faultline:bad_body", detail });
  });

  test.each(["no json", "[]", "{}", '{"code":7}', "null"])("is not read from %s", async (body) => {
    expect((await ask("/v1/session", { method: "POST", body })).status).toBe(400);
  });

  test("that was never given out opens nothing", async () => {
    expect((await redeem("A".repeat(43))).status).toBe(401);
    expect((await redeem("A".repeat(20_000))).status).toBe(413);
  });
});

describe("a session", () => {
  test("says who it is, reads, and ends on request", async () => {
    const Cookie = cookieOf(await redeem(await mint()));
    expect(await (await ask("/v1/session", { headers: { Cookie } })).json()).toMatchObject({ role: "viewer" });
    expect((await ask("/v1/services", { headers: { Cookie } })).status).toBe(200);
    expect((await ask("/v1/session", { method: "DELETE", headers: { Cookie } })).status).toBe(403);
    const ended = await ask("/v1/session", { method: "DELETE", headers: { Cookie, Origin: ORIGIN } });
    expect(ended.status).toBe(204);
    expect(ended.headers.get("Set-Cookie")).toMatch(/^__Host-faultline_session=; Path=\/; Max-Age=0;/);
  });

  test("of an admin mints codes from its own origin alone", async () => {
    const Cookie = cookieOf(await redeem(await mint({ role: "admin" })));
    const by = (headers: Record<string, string>) =>
      ask("/v1/session/codes", { method: "POST", headers: { Cookie, ...headers } });
    expect((await by({ Origin: ORIGIN })).status).toBe(201);
    expect((await by({ Origin: "https://evil.example" })).status).toBe(403);
    expect((await by({})).status).toBe(403);
  });

  test("is not there for a token of ingest, nor for nobody", async () => {
    expect((await ask("/v1/session", { headers: { Authorization: "Bearer test-ingest-token" } })).status).toBe(403);
    const nobody = await ask("/v1/session");
    expect(nobody.status).toBe(401);
    expect(nobody.headers.get("WWW-Authenticate")).toBe("Bearer");
    expect(await nobody.json()).toMatchObject({ type: "urn:faultline:no_credentials", status: 401 });
  });

  test("of a token has no end", async () => {
    expect(await (await ask("/v1/session", { headers: ADMIN })).json()).toEqual({ role: "admin", expires_at: null });
  });
});
