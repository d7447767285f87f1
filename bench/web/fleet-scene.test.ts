import { expect, test } from "vitest";
import type { FleetSnapshot } from "../../domain/message.ts";
import { FleetScene } from "./fleet-scene.ts";

const NEWEST_MS = Date.parse("2026-11-24T10:00:30Z");

const REAL: FleetSnapshot = {
  type: "snapshot",
  version: 1,
  seq: 3,
  reset: false,
  services: ["checkout", "payments"].map((service) => ({
    service,
    status: "healthy",
    incident_id: null,
    at: NEWEST_MS,
    request_rate: 5,
    error_rate: 0.02,
    p95_latency_ms: 120,
    baseline: { request_rate: 5, error_rate: 0.02, p95_latency_ms: 120 },
    minutes: [{ at: NEWEST_MS / 1000 - 90, request_count: 300, error_count: 6, p95_latency_ms: 120 }],
  })),
  incidents: [],
};

test("a scene has as many services as wanted, of different names, at most a minute before its time", () => {
  const begin_ms = Date.parse("2026-11-23T04:00:00Z");
  const { snapshot } = new FleetScene(REAL, 50, begin_ms);
  expect(new Set(snapshot.services.map(({ service }) => service)).size).toBe(50);
  for (const { at, minutes } of snapshot.services) {
    expect(begin_ms - at).toBeGreaterThanOrEqual(0);
    expect(begin_ms - at).toBeLessThan(60_000);
    expect(minutes.map((minute) => minute.at % 60)).toEqual([0]);
  }
});

test("an hour of ticks moves every service each second and closes each minute once", () => {
  const scene = new FleetScene(REAL, 10, Date.parse("2026-11-23T04:00:00Z"));
  const begin_ms = scene.snapshot.services[0]!.at;
  const closed: number[] = [];
  for (let n = 1; n <= 3600; n += 1) {
    const { services } = scene.tick(n);
    expect(services.map(({ at }) => at)).toEqual(Array.from({ length: 10 }, () => begin_ms + n * 1000));
    const minute = services[0]?.closed_minute;
    if (minute !== undefined) closed.push(minute.at);
  }
  expect(closed).toHaveLength(60);
  expect(closed.map((at, index) => at - closed[0]! - index * 60)).toEqual(closed.map(() => 0));
  expect(closed[0]! % 60).toBe(0);
});
