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

/** `factor`: on the latencies of one endpoint; `errors`: share of all requests that fail. */
interface Fault {
  readonly factor?: number;
  readonly errors?: number;
}

/** A second of Poisson arrivals with log-normal latencies. */
function secondOf(next: () => number, { factor = 1, errors = 0.001 }: Fault): Flow[] {
  const latencies = new Map<string, number[]>();
  for (let into_s = -Math.log(next()) / RATE; into_s < 1; into_s -= Math.log(next()) / RATE) {
    let left = next();
    const { name, mean_ms } = ENDPOINTS.find(({ share }) => (left -= share) < 0) ?? ENDPOINTS[0]!;
    const normal = Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
    const latency_ms = mean_ms * Math.exp(SIGMA * normal - SIGMA ** 2 / 2) * (name === AUTHORIZE ? factor : 1);
    latencies.set(name, [...(latencies.get(name) ?? []), latency_ms]);
  }
  return [...latencies].map(([name, own]) => {
    return { name, requests: own.length, latencies_ms: own, errors: own.filter(() => next() < errors).length };
  });
}

function run(stream: DetectionStream, seconds: number, next: () => number, fault: Fault = {}): void {
  for (let i = 0; i < seconds; i += 1) stream.run(1, ...secondOf(next, fault));
}

describe.each([
  ["an endpoint with half of 10 requests a second, three times as slow", { factor: 3 }, AUTHORIZE, [1, 2, 3, 4, 5, 6]],
  ["six of a hundred requests failing", { errors: 0.06 }, null, [1, 2, 4, 5]],
] as const)("%s", (_, fault, endpoint, seeds) => {
  test.each(seeds)("is one anomaly for as long as it lasts, and over within a minute of its end, seed %i", (seed) => {
    const next = uniform(seed);
    const stream = new DetectionStream(START);
    run(stream, HEALTHY_S, next);
    expect(stream.changes).toEqual([]);
    run(stream, FAULT_S, next, fault);
    const { incident } = stream.changes.at(-1)!;
    expect(stream.actions.filter((action) => action !== "updated")).toEqual(["opened"]);
    expect(incident).toMatchObject({ status: "open", flapping: false, reopened_count: 0, endpoint });
    expect(incident.anomalies).toHaveLength(1);
    run(stream, 60, next);
    const ends = stream.changes.filter(({ action }) => action === "resolved");
    expect(ends).toMatchObject([{ incident: { resolution: "recovered" } }]);
  });
});
