/** Who is let in: the table of roles, and the ways in which a request falls short. */
import { describe, expect, test } from "vitest";
import { decideAccess, isSameOrigin, refusal } from "./access.ts";
import type { Access } from "./context.ts";
import { cookieName, SESSION_MS, sessionCookie } from "./session.ts";

type AccessRole = Access["role"];

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const ORIGIN = "http://localhost:8787";
const URL_ASKED = `${ORIGIN}/v1/services`;
const TOKENS = { INGEST_TOKEN: "ingest-secret", VIEWER_TOKEN: "viewer-secret", ADMIN_TOKEN: "admin-secret" };
const READERS: readonly AccessRole[] = ["viewer", "admin"];

function withToken(token: string): Request {
  return new Request(URL_ASKED, { headers: { Authorization: `Bearer ${token}` } });
}

async function withCookie(
  role: "viewer" | "admin",
  init: { method?: string; headers?: Record<string, string> } = {},
): Promise<Request> {
  const cookie = await sessionCookie({ role, expires_at: NOW_MS + SESSION_MS }, TOKENS.ADMIN_TOKEN);
  const headers = { ...init.headers, Cookie: `${cookieName(new URL(URL_ASKED))}=${cookie}` };
  return new Request(URL_ASKED, { method: init.method ?? "GET", headers });
}

async function outcome(
  request: Request,
  roles: readonly AccessRole[],
  tokens: Parameters<typeof decideAccess>[1] = TOKENS,
): Promise<string> {
  const decision = await decideAccess(request, tokens, roles, NOW_MS);
  return decision.ok ? decision.access.role : decision.reason;
}

describe("a bearer token", () => {
  test.each([
    ["ingest", ["ingest"], "ingest"],
    ["ingest", READERS, "role_too_small"],
    ["ingest", ["admin"], "role_too_small"],
    ["viewer", ["ingest"], "role_too_small"],
    ["viewer", READERS, "viewer"],
    ["viewer", ["admin"], "role_too_small"],
    ["admin", ["ingest"], "role_too_small"],
    ["admin", READERS, "admin"],
    ["admin", ["admin"], "admin"],
  ] as const)("of %s asks for what takes %j: %s", async (role, roles, expected) => {
    expect(await outcome(withToken(`${role}-secret`), roles)).toBe(expected);
  });

  test.each(["", "ingest", "ingest-secret2", "ADMIN-SECRET", "undefined", "null"])(
    "%j is none of the tokens",
    async (token) => {
      expect(await outcome(withToken(token), READERS)).toBe("wrong_token");
    },
  );

  test.each(["Basic dmlld2VyLXNlY3JldA==", "viewer-secret", "Bearer viewer-secret extra"])(
    "%j is no bearer token",
    async (header) => {
      expect(await outcome(new Request(URL_ASKED, { headers: { Authorization: header } }), READERS)).toBe(
        "wrong_token",
      );
    },
  );

  test("needs no origin to change something", async () => {
    const request = new Request(URL_ASKED, { method: "POST", headers: { Authorization: "Bearer admin-secret" } });
    expect(await decideAccess(request, TOKENS, ["admin"], NOW_MS)).toEqual({
      ok: true,
      access: { role: "admin", by: "token", expires_at: null },
    });
  });

  test("that is wrong is not helped by a right cookie", async () => {
    const request = await withCookie("admin", { headers: { Authorization: "Bearer wrong" } });
    expect(await outcome(request, READERS)).toBe("wrong_token");
  });
});

describe("a session cookie", () => {
  test("reads without an origin, since browsers send none with a plain read", async () => {
    expect(await decideAccess(await withCookie("viewer"), TOKENS, READERS, NOW_MS)).toEqual({
      ok: true,
      access: { role: "viewer", by: "cookie", expires_at: NOW_MS + SESSION_MS },
    });
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("needs its own origin for %s", async (method) => {
    expect(await outcome(await withCookie("admin", { method }), ["admin"])).toBe("wrong_origin");
    expect(
      await outcome(await withCookie("admin", { method, headers: { Origin: "http://localhost:9999" } }), ["admin"]),
    ).toBe("wrong_origin");
    expect(await outcome(await withCookie("admin", { method, headers: { Origin: "null" } }), ["admin"])).toBe(
      "wrong_origin",
    );
    expect(await outcome(await withCookie("admin", { method, headers: { Origin: ORIGIN } }), ["admin"])).toBe("admin");
  });

  test("needs its own origin for an upgrade", async () => {
    const Upgrade = "websocket";
    expect(await outcome(await withCookie("viewer", { headers: { Upgrade } }), READERS)).toBe("wrong_origin");
    expect(await outcome(await withCookie("viewer", { headers: { Upgrade, Origin: `${ORIGIN}.evil` } }), READERS)).toBe(
      "wrong_origin",
    );
    expect(await outcome(await withCookie("viewer", { headers: { Upgrade, Origin: ORIGIN } }), READERS)).toBe("viewer");
  });

  test("of a viewer does not do what an admin may, and no session sends events", async () => {
    const headers = { Origin: ORIGIN };
    expect(await outcome(await withCookie("viewer", { method: "POST", headers }), ["admin"])).toBe("role_too_small");
    expect(await outcome(await withCookie("admin", { method: "POST", headers }), ["ingest"])).toBe("role_too_small");
  });

  test("that was signed under another admin token has ended", async () => {
    expect(await outcome(await withCookie("viewer"), READERS, { ...TOKENS, ADMIN_TOKEN: "new" })).toBe("session_ended");
  });
});

describe("a server without tokens", () => {
  test.each([undefined, "", " "])("lets nobody in with %j for a token", async (token) => {
    const tokens = token === undefined ? {} : { INGEST_TOKEN: token, VIEWER_TOKEN: token, ADMIN_TOKEN: token };
    expect(await outcome(withToken(token ?? ""), READERS, tokens)).toBe("not_configured");
    expect(await outcome(new Request(URL_ASKED), ["ingest"], tokens)).toBe("not_configured");
  });

  test("names the command that mends it", async () => {
    const answer = refusal("not_configured", URL_ASKED);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("run `npm start`") });
  });
});

describe("a refusal", () => {
  test.each([
    ["no_credentials", 401],
    ["wrong_token", 401],
    ["session_ended", 401],
    ["not_configured", 401],
    ["role_too_small", 403],
    ["wrong_origin", 403],
  ] as const)("for %s is %i, and asks for a bearer token where that helps", (reason, status) => {
    const answer = refusal(reason, URL_ASKED);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("WWW-Authenticate")).toBe(status === 401 ? "Bearer" : null);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  test.each(["no_credentials", "session_ended"] as const)(
    "for %s names the command that prints a link to the origin that was asked",
    async (reason) => {
      const detailAt = async (asked: string) => (await refusal(reason, asked).json<{ detail: string }>()).detail;
      expect(await detailAt("http://127.0.0.1:8787/v1/session")).toContain("`npm run faultline link`");
      expect(await detailAt("http://127.0.0.1:9000/v1/session?x")).toContain(
        "`npm run faultline link -- --url http://127.0.0.1:9000`",
      );
    },
  );

  test("without credentials says what is missing", async () => {
    expect(await outcome(new Request(URL_ASKED), READERS)).toBe("no_credentials");
  });
});

describe("the origin of a request", () => {
  test.each([
    ["http://localhost:8787", true],
    ["https://localhost:8787", false],
    ["http://localhost", false],
    ["http://127.0.0.1:8787", false],
    ["null", false],
  ])("%s is its own: %s", (origin, expected) => {
    expect(isSameOrigin(new Request(URL_ASKED, { headers: { Origin: origin } }))).toBe(expected);
  });
});
