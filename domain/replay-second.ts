/** One second of one service while its events still come: sums in place, until they become one delta of a bucket. */
import type { EndpointCount } from "./bucket.ts";
import { type BucketDelta, OTHER_ENDPOINT } from "./minute.ts";
import { latencyBin, sketchOfBins } from "./sketch.ts";

/** Further names of one second count as `other`: four times what a minute keeps, so that the bound costs nobody a name. */
const NAMES_MAX = 1_000;

/** The sums of one endpoint; `name` gets its meaning when they are taken. */
type Cell = { -readonly [K in keyof EndpointCount]: EndpointCount[K] };

/** Reused for another second once its delta was taken: most of a replay's memory would else be lists of bins. */
export class ReplaySecond {
  #second: number;
  #request_count = 0;
  #error_count = 0;
  #latency_sum_us = 0;
  #bins = new Uint16Array(64);
  readonly #cells = new Map<string, Cell>();

  /** `second`: seconds since the epoch. */
  constructor(second: number) {
    this.#second = second;
  }

  get second(): number {
    return this.#second;
  }

  add(endpoint: string, latency_us: number, is_error: boolean): void {
    const errors = is_error ? 1 : 0;
    if (this.#request_count === this.#bins.length) this.#grow();
    this.#bins[this.#request_count] = latencyBin(latency_us);
    this.#request_count += 1;
    this.#error_count += errors;
    this.#latency_sum_us += latency_us;
    const cell = this.#cells.get(endpoint) ?? this.#newCell(endpoint);
    cell.request_count += 1;
    cell.error_count += errors;
    cell.latency_sum_us += latency_us;
  }

  /** The sums so far, with the names of the endpoints, in the order of their first event, appended to `names`. Taken once. */
  take(names: string[]): BucketDelta {
    for (const [endpoint, cell] of this.#cells) cell.name = names.push(endpoint) - 1;
    const bucket = {
      request_count: this.#request_count,
      error_count: this.#error_count,
      latency_sum_us: this.#latency_sum_us,
      sketch: sketchOfBins(this.#bins.subarray(0, this.#request_count)),
      endpoints: [...this.#cells.values()],
    };
    return { second: this.#second, bucket };
  }

  /** Starts anew with another second. */
  restart(second: number): void {
    this.#second = second;
    this.#request_count = 0;
    this.#error_count = 0;
    this.#latency_sum_us = 0;
    this.#cells.clear();
  }

  #newCell(endpoint: string): Cell {
    const name = this.#cells.size < NAMES_MAX ? endpoint : OTHER_ENDPOINT;
    const known = this.#cells.get(name);
    if (known !== undefined) return known;
    const cell = { name: 0, request_count: 0, error_count: 0, latency_sum_us: 0 };
    this.#cells.set(name, cell);
    return cell;
  }

  #grow(): void {
    const bins = new Uint16Array(2 * this.#bins.length);
    bins.set(this.#bins);
    this.#bins = bins;
  }
}
