import { describe, expect, it } from "vitest";
import { anomalyOf, randomAnomalies } from "./anomalies.ts";
import { servicesOf } from "./services.ts";

const ORIGIN = Date.parse("2026-11-24T10:00:00Z");
const OPTIONS = { seed: 1, services: servicesOf(3), origin_ms: ORIGIN, from_ms: ORIGIN };
const MINUTES = 40_000;

describe("random anomalies", () => {
  const found = OPTIONS.services.flatMap(({ service }) =>
    Array.from({ length: MINUTES }, (_, minute) => anomalyOf(OPTIONS, service, minute)).filter(
      (fault) => fault !== null,
    ),
  );

  it("begin with 5 % chance each minute and service", () => {
    const expected = 0.05 * MINUTES * 3;
    expect(Math.abs(found.length - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  it("are latency x 5 to 10 or 20 to 40 % errors, evenly, for 2 to 5 minutes", () => {
    const latency = found.filter((fault) => fault.kind === "latency");
    const errors = found.filter((fault) => fault.kind === "errors");
    expect(Math.abs(latency.length / found.length - 0.5)).toBeLessThan(0.04);
    for (const { factor } of latency) expect(factor >= 5 && factor < 10).toBe(true);
    for (const { share } of errors) expect(share >= 0.2 && share < 0.4).toBe(true);
    for (const { from_ms, to_ms } of found) {
      expect((from_ms - ORIGIN) % 60_000).toBe(0);
      expect(to_ms - from_ms).toBeGreaterThanOrEqual(120_000);
      expect(to_ms - from_ms).toBeLessThanOrEqual(300_000);
    }
  });

  it("are the same for the same seed, others for another", () => {
    const begun = (seed: number) => randomAnomalies({ ...OPTIONS, seed }).beginningBetween(ORIGIN, ORIGIN + 3_600_000);
    expect(begun(1)).toEqual(begun(1));
    expect(begun(2)).not.toEqual(begun(1));
  });

  it("are active exactly from their beginning to their end", () => {
    const schedule = randomAnomalies(OPTIONS);
    const day = schedule.beginningBetween(ORIGIN, ORIGIN + 86_400_000);
    expect(day.length).toBeGreaterThan(100);
    for (const fault of day) {
      expect(schedule.activeAt(fault.service, fault.from_ms)).toContainEqual(fault);
      expect(schedule.activeAt(fault.service, fault.to_ms - 1)).toContainEqual(fault);
      expect(schedule.activeAt(fault.service, fault.from_ms - 1)).not.toContainEqual(fault);
      expect(schedule.activeAt(fault.service, fault.to_ms)).not.toContainEqual(fault);
    }
  });

  it("do not begin before they are wanted", () => {
    const from_ms = ORIGIN + 1_800_000;
    const schedule = randomAnomalies({ ...OPTIONS, from_ms });
    const all = randomAnomalies(OPTIONS).beginningBetween(ORIGIN, ORIGIN + 7_200_000);
    expect(schedule.beginningBetween(ORIGIN, ORIGIN + 7_200_000)).toEqual(
      all.filter((fault) => fault.from_ms >= from_ms),
    );
  });

  it("are told once however the time is cut", () => {
    const schedule = randomAnomalies(OPTIONS);
    const hour = schedule.beginningBetween(ORIGIN, ORIGIN + 3_600_000);
    const cut = Array.from({ length: 36_000 }, (_, at) =>
      schedule.beginningBetween(ORIGIN + at * 100, ORIGIN + (at + 1) * 100),
    ).flat();
    expect(cut).toEqual(hour);
  });
});
