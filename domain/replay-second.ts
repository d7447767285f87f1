/** One second of one service while its events still come: sums in place, until they become one delta of a bucket. */
import { bucketOf, type EndpointCount } from "./bucket.ts";
import { eachEndpointSketch, endpointLatency } from "./endpoint-latencies.ts";
import { type BucketDelta, OTHER_ENDPOINT } from "./minute.ts";

/** Further names of one second count as `other`: four times what a minute keeps, so that the bound costs nobody a name. */
const NAMES_MAX = 1_000;
/** As in a batch (service-batch.ts). */
const VERSIONS_MAX = 8;

/** The sums of one endpoint, in the order of first events. */
interface Cell {
  readonly endpoint: string;
  readonly number: number;
  request_count: number;
  error_count: number;
  latency_sum_us: number;
}

/** Reused for another second once its delta was taken: most of a replay's memory would else be lists of latencies. */
export class ReplaySecond {
  #second: number;
  #request_count = 0;
  #latencies = new Uint32Array(64);
  readonly #cells = new Map<string, Cell>();
  /** The same by number. */
  readonly #ordered: Cell[] = [];
  #versions: string[] = [];
  /** Of the event before: neighbours mostly share theirs. */
  #version: string | null = null;

  /** `second`: seconds since the epoch. */
  constructor(second: number) {
    this.#second = second;
  }

  get second(): number {
    return this.#second;
  }

  add(endpoint: string, latency_us: number, is_error: boolean, version: string | null): void {
    if (this.#request_count === this.#latencies.length) this.#grow();
    const cell = this.#cells.get(endpoint) ?? this.#newCell(endpoint);
    this.#latencies[this.#request_count] = endpointLatency(cell.number, latency_us);
    this.#request_count += 1;
    cell.request_count += 1;
    cell.error_count += is_error ? 1 : 0;
    cell.latency_sum_us += latency_us;
    if (version !== this.#version) this.#meet(version);
  }

  /** The sums so far, with the names of the endpoints, in the order of their first event, appended to `names`. Taken once. */
  take(names: string[]): BucketDelta {
    const cells = this.#ordered;
    const endpoints: EndpointCount[] = [];
    eachEndpointSketch(this.#latencies.subarray(0, this.#request_count), (number, sketch) => {
      const { endpoint, request_count, error_count, latency_sum_us } = cells[number]!;
      endpoints.push({ name: names.push(endpoint) - 1, request_count, error_count, latency_sum_us, sketch });
    });
    return { second: this.#second, bucket: bucketOf(endpoints), versions: this.#versions };
  }

  /** Starts anew with another second. */
  restart(second: number): void {
    this.#second = second;
    this.#request_count = 0;
    this.#cells.clear();
    this.#ordered.length = 0;
    this.#versions = [];
    this.#version = null;
  }

  #meet(version: string | null): void {
    this.#version = version;
    if (version === null || this.#versions.length === VERSIONS_MAX || this.#versions.includes(version)) return;
    this.#versions.push(version);
  }

  #newCell(endpoint: string): Cell {
    const name = this.#cells.size < NAMES_MAX ? endpoint : OTHER_ENDPOINT;
    const known = this.#cells.get(name);
    if (known !== undefined) return known;
    const cell = { endpoint: name, number: this.#cells.size, request_count: 0, error_count: 0, latency_sum_us: 0 };
    this.#cells.set(name, cell);
    this.#ordered.push(cell);
    return cell;
  }

  #grow(): void {
    const latencies = new Uint32Array(2 * this.#latencies.length);
    latencies.set(this.#latencies);
    this.#latencies = latencies;
  }
}
