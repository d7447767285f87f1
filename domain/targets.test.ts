import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileText, hugeText, messageOf } from "../tests/hostile-texts.ts";
import { aMessage, anItem, FORMS, overIncident, SENT_MS } from "../tests/message-example.ts";
import { isTaken } from "../tests/target-schemas.ts";
import { BODY_BYTES_MAX, bytesOf } from "./message-view.ts";
import type { Message } from "./notification.ts";
import { requestOf, verdictOf } from "./targets.ts";

const CHANGES = ["opened", "escalated", "reopened", "narrated", "acknowledged", "flapping", "repeated"] as const;
const MESSAGES: readonly Message[] = [
  ...CHANGES.map((change) => aMessage({ items: [anItem({ change })] })),
  ...(["digest", "caught_up", "test"] as const).map((kind) => aMessage({ kind, more: 2 })),
  aMessage({ items: [anItem({ change: "resolved", incident: overIncident() })] }),
  aMessage({ items: [anItem(), anItem({ change: "escalated" })] }),
  aMessage({ items: [anItem({ narrative: null, owner: null, spark: null, url: null, acts: null })] }),
  aMessage({ kind: "digest", items: [], more: 3 }),
];

/** Each string of a JSON value, names of members included. */
function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [...(Array.isArray(value) ? [] : [name]), ...stringsOf(part)]);
}

describe.each(FORMS.map(([name, target], index) => ({ name, target, index })))("$name ($index)", ({ name, target }) => {
  test("every kind of message is what its documentation takes, or is not told", () => {
    const bodies = MESSAGES.flatMap((message) => {
      const request = requestOf(message, target, null, SENT_MS);
      return [request?.body ?? null, ...(request?.next === undefined ? [] : [request.next.body])];
    });
    expect(bodies.filter((body) => body !== null && !isTaken(name, body))).toEqual([]);
    expect(bodies.filter((body) => body !== null).length).toBeGreaterThan(5);
  });

  test("text of events breaks no form, and brings no control into it", () => {
    fc.assert(
      fc.property(messageOf(hostileText, 3), (message) => {
        const request = requestOf(message, target, "1700000000.000100", SENT_MS);
        if (request === null) return;
        expect(isTaken(name, request.body)).toBe(true);
        const strings = stringsOf(JSON.parse(request.body));
        expect(strings.filter((text) => /[^\P{Cc}\n]|[\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text))).toEqual([]);
      }),
    );
  });

  test("however much there is to tell, the body has at most 20,000 bytes", () => {
    fc.assert(
      fc.property(messageOf(hugeText, 60), (message) => {
        const request = requestOf(message, target, null, SENT_MS);
        if (request === null) return;
        expect(bytesOf(request.body)).toBeLessThanOrEqual(BODY_BYTES_MAX);
        expect(isTaken(name, request.body)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test("its address and headers can be sent as they are, whatever the events say", () => {
    fc.assert(
      fc.property(messageOf(hostileText, 1), (message) => {
        const request = requestOf(message, target, null, SENT_MS);
        if (request === null) return;
        const sent = new Request(request.url, { method: "POST", headers: request.headers, body: request.body });
        expect(new URL(sent.url).host).toBe(
          new URL("url" in target && target.url !== null ? target.url : "https://slack.com").host,
        );
        expect(sent.headers.get("content-type")).toMatch(/^application\/json/);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    [200, { ok: true }],
    [202, { ok: true }],
    [410, { ok: false, gone: true }],
    [302, { ok: false, gone: false, error: "answered 302: redirects are not followed" }],
    [500, { ok: false, gone: false, error: "answered 500: no" }],
  ])("an answer of %i is judged by its status", (status, verdict) => {
    expect(verdictOf(target, status, new Headers(), "no", SENT_MS)).toMatchObject(verdict);
  });
});
