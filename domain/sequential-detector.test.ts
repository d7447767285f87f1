import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { bernoulliRatio, Cusum, poissonRatio, THRESHOLD } from "./cusum.ts";
import { Detectors } from "./detectors.ts";
import type { Finding } from "./finding.ts";
import type { MetricName } from "./incident.ts";
import type { ClosedSecond } from "./second-ring.ts";
import { SequentialDetector } from "./sequential-detector.ts";
import { describeFinding } from "./sentence.ts";
import { defaultSettings, type ServiceSettings } from "./settings.ts";
import { EMPTY_SKETCH, latencyBin, type Sketch, sketchOfBins } from "./sketch.ts";
import { NO_CLASSES } from "./status-classes.ts";

const START = 1_764_000_000;

/** A repeatable uniform sequence (Park and Miller's minimal standard generator). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

interface Traffic {
  readonly rate: number;
  readonly error_share: number;
  readonly latency_factor?: number;
  /** Standard deviation of the logarithm of latency. */
  readonly spread?: number;
  /** Share of requests that miss a cache, and are ten times as slow. */
  readonly miss_share?: number;
}

const SETTINGS = { ...defaultSettings("checkout"), sla_ms: 10_000 };

/** Independent requests with log-normal latency, drawn second by second. */
class Service {
  readonly detectors = new Detectors();
  readonly #next: () => number;
  second = START;

  readonly #settings: ServiceSettings;

  constructor(seed: number, settings: ServiceSettings = SETTINGS) {
    this.#next = uniform(seed);
    this.#settings = settings;
  }

  /** Runs until `metric` is above its threshold; the seconds it took, or null. */
  run(seconds: number, traffic: Traffic, metric?: MetricName): { after_s: number; finding: Finding } | null {
    for (let i = 1; i <= seconds; i += 1) {
      const { closed, sketch } = this.#draw(traffic);
      const findings = this.detectors.step(this.second, closed, sketch, this.#settings);
      this.second += 1;
      const finding = findings.find(
        (own) => own.reason === "above_threshold" && (metric === undefined || own.metric_name === metric),
      );
      if (finding !== undefined) return { after_s: i, finding };
    }
    return null;
  }

  #draw({ rate, error_share, latency_factor = 1, spread = 0.5, miss_share = 0 }: Traffic): {
    closed: ClosedSecond;
    sketch: Sketch;
  } {
    let [count, product] = [0, this.#next()];
    while (product > Math.exp(-rate)) [count, product] = [count + 1, product * this.#next()];
    let [error_count, latency_sum_us] = [0, 0];
    const bins = new Uint16Array(count);
    for (let i = 0; i < count; i += 1) {
      if (this.#next() < error_share) error_count += 1;
      const normal = Math.sqrt(-2 * Math.log(this.#next())) * Math.cos(2 * Math.PI * this.#next());
      const miss_factor = miss_share > 0 && this.#next() < miss_share ? 10 : 1;
      const latency_us = Math.round(100_000 * latency_factor * miss_factor * Math.exp(spread * normal));
      latency_sum_us += latency_us;
      bins[i] = latencyBin(latency_us);
    }
    const sums = { request_count: count, error_count, latency_sum_us };
    const sketch = sketchOfBins(bins);
    return { closed: { ...sums, endpoints: [{ name: "/pay", ...sums, sketch }], classes: NO_CLASSES }, sketch };
  }
}

const HEALTHY = { rate: 20, error_share: 0.005 };

describe("a CUSUM", () => {
  test("grows along its ramp only: no burst of a second crosses the threshold", () => {
    const cusum = new Cusum();
    cusum.add(1000, 8, THRESHOLD);
    expect(cusum.value).toBeCloseTo(THRESHOLD / 8);
    for (let i = 0; i < 7; i += 1) cusum.add(1000, 8, THRESHOLD);
    expect(cusum.value).toBe(THRESHOLD);
  });

  test("stays within 0 and the threshold, and forgets its age at 0", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true })), (ratios) => {
        const cusum = new Cusum();
        for (const ratio of ratios) {
          cusum.add(ratio, 10, THRESHOLD);
          expect(cusum.value).toBeGreaterThanOrEqual(0);
          expect(cusum.value).toBeLessThanOrEqual(THRESHOLD);
          expect(cusum.age_s === 0).toBe(cusum.value === 0);
        }
      }),
    );
  });

  test("is fed ratios that favour what happened", () => {
    expect(bernoulliRatio(100, 30, 0.01, 0.3)).toBeGreaterThan(0);
    expect(bernoulliRatio(100, 1, 0.01, 0.3)).toBeLessThan(0);
    expect(poissonRatio(0, 2, 7)).toBeGreaterThan(0);
    expect(poissonRatio(10, 2, 7)).toBeLessThan(0);
  });
});

describe("sequential detection", () => {
  test("raises nothing in a day of health", () => {
    expect(new Service(1).run(86_400, HEALTHY)).toBeNull();
  });

  test("raises nothing where a fifth of the requests miss a cache and are ten times as slow, and finds slowness there", () => {
    const cached = { rate: 10, error_share: 0.001, spread: 0.3, miss_share: 0.2 };
    const service = new Service(7);
    expect(service.run(4 * 3600, cached)).toBeNull();
    expect(service.run(60, { ...cached, latency_factor: 5 }, "p95_latency_ms")!.after_s).toBeLessThanOrEqual(6);
  });

  test("finds a third of requests failing within six seconds, and when it began", () => {
    const service = new Service(2);
    service.run(1800, HEALTHY);
    const onset = service.second;
    const found = service.run(60, { ...HEALTHY, error_share: 0.33 }, "error_rate")!;
    expect(found.after_s).toBeLessThanOrEqual(6);
    expect(Math.abs(found.finding.onset! - onset)).toBeLessThanOrEqual(3);
    expect(found.finding.severity).toBe("critical");
  });

  test("finds two points more errors within two minutes", () => {
    const service = new Service(3);
    service.run(1800, { rate: 100, error_share: 0.001 });
    expect(service.run(120, { rate: 100, error_share: 0.021 }, "error_rate")).not.toBeNull();
  });

  test("finds doubled latency within twenty seconds, and not a hiccup of three", () => {
    const service = new Service(4);
    service.run(1800, HEALTHY);
    expect(service.run(3, { ...HEALTHY, latency_factor: 3 })).toBeNull();
    expect(service.run(600, HEALTHY)).toBeNull();
    expect(service.run(20, { ...HEALTHY, latency_factor: 2 }, "p95_latency_ms")).not.toBeNull();
  });

  test("finds most of the traffic missing", () => {
    const service = new Service(5);
    service.run(1800, HEALTHY);
    expect(service.run(60, { ...HEALTHY, rate: 4 }, "request_rate")).not.toBeNull();
  });

  test("says what is normal of failed and of slow requests, the latter once latency is learned", () => {
    const service = new Service(8);
    expect(service.detectors.sequential.impactBasis.slow).toBeNull();
    service.run(1800, HEALTHY);
    const { errors, slow } = service.detectors.sequential.impactBasis;
    expect(errors.share).toBeCloseTo(HEALTHY.error_share, 2);
    expect(errors.error).toBeLessThan(0.001);
    expect(errors.dispersion).toBeLessThan(1.2);
    // Log-normal with sigma 0.5: 1.25 times the p95 is at 2.09 standard deviations, which 1.8 % exceed.
    expect(slow!.share).toBeGreaterThan(0.015);
    expect(slow!.share).toBeLessThan(0.022);
    const true_bin = latencyBin(Math.round(100_000 * Math.exp(0.5 * 2.0912)));
    expect(Math.abs(slow!.bin - true_bin)).toBeLessThanOrEqual(2);
  });

  test("ends on evidence of the same strength, soon after the fault", () => {
    const service = new Service(6);
    service.run(1800, HEALTHY);
    service.run(120, { ...HEALTHY, error_share: 0.33 });
    for (let i = 0; i < 120; i += 1) service.run(1, { ...HEALTHY, error_share: 0.33 });
    let seconds = 0;
    while (service.run(1, HEALTHY) !== null) seconds += 1;
    expect(seconds).toBeLessThan(30);
  });

  test("survives its encoding at any second, and takes at most 32 KB", () => {
    const service = new Service(7);
    for (const traffic of [HEALTHY, { ...HEALTHY, error_share: 0.3 }, { ...HEALTHY, latency_factor: 4 }, HEALTHY]) {
      for (let i = 0; i < 90; i += 1) service.run(1, traffic);
      const writer = new BinaryWriter();
      service.detectors.sequential.encode(writer);
      const bytes = writer.finish();
      const again = new BinaryWriter();
      SequentialDetector.decode(new BinaryReader(bytes)).encode(again);
      expect(again.finish()).toEqual(bytes);
      expect(bytes.length).toBeLessThanOrEqual(32_768);
    }
  });
});

describe("sensitivity", () => {
  test("the more false alarms a day are accepted, the sooner a small rise is told", () => {
    const afterS = (sensitivity: number): number => {
      const service = new Service(3, { ...SETTINGS, sensitivity });
      service.run(3600, HEALTHY);
      return service.run(900, { ...HEALTHY, error_share: 0.03 }, "error_rate")!.after_s;
    };
    const [eager, usual, strict] = [1, 0.01, 0.0001].map(afterS);
    expect(eager!).toBeLessThanOrEqual(usual!);
    expect(usual!).toBeLessThanOrEqual(strict!);
    expect(eager!).toBeLessThan(strict!);
  });
});

describe("what is excluded", () => {
  test("is not judged, neither its errors nor its latency, and an endpoint without a promise only by its errors", () => {
    const polls = (changes: Partial<ServiceSettings>): (MetricName | undefined)[] => {
      const service = new Service(4, { ...SETTINGS, ...changes });
      service.run(3600, HEALTHY);
      return [service.run(120, { ...HEALTHY, latency_factor: 8, error_share: 0.3 })?.finding.metric_name];
    };
    expect(polls({})).toEqual([expect.any(String)]);
    expect(polls({ exclude: { endpoints: ["/pay"] } })).toEqual([undefined]);
    expect(polls({ endpoints: { "/pay": { sla_ms: null } } })).toEqual(["error_rate"]);
    const service = new Service(4, { ...SETTINGS, endpoints: { "/pay": { sla_ms: null } } });
    service.run(3600, HEALTHY);
    expect(service.run(120, { ...HEALTHY, latency_factor: 8 })).toBeNull();
  });
});

describe("an endpoint that few call", () => {
  test("and that fails is told by its own numbers", () => {
    const detectors = new Detectors();
    const [busy, rare] = [
      { name: "/", request_count: 50, error_count: 0 },
      { name: "/rare", request_count: 1 },
    ];
    const close = (second: number, error_count: number): Finding | undefined => {
      const endpoints = [busy, ...(second % 2 === 0 ? [{ ...rare, error_count }] : [])];
      const request_count = endpoints.reduce((sum, own) => sum + own.request_count, 0);
      const bins = Uint16Array.from({ length: request_count }, () => latencyBin(100_000));
      const closed = {
        request_count,
        error_count: endpoints.reduce((sum, own) => sum + own.error_count, 0),
        latency_sum_us: request_count * 100_000,
        endpoints: endpoints.map((own) => ({
          ...own,
          latency_sum_us: own.request_count * 100_000,
          sketch: EMPTY_SKETCH,
        })),
        classes: NO_CLASSES,
      };
      const findings = detectors.step(second, closed, sketchOfBins(bins), SETTINGS);
      return findings.find((own) => own.metric_name === "error_rate" && own.reason === "above_threshold");
    };
    for (let i = 0; i < 3600; i += 1) expect(close(START + i, 0)).toBeUndefined();
    let found: Finding | undefined;
    for (let i = 3600; i < 3900 && found === undefined; i += 1) found = close(START + i, 1);
    expect(found).toMatchObject({ endpoint: "/rare", metric_value: 1, severity: "high", detector: "sequential" });
    expect(found!.baseline_value).toBeLessThan(0.01);
    expect(detectors.driver(found!.onset!, START + 3700, found!).endpoint).toBe("/rare");
    expect(describeFinding(found!, { endpoint: null, endpoint_share: null })).toMatch(
      /^100.0 % of requests to \/rare failed \(normally 0\.\d %/,
    );
  });
});

describe("a new service", () => {
  const promise = { ...SETTINGS, sla_ms: 200 };
  const calm = { rate: 3, error_share: 0.001 };

  test("whose first requests wait for its start is not told of", () => {
    const service = new Service(5, promise);
    expect(service.run(5, { ...calm, latency_factor: 40 })).toBeNull();
    expect(service.run(120, calm)).toBeNull();
  });

  test("that breaks its promise from the first second on is told of within half a minute", () => {
    const told = new Service(6, promise).run(60, { ...calm, latency_factor: 10 })!;
    expect(told.finding).toMatchObject({ metric_name: "avg_latency_ms", threshold_value: 400 });
    expect(told.after_s).toBeLessThan(30);
  });
});
