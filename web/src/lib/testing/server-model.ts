/**
 * What a server tells of one service, from the truth: its object holds each second at once, history a minute some time after its
 * end and an hour after that. For tests of how the page joins them.
 */
import {
  mergeAllSketches,
  encodeSketch,
  latencyBin,
  quantileMs,
  sketchOfBins,
  type Sketch,
} from "../../../../domain/sketch.ts";
import { BASELINE, tick } from "./seconds.ts";
import type { ChartSeries, WindowsWish } from "../chart-series.ts";
import type { Axis } from "../incident-axis.ts";
import type { SecondPoint } from "../../../../domain/message.ts";
import type { WindowItem } from "../../../../domain/resource.ts";

export interface Lateness {
  /** Seconds from the end of a window until history has it. */
  readonly minute_s: number;
  readonly hour_s: number;
}

export class ServerModel {
  /** Latencies (ms) of each second with requests. */
  readonly #seconds = new Map<number, readonly number[]>();
  /** When seconds were corrected, by second. */
  readonly #corrected = new Map<number, number>();
  readonly #lateness: Lateness;

  constructor(lateness: Lateness) {
    this.#lateness = lateness;
  }

  /** Requests of a second; more of them when it is told again. */
  add(at: number, latencies_ms: readonly number[]): void {
    this.#seconds.set(at, [...(this.#seconds.get(at) ?? []), ...latencies_ms]);
  }

  /** Requests that came so late that their minute was in history already. */
  correct(at: number, latencies_ms: readonly number[], now: number): void {
    this.add(at, latencies_ms);
    this.#corrected.set(at, now);
  }

  count(from: number, until: number): number {
    return this.#of(from, until).length;
  }

  p95(from: number, until: number): number | null {
    return quantileMs(sketchOf(this.#of(from, until)), 0.95);
  }

  /** Seconds as a socket tells them. */
  points(from: number, until: number): SecondPoint[] {
    return this.#starts(from, until, 1).map((at) => {
      const request_count = this.count(at, at + 1);
      return tick(at, { request_count, latency_sum_us: request_count * 1000 });
    });
  }

  /** The answer to a wish at `now`. Revisions are numbered in the order in which windows were handed to history. */
  answer({ from, until, step }: WindowsWish, now: number): WindowItem[] {
    const late_s = step === 1 ? 0 : step === 60 ? this.#lateness.minute_s : this.#lateness.hour_s;
    return this.#starts(from, until, step)
      .filter((at) => at + step + late_s <= now)
      .map((at) => windowOf(at, step, this.#of(at, at + step), this.#revision(at, step)));
  }

  #revision(at: number, step: number): number {
    const corrected = [...this.#corrected]
      .filter(([second]) => second >= at && second < at + step)
      .map(([, now]) => now);
    return Math.floor(Math.max(at, ...corrected) / step);
  }

  /** The starts of the windows that have requests. */
  #starts(from: number, until: number, step: number): number[] {
    const starts: number[] = [];
    for (let at = Math.ceil(from / step) * step; at < until; at += step)
      if (this.count(at, at + step) > 0) starts.push(at);
    return starts;
  }

  /** Lets a page read all that it wishes for; returns how many answers that took. */
  read(series: ChartSeries, axis: Axis, now: number): number {
    for (let reads = 0; reads < 20; reads += 1) {
      const wish = series.wish(axis, now, now);
      if (wish === null) return reads;
      series.load(this.answer(wish, now), wish);
      series.loaded(wish, now);
    }
    throw new Error("the page wishes on and on");
  }

  #of(from: number, until: number): number[] {
    const held: number[] = [];
    for (let at = from; at < until; at += 1) held.push(...(this.#seconds.get(at) ?? []));
    return held;
  }
}

function sketchOf(latencies_ms: readonly number[]): Sketch {
  return mergeAllSketches([sketchOfBins(Uint16Array.from(latencies_ms, (ms) => latencyBin(ms * 1000)))]);
}

function windowOf(at: number, step: number, latencies_ms: readonly number[], revision: number): WindowItem {
  const sketch = sketchOf(latencies_ms);
  return {
    service: "checkout",
    window_start: new Date(at * 1000).toISOString(),
    window_end: new Date((at + step) * 1000).toISOString(),
    request_count: latencies_ms.length,
    error_count: 0,
    error_rate: 0,
    latency_sum_us: latencies_ms.length * 1000,
    avg_latency_ms: 1,
    p50_latency_ms: quantileMs(sketch, 0.5),
    p95_latency_ms: quantileMs(sketch, 0.95),
    p99_latency_ms: quantileMs(sketch, 0.99),
    latency_sketch: btoa(String.fromCharCode(...encodeSketch(sketch))),
    baseline_request_rate: BASELINE.request_rate,
    baseline_error_rate: BASELINE.error_rate,
    baseline_p95_ms: BASELINE.p95_latency_ms,
    revision,
    provisional: false,
  };
}
