import { describe, expect, test } from "vitest";
import type { SessionItem } from "../../../domain/resource.ts";
import type { Answer } from "./http.ts";
import { askAgainAt, nextSession, type SessionState } from "./session-state.ts";

const T = Date.parse("2026-11-24T10:00:00Z");
const EXPIRES = T + 12 * 3_600_000;

const yes: Answer<SessionItem> = {
  ok: true,
  value: { role: "admin", expires_at: new Date(EXPIRES).toISOString() },
};
const no = (status: number, detail = "no") => ({ ok: false, status, detail }) as const;
const ready: Answer<unknown> = { ok: true, value: { ready: true } };
const pending = no(503, "Run `npx wrangler d1 migrations apply DB --local`.");

const asking: SessionState = { state: "asking" };
const signedIn: SessionState = { state: "signed_in", role: "admin", expires_at_ms: EXPIRES, trouble: null };

describe("who is looking", () => {
  test("given a session and pending migrations, then they are signed in and told the command that mends it", () => {
    expect(nextSession(asking, yes, pending)).toEqual({ ...signedIn, trouble: pending.detail });
  });

  test("given that it was mended, then the trouble is gone", () => {
    expect(nextSession({ ...signedIn, trouble: pending.detail }, yes, ready)).toEqual(signedIn);
  });

  test("given no session and pending migrations, then the command comes before signing in", () => {
    expect(nextSession(asking, no(401), pending)).toEqual({ state: "not_ready", detail: pending.detail });
  });

  test("given no session, then they are signed out; given one before, it has ended, and stays so when asked again", () => {
    expect(nextSession(asking, no(401), ready)).toEqual({ state: "signed_out", reason: "no_session" });
    const ended = nextSession(signedIn, no(401), ready);
    expect(ended).toEqual({ state: "signed_out", reason: "ended" });
    expect(nextSession(ended, no(401), ready)).toBe(ended);
  });

  test("given a lost connection, then whoever is signed in stays, and others are told", () => {
    expect(nextSession(signedIn, no(0), no(0))).toBe(signedIn);
    expect(nextSession(asking, no(0, "gone"), no(0))).toEqual({ state: "unreachable", detail: "gone" });
  });

  test("given a server that fails otherwise, then it is not taken for a missing session", () => {
    expect(nextSession(asking, no(500, "broken"), ready)).toEqual({ state: "unreachable", detail: "broken" });
  });
});

describe("asking again", () => {
  test("given a session, then at the very moment it ends, and from then on every few seconds", () => {
    expect(askAgainAt(signedIn, T)).toBe(EXPIRES);
    expect(askAgainAt(signedIn, EXPIRES)).toBe(EXPIRES + 4000);
    expect(askAgainAt(signedIn, EXPIRES + 500)).toBe(EXPIRES + 4500);
  });

  test("given a trouble, an outage or no session, then every few seconds, until it is over", () => {
    expect(askAgainAt({ ...signedIn, trouble: "run this" }, T)).toBe(T + 4000);
    expect(askAgainAt({ state: "signed_out", reason: "no_session" }, T)).toBe(T + 4000);
    expect(askAgainAt({ state: "unreachable", detail: "" }, T)).toBe(T + 4000);
  });

  test("given the first question still on its way, then not again", () => {
    expect(askAgainAt(asking, T)).toBeNull();
  });
});
