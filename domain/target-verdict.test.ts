import { describe, expect, test } from "vitest";
import { httpVerdict } from "./target-verdict.ts";

const AT_MS = Date.parse("2026-11-24T10:04:40Z");

describe("an answer that is no success", () => {
  test("says what it met: the status, and what the answer says of itself in one line", () => {
    expect(httpVerdict(500, new Headers(), "over\n\tload\u{202e}ed", AT_MS)).toEqual({
      ok: false,
      gone: false,
      retry_after_s: null,
      error: "answered 500: over load ed",
    });
    expect(httpVerdict(404, new Headers(), "", AT_MS)).toMatchObject({ error: "answered 404" });
    expect(httpVerdict(400, new Headers(), "x".repeat(20_000), AT_MS)).toMatchObject({
      error: `answered 400: ${"x".repeat(199)}…`,
    });
  });

  test("is a failure where it leads elsewhere", () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const verdict = httpVerdict(status, new Headers({ location: "https://evil.example" }), "moved", AT_MS);
      expect(verdict).toMatchObject({ ok: false, error: `answered ${status}: redirects are not followed` });
    }
  });

  test("is no redirect where it leads nowhere", () => {
    for (const status of [300, 304]) {
      const verdict = httpVerdict(status, new Headers(), "", AT_MS);
      expect(verdict).toMatchObject({ ok: false, error: `answered ${status}` });
    }
  });

  test.each([
    [429, { "retry-after": "120" }, "", 120],
    [503, { "retry-after": " 7 " }, "", 7],
    [429, { "retry-after": "86400" }, "", 3_600],
    [429, { "retry-after": "0" }, "", 0],
    [429, { "retry-after": "Tue, 24 Nov 2026 10:05:00 GMT", date: "Tue, 24 Nov 2026 10:04:30 GMT" }, "", 30],
    [429, { "retry-after": "Tue, 24 Nov 2026 10:04:00 GMT", date: "Tue, 24 Nov 2026 10:04:30 GMT" }, "", 0],
    [429, { "retry-after": "Tue, 24 Nov 2026 10:05:00 GMT" }, "", 20],
    [503, { "retry-after": "Tue, 24 Nov 2026 10:05:00 GMT", date: "today" }, "", 20],
    [429, { "retry-after": "soon", date: "Tue, 24 Nov 2026 10:04:30 GMT" }, "", null],
    [429, {}, '{"message":"slow down","retry_after":1.2,"global":false}', 2],
    [429, {}, '{"ok":false,"error_code":429,"parameters":{"retry_after":35}}', 35],
    [429, {}, '{"retry_after":"soon"}', null],
    [429, {}, "[null]", null],
    [429, {}, "", null],
    [500, { "retry-after": "120" }, "", null],
  ])("%i with %o and %j waits for %s s", (status, headers, body, retry_after_s) => {
    expect(httpVerdict(status, new Headers(headers as Record<string, string>), body, AT_MS)).toMatchObject({
      retry_after_s,
    });
  });
});
