import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_FAULTS, scheduleOf } from "./fault.ts";
import { meanLatencyOf, servicesOf } from "./services.ts";
import { eventsBetween, type ServiceEventJson, type StreamOptions } from "./stream.ts";

const START = Date.parse("2026-11-24T10:00:00Z");
const STREAM: StreamOptions = { seed: 1, services: servicesOf(3), rate: 300, faults: NO_FAULTS };

function between(options: StreamOptions, from_ms: number, to_ms: number): ServiceEventJson[] {
  return [...eventsBetween(options, from_ms, to_ms)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function errorShare(events: readonly ServiceEventJson[]): number {
  return events.filter((event) => event.status_code >= 500).length / events.length;
}

describe("eventsBetween", () => {
  it("gives the same events however the span is cut", () => {
    const whole = between(STREAM, START, START + 3000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 8 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 3000];
        const parts = edges.slice(1).flatMap((edge, at) => between(STREAM, START + (edges[at] ?? 0), START + edge));
        expect(parts).toEqual(whole);
      }),
    );
  });

  it("repeats itself for a seed and differs for another", () => {
    const span = [START, START + 2000] as const;
    expect(between(STREAM, ...span)).toEqual(between({ ...STREAM }, ...span));
    expect(between({ ...STREAM, seed: 2 }, ...span)).not.toEqual(between(STREAM, ...span));
  });

  it("repeats itself after another start, counted from there", () => {
    const later = START + 86_400_123;
    const shifted = between({ ...STREAM, origin_ms: later }, later - 1000, later + 1000);
    const original = between({ ...STREAM, origin_ms: START }, START - 1000, START + 1000);
    const shape = (events: readonly ServiceEventJson[], origin: number) =>
      events.map((event) => ({ ...event, event_time: Date.parse(event.event_time) - origin }));
    expect(shape(shifted, later)).toEqual(shape(original, START));
  });

  it("is in order of event time and within the span", () => {
    const times = between(STREAM, START + 50, START + 2050).map((event) => Date.parse(event.event_time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(0)).toBeGreaterThanOrEqual(START + 50);
    expect(times.at(-1)).toBeLessThan(START + 2050);
  });

  it.each([
    { rate: 1, seconds: 3600 },
    { rate: 300, seconds: 60 },
    { rate: 20_000, seconds: 3 },
  ])("has $rate events a second, as a Poisson process has them", ({ rate, seconds }) => {
    const expected = rate * seconds;
    const events = between({ ...STREAM, rate }, START, START + seconds * 1000);
    expect(Math.abs(events.length - expected)).toBeLessThan(5 * Math.sqrt(expected));
    for (const { service } of STREAM.services) {
      const own = events.filter((event) => event.service === service).length;
      expect(Math.abs(own - expected / 3)).toBeLessThan(5 * Math.sqrt(expected / 3));
    }
  });

  it("has the reference's latencies (150, 200, 50 ms), 2 % errors and 45 % of checkout in /cart/pay", () => {
    const events = between({ ...STREAM, rate: 3000 }, START, START + 30_000);
    for (const [service, latency_ms] of [
      ["checkout", 150],
      ["payments", 200],
      ["search", 50],
    ] as const) {
      const own = events.filter((event) => event.service === service);
      expect(mean(own.map((event) => event.latency_ms)) / latency_ms).toBeCloseTo(1, 1.5);
      expect(Math.abs(errorShare(own) - 0.02)).toBeLessThan(0.005);
    }
    const checkout = events.filter((event) => event.service === "checkout");
    const pay = checkout.filter((event) => event.endpoint === "/cart/pay");
    expect(Math.abs(pay.length / checkout.length - 0.45)).toBeLessThan(0.02);
  });

  it("writes events that the contract accepts", () => {
    const faults = scheduleOf([
      { service: "search", endpoint: null, kind: "latency", factor: 1e9, from_ms: 0, to_ms: START * 2 },
    ]);
    for (const event of eventsBetween({ ...STREAM, faults }, START, START + 5000)) {
      expect(event.event_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(event.endpoint).toMatch(/^\/[a-z0-9/]+$/);
      expect(event.latency_ms).toBeGreaterThanOrEqual(0);
      expect(event.latency_ms).toBeLessThanOrEqual(3_600_000);
      expect([200, 500, 502, 503]).toContain(event.status_code);
    }
  });

  it("lets a fault strike its endpoint, in its time, and nothing else", () => {
    const fault = {
      service: "checkout",
      endpoint: "/cart/pay",
      kind: "errors",
      share: 0.3,
      from_ms: START + 20_000,
      to_ms: START + 40_000,
    } as const;
    const stream = { ...STREAM, rate: 3000, faults: scheduleOf([fault]) };
    const healthy = between({ ...stream, faults: NO_FAULTS }, START, START + 60_000);
    const struck = between(stream, START, START + 60_000);
    const inFault = (event: ServiceEventJson) =>
      event.service === "checkout" &&
      event.endpoint === "/cart/pay" &&
      Date.parse(event.event_time) >= fault.from_ms &&
      Date.parse(event.event_time) < fault.to_ms;
    expect(Math.abs(errorShare(struck.filter(inFault)) - 0.3)).toBeLessThan(0.025);
    // An error takes one more draw than a success, so only the slots of the fault change at all.
    const outside = (event: ServiceEventJson) =>
      event.service !== "checkout" ||
      !(Date.parse(event.event_time) >= fault.from_ms && Date.parse(event.event_time) < fault.to_ms);
    expect(struck.filter(outside)).toEqual(healthy.filter(outside));
  });

  it("lets an endpoint's traffic fall and a service's rise, and no other change", () => {
    const base = { service: "checkout", kind: "traffic", from_ms: START, to_ms: START + 20_000 } as const;
    const struck = (...faults: { readonly endpoint: string | null; readonly factor: number }[]) =>
      between(
        { ...STREAM, rate: 1500, faults: scheduleOf(faults.map((fault) => ({ ...base, ...fault }))) },
        START,
        START + 20_000,
      );
    const count = (events: readonly ServiceEventJson[], endpoint: string) =>
      events.filter((event) => event.service === "checkout" && event.endpoint === endpoint).length;
    const few = struck({ endpoint: "/cart/pay", factor: 0.2 });
    expect(count(few, "/cart/pay") / (10_000 * 0.45 * 0.2)).toBeCloseTo(1, 0.6);
    expect(count(few, "/cart/items") / (10_000 * 0.35)).toBeCloseTo(1, 0.9);
    const many = struck({ endpoint: null, factor: 3 }, { endpoint: "/cart/pay", factor: 0 });
    expect(count(many, "/cart/pay")).toBe(0);
    expect(count(many, "/cart/items") / (10_000 * 0.35 * 3)).toBeCloseTo(1, 0.9);
    const others = (events: readonly ServiceEventJson[]) => events.filter(({ service }) => service !== "checkout");
    expect(others(many)).toEqual(others(few));
  });

  it("multiplies latencies by a latency fault's factor, the stronger one where two overlap", () => {
    const base = {
      service: "payments",
      endpoint: null,
      kind: "latency",
      from_ms: START,
      to_ms: START + 10_000,
    } as const;
    const faults = scheduleOf([
      { ...base, factor: 5 },
      { ...base, factor: 8 },
    ]);
    const own = between({ ...STREAM, rate: 3000, faults }, START, START + 10_000).filter(
      (event) => event.service === "payments",
    );
    expect(mean(own.map((event) => event.latency_ms)) / (200 * 8)).toBeCloseTo(1, 1.3);
  });
});

describe("servicesOf", () => {
  it("gives the three services of the reference, then copies with names of their own", () => {
    expect(servicesOf(3).map((profile) => [profile.service, Math.round(meanLatencyOf(profile))])).toEqual([
      ["checkout", 150],
      ["payments", 200],
      ["search", 50],
    ]);
    expect(
      servicesOf(7)
        .slice(3)
        .map((profile) => profile.service),
    ).toEqual(["checkout-2", "payments-2", "search-2", "checkout-3"]);
    expect(new Set(servicesOf(1000).map((profile) => profile.service)).size).toBe(1000);
    for (const profile of servicesOf(3))
      expect(profile.endpoints.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});
