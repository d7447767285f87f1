import { describe, expect, it } from "vitest";
import { randomFor } from "../../generator/random.ts";
import { benignEvents } from "./benign.ts";
import { shiftOf } from "./bins.ts";
import { type Effect, Effects } from "./effect.ts";

/** The error share of endpoint 0 in each of `seconds` seconds from 0 on. */
function shares(effect: Effect, seconds: number): number[] {
  const effects = new Effects([effect], 2);
  return Array.from({ length: seconds }, (_, second) => {
    effects.step(second);
    return effects.strains[0]!.error_share;
  });
}

describe("effects", () => {
  it("last from their first second to before their last", () => {
    expect(shares({ from_s: 2, to_s: 4, error_share: 0.5 }, 6)).toEqual([0, 0, 0.5, 0.5, 0, 0]);
  });

  it("flap, beginning with the bad part", () => {
    const flapping = { on_s: 2, off_s: 1 };
    expect(shares({ from_s: 1, to_s: 7, error_share: 0.5, flapping }, 8)).toEqual([0, 0.5, 0.5, 0, 0.5, 0.5, 0, 0]);
  });

  it("grow over their ramp", () => {
    const grown = shares({ from_s: 0, to_s: 100, error_share: 0.5, ramp_s: 10 }, 12);
    expect(grown[0]).toBeCloseTo(0.025);
    expect(grown[5]).toBeCloseTo(0.275);
    expect(grown[11]).toBe(0.5);
  });

  it("concern one endpoint where they say so", () => {
    const effects = new Effects([{ from_s: 0, to_s: 9, endpoint: 1, rate_factor: 0 }], 2);
    effects.step(0);
    expect(effects.strains.map((strain) => strain.rate_factor)).toEqual([1, 0]);
  });

  it("add up, each failing a share of what the others left", () => {
    const failing = { from_s: 0, to_s: 9, isFault: true, error_share: 0.5, latency_factor: 2 };
    const effects = new Effects([failing, failing], 1);
    effects.step(0);
    expect(effects.strains[0]!.fault_error_share).toBe(0.75);
    expect(effects.strains[0]!.shift).toBeCloseTo(shiftOf(4));
  });
});

describe("the benign events of a day", () => {
  it("are as many and as long as they should be", () => {
    const days = 300;
    const events = benignEvents(randomFor(1), 0, days * 86_400);
    const perDay = (label: string): number => events.filter((event) => event.label === label).length / days;
    const wanted = { gc: 20, blip: 10, deploy: 3, bots: 2, burst: 2 };
    for (const [label, per_day] of Object.entries(wanted)) {
      expect(Math.abs(perDay(label) - per_day)).toBeLessThan(5 * Math.sqrt(per_day / days));
    }
    const gc_lengths = new Set(events.filter(({ label }) => label === "gc").map(({ from_s, to_s }) => to_s - from_s));
    expect([...gc_lengths].sort((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(events.every(({ from_s, to_s }) => from_s >= 0 && to_s <= days * 86_400)).toBe(true);
  });
});
