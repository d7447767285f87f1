import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { EndpointPaces } from "./endpoint-paces.ts";
import { latencyBin, type Sketch, sketchCount, sketchOfBins } from "./sketch.ts";

const sketchOf = (latencies_ms: readonly number[]): Sketch =>
  sketchOfBins(Uint16Array.from(latencies_ms, (ms) => latencyBin(Math.round(ms * 1000))));
const endpoint = (name: string, ...latencies_ms: number[]): { name: string; sketch: Sketch } => ({
  name,
  sketch: sketchOf(latencies_ms),
});

/** Thirty seconds of short requests beside long polls, both known afterwards. */
function known(): EndpointPaces {
  const paces = new EndpointPaces();
  for (let i = 0; i < 30; i += 1) paces.learn({ endpoints: [endpoint("/short", 20), endpoint("/poll", 30_000)] });
  return paces;
}

describe("the pace of endpoints", () => {
  test("makes requests of short and of long endpoints the same, whatever their mix", () => {
    const paces = known();
    const few = paces.relative({ endpoints: [endpoint("/short", 20, 20, 20), endpoint("/poll", 30_000)] });
    const many = paces.relative({ endpoints: [endpoint("/short", 20), endpoint("/poll", 30_000, 30_000, 30_000)] });
    expect(many).toEqual(few);
    expect(few.bins).toHaveLength(1);
  });

  test("keeps a factor on the latency of one of them", () => {
    const paces = known();
    const [usual] = paces.relative({ endpoints: [endpoint("/short", 20)] }).bins;
    const [doubled] = paces.relative({ endpoints: [endpoint("/short", 40)] }).bins;
    expect(Math.abs(doubled! - usual! - (latencyBin(40_000) - latencyBin(20_000)))).toBeLessThanOrEqual(1);
  });

  test("says nothing of an endpoint before twenty of its requests were seen", () => {
    const paces = known();
    for (let i = 0; i < 19; i += 1) paces.learn({ endpoints: [endpoint("/new", 500)] });
    expect(paces.relative({ endpoints: [endpoint("/new", 500)] }).bins).toHaveLength(0);
    paces.learn({ endpoints: [endpoint("/new", 500)] });
    expect(paces.relative({ endpoints: [endpoint("/new", 500)] }).bins).toHaveLength(1);
  });

  test("follows hardly at all what creeps for an hour", () => {
    const paces = known();
    for (let i = 0; i < 300; i += 1) paces.learn({ endpoints: [endpoint("/short", 20)] });
    for (let i = 0; i < 3600; i += 1) paces.learn({ endpoints: [endpoint("/short", 40)] });
    const bin = paces.relative({ endpoints: [endpoint("/short", 40)] }).bins[0]!;
    const usual = known().relative({ endpoints: [endpoint("/short", 20)] }).bins[0]!;
    expect(bin - usual).toBeGreaterThan(30);
  });

  test("loses no request of known endpoints, nor its place when it is stored", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (all) => {
          const paces = known();
          const second = { endpoints: [endpoint("/short", ...all), endpoint("/poll", ...all)] };
          const relative = paces.relative(second);
          expect(sketchCount(relative)).toBe(2 * all.length);
          const writer = new BinaryWriter();
          const names = ["/unknown", "/poll", "/short"];
          paces.encode(writer, names);
          expect(EndpointPaces.decode(new BinaryReader(writer.finish()), names).relative(second)).toEqual(relative);
        },
      ),
    );
  });

  test("forgets what it is not to keep", () => {
    const paces = known();
    paces.keep(new Set(["/poll"]));
    expect(paces.relative({ endpoints: [endpoint("/short", 20)] }).bins).toHaveLength(0);
    expect(paces.relative({ endpoints: [endpoint("/poll", 20)] }).bins).toHaveLength(1);
  });
});
