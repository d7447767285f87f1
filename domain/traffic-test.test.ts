import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { TrafficTest, type TrafficVerdict } from "./traffic-test.ts";

const DAY_S = 86_400;
/** A Monday, midnight. */
const MONDAY = 1_793_577_600;

/** A repeatable uniform sequence (Park and Miller's minimal standard generator). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** One service's requests, second by second. */
class Traffic {
  traffic = new TrafficTest();
  second: number;
  /** Seconds at which missing traffic was told anew. */
  readonly told: number[] = [];
  readonly #next: () => number;
  readonly #minute: number[] = Array.from({ length: 60 }, () => 0);
  #minute_requests = 0;
  #last: TrafficVerdict = "too_few_requests";

  constructor(seed: number, second = MONDAY) {
    this.#next = uniform(seed);
    this.second = second;
  }

  push(request_count: number): TrafficVerdict {
    this.#minute_requests += request_count - this.#minute[this.second % 60]!;
    this.#minute[this.second % 60] = request_count;
    const verdict = this.traffic.step(this.second, request_count, this.#minute_requests, true, 1);
    if (verdict === "above_threshold" && this.#last !== "above_threshold") this.told.push(this.second);
    this.#last = verdict;
    this.second += 1;
    return verdict;
  }

  /** `rate` of the second; `burst`: requests come so many at once. */
  run(seconds: number, rate: number | ((second: number) => number), burst = 1): this {
    for (let i = 0; i < seconds; i += 1) {
      const mean = (typeof rate === "number" ? rate : rate(this.second)) / burst;
      this.push(burst * this.#poisson(mean));
    }
    return this;
  }

  /** Seconds until missing traffic is told; null if not within `seconds`. */
  untilTold(seconds: number, rate: number, burst = 1): number | null {
    const from = this.second;
    for (let i = 0; i < seconds; i += 1) {
      this.run(1, rate, burst);
      const newest = this.told.at(-1);
      if (newest !== undefined && newest >= from) return i + 1;
    }
    return null;
  }

  #poisson(mean: number): number {
    // Beyond a few hundred a normal number is as good, and exp(-mean) still is one.
    if (mean > 200) {
      const normal = Math.sqrt(-2 * Math.log(this.#next())) * Math.cos(2 * Math.PI * this.#next());
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
    }
    let [count, product] = [0, this.#next()];
    while (product > Math.exp(-mean)) [count, product] = [count + 1, product * this.#next()];
    return count;
  }
}

function bytesOf(traffic: TrafficTest): Uint8Array {
  const writer = new BinaryWriter();
  traffic.encode(writer);
  return writer.finish();
}

describe("traffic that is missing", () => {
  test.each([1, 10, 100, 1000])("at %d requests/s, all of it is told within 25 s", (rate) => {
    const service = new Traffic(1).run(3600, rate);
    expect(service.told).toEqual([]);
    expect(service.untilTold(25, 0)).not.toBeNull();
  });

  test.each([10, 100, 1000])("at %d requests/s, the loss of most of it is told within a minute", (rate) => {
    const service = new Traffic(2).run(3600, rate);
    expect(service.untilTold(60, rate * 0.3)).not.toBeNull();
  });

  test("is told for a service that is a minute old, if many call it", () => {
    expect(new Traffic(3).run(70, 20).untilTold(25, 0)).not.toBeNull();
  });

  test("takes longer to tell where requests come in bursts", () => {
    const even = new Traffic(4).run(3600, 2).untilTold(600, 0)!;
    const bursty = new Traffic(4).run(3600, 2, 6).untilTold(600, 0)!;
    expect(bursty).toBeGreaterThan(even);
  });

  test("is over with the requests' return, and after an hour of a new level", () => {
    const service = new Traffic(5).run(3600, 20).run(300, 0);
    expect(service.run(60, 20).push(20)).not.toBe("above_threshold");
    expect(service.run(600, 20).untilTold(60, 4)).not.toBeNull();
    expect(service.run(3900, 4).push(4)).toBe("below_threshold");
    expect(service.traffic.rate).toBeCloseTo(4, 0);
  });
});

describe("quiet", () => {
  test.each([
    [0.3, 1],
    [1, 1],
    [3, 4],
    [30, 5],
    [300, 20],
  ])("stays a day of %d requests/s in bursts of %d", (rate, burst) => {
    expect(new Traffic(6).run(DAY_S, rate, burst).told).toEqual([]);
  });

  test("stays a service that scales to zero, once two sleeps were seen in its first half hour of requests", () => {
    const service = new Traffic(7);
    const sleeps_s = [700, 2400, 400, 3600, 1500, 900, 3000, 600, 1800, 2000, 500, 3300];
    for (const sleep_s of sleeps_s) service.run(500, 1.5).run(sleep_s, 0);
    expect(service.told).toEqual([]);
    // It is not blind: three times the longest sleep is more than was seen.
    expect(service.run(500, 1.5).untilTold(3.1 * 3600, 0)).toBeGreaterThan(3600);
  });

  test("has to start after each stop of minutes, though hardly a request is usual at any time of its days", () => {
    const service = new Traffic(17);
    const hasStarted: boolean[] = [];
    for (let day_s = 0; day_s < 7 * DAY_S; day_s += 4300) {
      service.run(300, 1.5).run(4000, 0).push(1);
      hasStarted.push(!service.traffic.isWaking);
    }
    // The first sleeps are not known to be any.
    expect(hasStarted.lastIndexOf(true)).toBeLessThan(3);

    // Half a minute on it has started, and ten seconds without a request are none.
    service.run(30, 1.5).run(10, 0).push(1);
    expect(service.traffic.isWaking).toBe(false);
  });

  test("becomes a service whose sleeps were taken for outages three times", () => {
    const service = new Traffic(8).run(7200, 2);
    for (let i = 0; i < 10; i += 1) service.run(900, 0).run(900, 2);
    expect(service.told).toHaveLength(3);
  });

  test("stays a nightly stop from the third night on, also some minutes early, and its day is watched as before", () => {
    const service = new Traffic(9).run(4 * DAY_S, (second) => (second % DAY_S < 8 * 3600 ? 0 : 20));
    const days = service.told.map((second) => Math.floor((second - MONDAY) / DAY_S));
    expect(new Set(days.filter((day) => day > 2))).toEqual(new Set());
    service
      .run(8 * 3600, 0)
      .run(16 * 3600 - 600, 20)
      .run(600, 0)
      .run(8 * 3600, 0);
    expect(service.told.filter((second) => second >= MONDAY + 4 * DAY_S)).toEqual([]);
    expect(service.run(7200, 20).untilTold(25, 0)).not.toBeNull();
  });

  test("stays the fall after a surge", () => {
    expect(new Traffic(10).run(3600, 20).run(1800, 60).run(3600, 20).told).toEqual([]);
  });
});

describe("a surge", () => {
  test("of three times is told after a minute, with its rate, and its end; a burst of 20 s is not", () => {
    const service = new Traffic(11).run(3600, 20).run(20, 400).run(120, 20);
    expect(service.traffic.surge).toBeNull();
    service.run(130, 60);
    expect(service.traffic.surge!.usual).toBeCloseTo(20, -1);
    expect(service.traffic.surge!.rate).toBeCloseTo(60, -1);
    expect(Math.abs(service.traffic.surge!.since - (service.second - 130))).toBeLessThan(25);
    expect(service.run(130, 20).traffic.surge).toBeNull();
    expect(service.told).toEqual([]);
  });
});

/** Stretches of life: seconds at a rate, in bursts. */
const lives = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 2000 }),
    rate: fc.constantFrom(0, 0.2, 1, 3, 8, 50),
    burst: fc.constantFrom(1, 5),
  }),
  { minLength: 1, maxLength: 8 },
);

describe("the second at which a silence would be told", () => {
  test("is the one at which stepping through empty seconds tells it", () => {
    const due: (number | null)[] = [];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), lives, (seed, life) => {
        const service = new Traffic(seed).run(1900, 2);
        for (const { seconds, rate, burst } of life) service.run(seconds, rate, burst);
        const due_s = service.traffic.silenceDue();
        due.push(due_s);
        const last_s = Math.min(due_s ?? Infinity, 5_000);
        for (let i = 1; i < last_s; i += 1) expect(service.push(0)).not.toBe("above_threshold");
        if (due_s !== null && due_s > 0 && due_s <= last_s) expect(service.push(0)).toBe("above_threshold");
      }),
      { numRuns: 30 },
    );
    expect(due.some((due_s) => due_s !== null && due_s > 0 && due_s < 5_000)).toBe(true);
  });

  test("knows the hour at which requests usually come back", () => {
    const service = new Traffic(12).run(4 * DAY_S, (second) => (second % DAY_S < 8 * 3600 ? 0 : 20)).run(3600, 0);
    const due_s = service.traffic.silenceDue()!;
    expect(due_s).toBeGreaterThan(7 * 3600);
    expect(due_s).toBeLessThan(7.5 * 3600);
    for (let i = 1; i < due_s; i += 1) service.push(0);
    const told = service.told.length;
    expect(service.push(0)).toBe("above_threshold");
    expect(service.told).toHaveLength(told + 1);
  });

  test("is never for a service that is too young, or has hardly any requests", () => {
    expect(new Traffic(13).run(100, 1).traffic.silenceDue()).toBeNull();
    const rare = new Traffic(14).run(7200, 0.02);
    expect(rare.traffic.silenceDue()).toBeNull();
  });
});

describe("its state", () => {
  test("survives its encoding at any second: what follows is the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), lives, lives, (seed, before, after) => {
        const service = new Traffic(seed).run(1900, 2);
        for (const { seconds, rate, burst } of before) service.run(seconds, rate, burst);
        const stored = bytesOf(service.traffic);
        const decoded = TrafficTest.decode(new BinaryReader(stored));
        const copy = TrafficTest.decode(new BinaryReader(stored));
        expect(bytesOf(decoded)).toEqual(stored);
        for (const { rate, burst } of after)
          for (let i = 0; i < 100; i += 1) {
            const request_count = i % burst === 0 ? Math.round(rate * burst) : 0;
            const verdict = service.push(request_count);
            expect(decoded.step(service.second - 1, request_count, 0, true, 1)).toBe(verdict);
          }
        // What was read of the same bytes was left alone meanwhile.
        expect(bytesOf(copy)).toEqual(stored);
      }),
      { numRuns: 20 },
    );
  });

  test("takes at most 2 KB", () => {
    const service = new Traffic(15).run(8 * DAY_S, 0.5);
    expect(bytesOf(service.traffic).length).toBeLessThanOrEqual(2048);
  });
});
