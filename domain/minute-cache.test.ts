import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { viewOf } from "./byte-pattern.ts";
import { MinuteCache } from "./minute-cache.ts";
import { UNSURE } from "./plain-json.ts";
import { parseRfc3339 } from "./rfc3339.ts";

/** Reads the texts one after the other with one cache, as the times of one batch. */
function readAll(texts: readonly string[]): (number | null)[] {
  const bytes = new TextEncoder().encode(texts.map((text) => `"${text}"`).join(""));
  const cache = new MinuteCache(bytes, viewOf(bytes));
  let at = 0;
  return texts.map((text) => {
    const end = cache.read(at);
    at += new TextEncoder().encode(text).length + 2;
    if (end !== UNSURE) {
      expect(end).toBe(at);
    }
    return end === UNSURE ? null : cache.time_ms;
  });
}

describe("MinuteCache", () => {
  it("reads the usual forms itself", () => {
    const texts = [
      "2026-11-24T10:00:00Z",
      "2026-11-24T10:00:59.9Z",
      "2026-11-24T12:30:00.123456+02:30",
      "2026-11-24T08:00:01-02:00",
    ];
    expect(readAll(texts)).toEqual(texts.map(parseRfc3339));
  });

  it("tells minutes apart that differ in one character", () => {
    const minute = "2026-11-24T10:00";
    const texts = Array.from({ length: minute.length }, (_, i) => {
      const other = minute.slice(0, i) + (minute[i] === "1" ? "0" : "1") + minute.slice(i + 1);
      return [`${minute}:30Z`, `${other}:30Z`];
    }).flat();
    expect(readAll(texts)).toEqual(texts.map(parseRfc3339).map((ms) => (Number.isNaN(ms) ? null : ms)));
  });

  it("says what parseRfc3339 says, or leaves it to that", () => {
    const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, "0"));
    const time = fc
      .tuple(
        fc.constantFrom("2026-11-24T", "2026-11-25T", "2024-02-29T", "2023-02-29T", "2026-11-24t", "2126-11-24T"),
        two(25),
        two(61),
        two(61),
        fc.constantFrom("", ".", ".5", ".123", ".9999", ",5"),
        fc.oneof(
          fc.constantFrom("Z", "z", "", "+", "ZZ"),
          fc.tuple(fc.constantFrom("+", "-", "~"), two(25), two(61)).map(([s, h, m]) => `${s}${h}:${m}`),
        ),
      )
      .map(
        ([date, hour, minute, second, fraction, offset]) => `${date}${hour}:${minute}:${second}${fraction}${offset}`,
      );
    fc.assert(
      fc.property(fc.array(time, { maxLength: 20 }), (texts) => {
        for (const [i, time_ms] of readAll(texts).entries()) {
          if (time_ms !== null) {
            expect(time_ms).toBe(parseRfc3339(texts[i]!));
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("does not read beyond the bytes", () => {
    for (const text of ['"2026-11-24T10:00:00Z', '"2026-11-24T10:00:00.1', '"2026-11-24T10:00:00+01:00', '"']) {
      const bytes = new TextEncoder().encode(text);
      expect(new MinuteCache(bytes, viewOf(bytes)).read(0)).toBe(UNSURE);
    }
  });
});
