import fc from "fast-check";
import { expect, test } from "vitest";
import { KnownSpans } from "./known-spans.ts";

const span = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }));

test("given any additions and removals, then exactly the moments are known that a set of them has", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), span), { maxLength: 12 }), span, (steps, [from, until]) => {
      const known = new KnownSpans();
      const truth = new Set<number>();
      for (const [isAdded, [start, end]] of steps) {
        if (isAdded) known.add(start, end);
        else known.remove(start, end);
        for (let at = start; at < end; at += 1) {
          if (isAdded) truth.add(at);
          else truth.delete(at);
        }
      }
      for (let at = 0; at <= 41; at += 1) expect([at, known.has(at)]).toEqual([at, truth.has(at)]);
      const lacking = Array.from({ length: Math.max(0, until - from) }, (_none, i) => from + i).filter(
        (at) => !truth.has(at),
      );
      const missing = known.firstMissing(from, until);
      expect(missing?.from).toBe(lacking[0]);
      if (missing === null) return;
      // The whole stretch is missing, and no more of it is.
      expect(lacking.slice(0, missing.until - missing.from)).toEqual(
        Array.from({ length: missing.until - missing.from }, (_none, i) => missing.from + i),
      );
      expect(missing.until === until || truth.has(missing.until)).toBe(true);
    }),
  );
});

test("what is known from a moment on ends where the first unknown begins", () => {
  const known = new KnownSpans();
  known.add(10, 20);
  known.add(20, 30);
  known.add(40, 50);
  expect([known.endFrom(10), known.endFrom(29), known.endFrom(30), known.endFrom(5)]).toEqual([30, 30, 30, 5]);
});
