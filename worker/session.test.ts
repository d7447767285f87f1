/** The session cookie: what it says, that it cannot be altered, and when it ends. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cookieName, cookieValue, readSession, SESSION_MS, sessionCookie, setCookie } from "./session.ts";

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const HTTP = new URL("http://localhost:8787/v1/session");
const HTTPS = new URL("https://faultline.example/v1/session");
const session = { role: "viewer", expires_at: NOW_MS + SESSION_MS } as const;

describe("a session cookie", () => {
  test("gives back its session until it ends, and not after", async () => {
    const cookie = await sessionCookie(session, "admin-token");
    expect(cookie).toMatch(/^viewer\.1795557600000\.[\w-]{43}$/);
    expect(await readSession(cookie, "admin-token", session.expires_at - 1)).toEqual(session);
    expect(await readSession(cookie, "admin-token", session.expires_at)).toBeNull();
  });

  test("ends with the admin token that it was signed under", async () => {
    const cookie = await sessionCookie(session, "admin-token");
    expect(await readSession(cookie, "another-token", NOW_MS)).toBeNull();
  });

  test("is refused with another role or expiry", async () => {
    const cookie = await sessionCookie(session, "admin-token");
    expect(await readSession(cookie.replace("viewer", "admin"), "admin-token", NOW_MS)).toBeNull();
    expect(await readSession(cookie.replace("1795557600000", "1895557600000"), "admin-token", NOW_MS)).toBeNull();
  });

  test("is refused when any one character of it is another", async () => {
    const cookie = await sessionCookie(session, "admin-token");
    await fc.assert(
      fc.asyncProperty(fc.nat(cookie.length - 1), fc.string({ minLength: 1, maxLength: 1 }), async (at, character) => {
        fc.pre(cookie[at] !== character);
        const altered = cookie.slice(0, at) + character + cookie.slice(at + 1);
        expect(await readSession(altered, "admin-token", NOW_MS)).toBeNull();
      }),
    );
  });

  test("is refused when it is anything else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (value) => {
        expect(await readSession(value, "admin-token", NOW_MS)).toBeNull();
      }),
    );
  });
});

describe("the Set-Cookie header", () => {
  test("keeps the cookie from scripts and from other sites for 12 h", () => {
    expect(setCookie(HTTP, "value")).toBe("faultline_session=value; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
  });

  test("has the __Host- name and Secure on https", () => {
    const expected = "__Host-faultline_session=value; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure";
    expect(setCookie(HTTPS, "value")).toBe(expected);
  });

  test("ends the session with an empty value", () => {
    expect(setCookie(HTTP, "")).toContain("faultline_session=; Path=/; Max-Age=0;");
  });
});

describe("the Cookie header", () => {
  test("is searched for the name that belongs to the address", () => {
    const header = `other=1; ${cookieName(HTTP)}=plain; ${cookieName(HTTPS)}=secure; x=faultline_session=no`;
    expect(cookieValue(header, HTTP)).toBe("plain");
    expect(cookieValue(header, HTTPS)).toBe("secure");
    expect(cookieValue("other=1", HTTP)).toBeNull();
    expect(cookieValue(null, HTTP)).toBeNull();
  });
});
