import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { LatencySum } from "./latency-sum.ts";
import {
  countAbove,
  latencyBin,
  mergeAllSketches,
  quantileMs,
  type Sketch,
  sketchCount,
  sketchOfBins,
} from "./sketch.ts";

const sketches = fc.array(
  fc
    .array(fc.integer({ min: 0, max: 5_000_000 }), { maxLength: 40 })
    .map((values): Sketch => sketchOfBins(Uint16Array.from(values, latencyBin))),
  { maxLength: 8 },
);

function copyOf(sum: LatencySum): LatencySum {
  const writer = new BinaryWriter();
  sum.encode(writer);
  return LatencySum.decode(new BinaryReader(writer.finish()));
}

function sumOf(parts: readonly Sketch[], weight = 1): LatencySum {
  const sum = new LatencySum();
  for (const part of parts) sum.add(part, weight);
  return sum;
}

describe("latencies added up", () => {
  test("say what the merged sketch says", () => {
    fc.assert(
      fc.property(sketches, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1100), (parts, q, bin) => {
        const merged = mergeAllSketches(parts);
        const sum = sumOf(parts);
        expect(sum.toSketch()).toEqual(merged);
        expect(sum.total).toBe(sketchCount(merged));
        expect(sum.quantileMs(q)).toBe(quantileMs(merged, q));
        expect(sum.above(bin)).toBe(countAbove(merged, bin));
      }),
    );
  });

  test("what was read of its bytes and the original change apart", () => {
    fc.assert(
      fc.property(sketches, sketches, (before, after) => {
        const sum = sumOf(before);
        const copy = copyOf(sum);
        for (const part of after) sum.add(part);
        expect(copy.toSketch()).toEqual(mergeAllSketches(before));
        copy.clear();
        expect(sum.toSketch()).toEqual(mergeAllSketches([...before, ...after]));
      }),
    );
  });

  test("survive their encoding after any decay, whole counts as they are", () => {
    fc.assert(
      fc.property(sketches, fc.double({ min: 0, max: 1, noNaN: true }), (parts, factor) => {
        const sum = sumOf(parts, 1024);
        sum.decay(factor);
        const decoded = copyOf(sum);
        expect(decoded.toSketch()).toEqual(sum.toSketch());
        expect(decoded.total).toBe(sum.total);
      }),
    );
  });
});
