/** Requests, errors and latency over trailing spans, kept in steps as a scraped time series keeps them. */
import type { Sums } from "../../domain/second-ring.ts";

const NOTHING: Sums = { request_count: 0, error_count: 0, latency_sum_us: 0 };

/** Lengths in s; spans are whole steps. */
export class StepSums {
  readonly step_s: number;
  readonly #requests: Float64Array;
  readonly #errors: Float64Array;
  readonly #latency_us: Float64Array;
  #step = -1;

  constructor(step_s: number, span_s_max: number) {
    this.step_s = step_s;
    // One more than the span: the step in progress belongs to no span yet.
    const length = span_s_max / step_s + 1;
    this.#requests = new Float64Array(length);
    this.#errors = new Float64Array(length);
    this.#latency_us = new Float64Array(length);
  }

  /** Seconds ascend; true when this second completes a step. */
  add(second: number, sums: Sums): boolean {
    const step = Math.floor(second / this.step_s);
    const slot = step % this.#requests.length;
    if (step !== this.#step) {
      this.#step = step;
      this.#requests[slot] = 0;
      this.#errors[slot] = 0;
      this.#latency_us[slot] = 0;
    }
    this.#requests[slot]! += sums.request_count;
    this.#errors[slot]! += sums.error_count;
    this.#latency_us[slot]! += sums.latency_sum_us;
    return second % this.step_s === this.step_s - 1;
  }

  /** Over the `span_s` that end with the newest step, `skip_s` of the newest left out. */
  over(span_s: number, skip_s = 0): Sums {
    if (this.#step < 0) return NOTHING;
    const length = this.#requests.length;
    let [request_count, error_count, latency_sum_us] = [0, 0, 0];
    for (let back = skip_s / this.step_s; back < span_s / this.step_s; back += 1) {
      const slot = (((this.#step - back) % length) + length) % length;
      request_count += this.#requests[slot]!;
      error_count += this.#errors[slot]!;
      latency_sum_us += this.#latency_us[slot]!;
    }
    return { request_count, error_count, latency_sum_us };
  }
}
