import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrorScores } from "./error-scores.ts";

const shares = fc.double({ min: 0.001, max: 0.4, noNaN: true });
const turns = fc.double({ min: 0.003, max: 0.3, noNaN: true });

describe("scores of errors", () => {
  test("turn from against a fault to for it at the share that was asked for", () => {
    fc.assert(
      fc.property(shares, turns, (normal, turn) => {
        const { hit, miss } = new ErrorScores(turn, 1).of(normal);
        const at = (share: number): number => share * hit + (1 - share) * miss;
        expect(at(normal + turn)).toBeLessThanOrEqual(1e-9);
        // Normal is rounded up by at most 4 %.
        expect(at(normal * 1.041 + turn + 0.001)).toBeGreaterThan(0);
      }),
    );
  });

  test("are a fair bet at most for what normally fails", () => {
    fc.assert(
      fc.property(shares, turns, fc.double({ min: 0.7, max: 1, noNaN: true }), (normal, turn, usual_part) => {
        const { hit, miss } = new ErrorScores(turn, usual_part).of(normal);
        const usual = normal * usual_part;
        expect(usual * Math.exp(hit) + (1 - usual) * Math.exp(miss)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  test("of a usual share below the guarded one count for more", () => {
    const [guarded, usual] = [new ErrorScores(0.13, 1).of(0.03), new ErrorScores(0.13, 0.7).of(0.03)];
    expect(usual.hit).toBeGreaterThan(guarded.hit);
  });
});
