import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { type ClosedEndpoint, judgedSecond, SecondRing } from "./second-ring.ts";
import { SequentialDetector } from "./sequential-detector.ts";
import { latencyBin, sketchOfBins } from "./sketch.ts";
import { NO_CLASSES } from "./status-classes.ts";

const DAY_S = 86_400;
const MIDNIGHT = 1_793_577_600;
const SIX = 6 * 3600;
const RATE = 10;
const BIN = latencyBin(50_000);
const SKETCH = sketchOfBins(new Uint16Array(RATE).fill(BIN));

/** A service of ten requests a second, a fifth of them from a job's endpoint; it lives a quarter of an hour a day, around its job. */
class Service {
  detector = new SequentialDetector();
  readonly #ring = new SecondRing();

  /** One second; whether errors are told. */
  step(second: number, job_errors: number, other_errors: number): boolean {
    const of = (name: string, request_count: number, error_count: number): ClosedEndpoint => ({
      name,
      request_count,
      error_count,
      latency_sum_us: request_count * 50_000,
      sketch: sketchOfBins(new Uint16Array(request_count).fill(BIN)),
    });
    const endpoints = [of("/job", 2, job_errors), of("/pay", 8, other_errors)];
    const closed = {
      request_count: RATE,
      error_count: job_errors + other_errors,
      latency_sum_us: 500_000,
      endpoints,
      classes: NO_CLASSES,
    };
    this.#ring.push(second, judgedSecond(closed, null));
    const findings = this.detector.step(second, closed, SKETCH, this.#ring);
    return findings.some((own) => own.metric_name === "error_rate" && own.reason === "above_threshold");
  }

  /** From 05:55 to 06:10 of a day; the seconds after 06:00 at which errors are told. */
  morning(day: number, job_errors: number, other_errors: (second: number) => number): number[] {
    const told: number[] = [];
    for (let at = -300; at < 600; at += 1) {
      const isJob = at >= 0 && at < 180;
      const second = MIDNIGHT + day * DAY_S + SIX + at;
      if (this.step(second, isJob ? job_errors : 0, isJob ? other_errors(second) : 0)) told.push(at);
    }
    return told;
  }
}

const NONE = (): number => 0;
/** About a third of the other endpoint's requests. */
const THIRD = (second: number): number => (second % 3 === 0 ? 4 : 2);

/** Half of the job's requests fail on the first days. */
function lived(days: number): { service: Service; told: number[][] } {
  const service = new Service();
  const told = Array.from({ length: days }, (_, day) => service.morning(day, 1, NONE));
  return { service, told };
}

describe("a job that fails every morning", () => {
  test("is told on three days, and is quiet from the fourth on, for weeks", () => {
    const { told } = lived(20);
    expect(told.slice(0, 3).every((seconds) => seconds.length > 0)).toBe(true);
    expect(told.slice(3).flat()).toEqual([]);
  });

  test("hides no fault at its hour: a third of the others' requests is told within half a minute", () => {
    const { service } = lived(4);
    expect(service.morning(4, 1, THIRD)[0]).toBeLessThan(30);
    // Nor does that become usual.
    expect(service.morning(5, 1, THIRD)[0]).toBeLessThan(30);
    expect(service.morning(6, 1, NONE)).toEqual([]);
  });

  test("is told again when it comes at another time, and its hour is known by name", () => {
    const { service } = lived(4);
    expect(service.detector.usualAt(MIDNIGHT + 4 * DAY_S + SIX, "error_rate")).toMatchObject({
      label: "06:00",
      days: 4,
    });
    expect(service.detector.usualAt(MIDNIGHT + 4 * DAY_S + 2 * SIX, "error_rate")).toBeNull();
    let told = false;
    for (let at = 0; at < 180; at += 1) told ||= service.step(MIDNIGHT + 4 * DAY_S + 2 * SIX + at, 1, 0);
    expect(told).toBe(true);
  });

  test("stays known in a state that is read back amidst it", () => {
    const { service } = lived(4);
    const quiet: boolean[] = [];
    for (let at = -60; at < 400; at += 1) {
      if (at % 7 === 0) {
        const writer = new BinaryWriter();
        service.detector.encode(writer);
        service.detector = SequentialDetector.decode(new BinaryReader(writer.finish()));
      }
      quiet.push(!service.step(MIDNIGHT + 4 * DAY_S + SIX + at, at >= 0 && at < 180 ? 1 : 0, 0));
    }
    expect(quiet.every(Boolean)).toBe(true);
  });
});
