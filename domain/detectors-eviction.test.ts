import { expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { Detectors } from "./detectors.ts";
import type { ClosedSecond } from "./second-ring.ts";
import { defaultSettings } from "./settings.ts";
import { latencyBin, type Sketch, sketchOfBins } from "./sketch.ts";

const START = 1_764_000_000;
const SETTINGS = { ...defaultSettings("checkout"), sla_ms: 10_000 };

/** A repeatable uniform sequence (Park and Miller's minimal standard generator). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Requests of one second: two modes of latency, so that the histogram is wide. */
function draw(next: () => number, rate: number, error_share: number, latency_factor: number): [ClosedSecond, Sketch] {
  const request_count = Math.floor(2 * rate * next());
  let [error_count, latency_sum_us] = [0, 0];
  const bins = new Uint16Array(request_count);
  for (let i = 0; i < request_count; i += 1) {
    if (next() < error_share) error_count += 1;
    const mode_us = next() < 0.7 ? 5_000 : 80_000;
    const latency_us = Math.round(mode_us * latency_factor * Math.exp(1.2 * (next() - 0.5)));
    latency_sum_us += latency_us;
    bins[i] = latencyBin(latency_us);
  }
  const sums = { request_count, error_count, latency_sum_us };
  const sketch = sketchOfBins(bins);
  return [
    {
      ...sums,
      endpoints: [{ name: "/pay", ...sums, sketch }],
      classes: [0, 1, 0, 0, 0].map((one, i) => (i === 4 ? error_count : one * (request_count - error_count))),
    },
    sketch,
  ];
}

function again(detectors: Detectors): { detectors: Detectors; bytes: number } {
  const writer = new BinaryWriter();
  detectors.encode(writer);
  const bytes = writer.finish();
  return { detectors: Detectors.decode(new BinaryReader(bytes)), bytes: bytes.length };
}

test("whoever was stored and read again at any second says the same as whoever stayed, and is at most 32 KB", () => {
  const next = uniform(11);
  const stayed = new Detectors();
  let evicted = new Detectors();
  const told = new Set<string>();
  // Health, errors, health, slowness, health: baselines, ramps and the way back all cross an eviction.
  const phases = [
    { until: 900, error_share: 0.01, latency_factor: 1 },
    { until: 960, error_share: 0.3, latency_factor: 1 },
    { until: 1200, error_share: 0.01, latency_factor: 1 },
    { until: 1260, error_share: 0.01, latency_factor: 2.2 },
    { until: 1500, error_share: 0.01, latency_factor: 1 },
  ];
  for (let i = 0; i < 1500; i += 1) {
    const { error_share, latency_factor } = phases.find((phase) => i < phase.until)!;
    const [closed, sketch] = draw(next, 20, error_share, latency_factor);
    const findings = stayed.step(START + i, closed, sketch, SETTINGS);
    expect(evicted.step(START + i, closed, sketch, SETTINGS)).toEqual(findings);
    for (const { metric_name, reason } of findings) if (reason === "above_threshold") told.add(metric_name);
    if (i % 7 !== 0) continue;
    const read = again(evicted);
    evicted = read.detectors;
    expect(read.bytes).toBeLessThanOrEqual(32_768);
  }
  expect([...told].sort()).toEqual(expect.arrayContaining(["error_rate", "p95_latency_ms"]));
});
