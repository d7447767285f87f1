/** A fault that lasts is one incident with one anomaly, however its requests fall. */
import { describe, expect, test } from "vitest";
import { DetectionStream, type Flow } from "../tests/detection-stream.ts";

const START = 1_764_000_000;
const RATE = 10;
const SIGMA = 0.5;
const HEALTHY_S = 600;
const FAULT_S = 600;
const AUTHORIZE = "/payments/authorize";
const ENDPOINTS = [
  { name: AUTHORIZE, share: 0.5, mean_ms: 240 },
  { name: "/payments/capture", share: 0.3, mean_ms: 200 },
  { name: "/payments/:id/refund", share: 0.2, mean_ms: 100 },
];

/** Numbers from above 0 to below 1 (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** A second of Poisson arrivals with log-normal latencies, those of one endpoint so many times as long. */
function secondOf(next: () => number, factor: number): Flow[] {
  const latencies = new Map<string, number[]>();
  for (let into_s = -Math.log(next()) / RATE; into_s < 1; into_s -= Math.log(next()) / RATE) {
    let left = next();
    const { name, mean_ms } = ENDPOINTS.find(({ share }) => (left -= share) < 0) ?? ENDPOINTS[0]!;
    const normal = Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
    const latency_ms = mean_ms * Math.exp(SIGMA * normal - SIGMA ** 2 / 2) * (name === AUTHORIZE ? factor : 1);
    latencies.set(name, [...(latencies.get(name) ?? []), latency_ms]);
  }
  return [...latencies].map(([name, own]) => ({ name, requests: own.length, latencies_ms: own }));
}

function run(stream: DetectionStream, seconds: number, next: () => number, factor: number): DetectionStream {
  for (let i = 0; i < seconds; i += 1) stream.run(1, ...secondOf(next, factor));
  return stream;
}

describe.each([1, 2, 3, 4, 5, 6])(
  "an endpoint with half of 10 requests a second, three times as slow, seed %i",
  (seed) => {
    const next = uniform(seed);
    const stream = run(new DetectionStream(START), HEALTHY_S, next, 1);

    test("is one anomaly for as long as it lasts, and over within 45 s of its end", () => {
      expect(stream.changes).toEqual([]);
      run(stream, FAULT_S, next, 3);
      const { incident } = stream.changes.at(-1)!;
      expect(stream.actions.filter((action) => action !== "updated")).toEqual(["opened"]);
      expect(incident).toMatchObject({ status: "open", flapping: false, reopened_count: 0, endpoint: AUTHORIZE });
      expect(incident.anomalies).toHaveLength(1);
      run(stream, 45, next, 1);
      expect(stream.changes.at(-1)).toMatchObject({ action: "resolved", incident: { resolution: "recovered" } });
    });
  },
);
