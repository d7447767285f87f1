/**
 * What is normal for a service: the closed seconds of the last hour that no rule found wrong. Sums are exact over 60
 * minutes; the latency quantile and the endpoints come from decayed sums, since an hour of sketches would not fit one row.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { LatencySum } from "./latency-sum.ts";
import type { BaselinePoint } from "./message.ts";
import { decodeSums, encodeSums, type JudgedSecond, NO_SUMS, type Sums } from "./second-ring.ts";
import type { Sketch } from "./sketch.ts";

const HOUR_MIN = 60;
/** Below these a service is still learning: a rate from fewer requests says little. */
const LEARNED_SECONDS_MIN = 60;
const LEARNED_REQUESTS_MIN = 100;
/** Decay of the latency sketch and of endpoint sums, a minute: a half-life of 30 minutes weighs about the last hour. */
const MINUTE_DECAY = 0.5 ** (1 / 30);
/** Counts of latencies are whole numbers of 1/256 request, so that they still decay where there are few. */
const SKETCH_SCALE = 256;
const ENDPOINT_REQUESTS_MIN = 30;
/** Names that outlive a minute; a minute brings at most MINUTE_NAMES_MAX more, so that the hot row stays small. */
const ENDPOINTS_KEPT_MAX = 100;

/** Sums that grow in place: a service adds to some dozens of them each second. */
interface GrowingSums {
  request_count: number;
  error_count: number;
  latency_sum_us: number;
}

function grow(sums: GrowingSums, more: Sums): void {
  sums.request_count += more.request_count;
  sums.error_count += more.error_count;
  sums.latency_sum_us += more.latency_sum_us;
}

/** Changes in place. */
export class Baseline {
  #minutes: (GrowingSums & { readonly minute: number; second_count: number })[] = [];
  readonly #hour = { ...NO_SUMS, second_count: 0 };
  #endpoints = new Map<string, GrowingSums>();
  #latencies = new LatencySum();
  #decayed_minute = 0;
  #p95_latency_ms: number | null = null;

  get learning(): boolean {
    return this.#hour.second_count < LEARNED_SECONDS_MIN || this.#hour.request_count < LEARNED_REQUESTS_MIN;
  }

  /** Errors per request; null while learning. */
  get error_rate(): number | null {
    return this.learning ? null : this.#hour.error_count / this.#hour.request_count;
  }

  /** Average latency, ms; null while learning. */
  get avg_latency_ms(): number | null {
    return this.learning ? null : this.#hour.latency_sum_us / this.#hour.request_count / 1000;
  }

  get point(): BaselinePoint {
    if (this.learning) return { request_rate: null, error_rate: null, p95_latency_ms: null };
    return {
      request_rate: this.#hour.request_count / this.#hour.second_count,
      error_rate: this.error_rate,
      p95_latency_ms: this.#p95_latency_ms,
    };
  }

  /** Decayed sums of an endpoint; undefined where too little was seen to say what is normal for it. */
  endpoint(name: string): Sums | undefined {
    const sums = this.#endpoints.get(name);
    return sums === undefined || sums.request_count < ENDPOINT_REQUESTS_MIN ? undefined : sums;
  }

  /** Lets the hour that ends with `second` forget what is older. Call it for each second, also for those left out. */
  forget(second: number): void {
    const oldest = Math.floor(second / 60) - HOUR_MIN;
    while (this.#minutes[0] !== undefined && this.#minutes[0].minute < oldest) {
      const leaving = this.#minutes.shift()!;
      this.#hour.request_count -= leaving.request_count;
      this.#hour.error_count -= leaving.error_count;
      this.#hour.latency_sum_us -= leaving.latency_sum_us;
      this.#hour.second_count -= leaving.second_count;
    }
  }

  /** Adds a second that no rule found wrong. Seconds ascend. */
  learn(second: number, closed: JudgedSecond): void {
    const minute = Math.floor(second / 60);
    let last = this.#minutes.at(-1);
    if (last?.minute !== minute) this.#minutes.push((last = { minute, second_count: 0, ...NO_SUMS }));
    grow(last, closed);
    last.second_count += 1;
    grow(this.#hour, closed);
    this.#hour.second_count += 1;
    for (const endpoint of closed.endpoints) {
      let sums = this.#endpoints.get(endpoint.name);
      if (sums === undefined) this.#endpoints.set(endpoint.name, (sums = { ...NO_SUMS }));
      grow(sums, endpoint);
    }
  }

  /** Adds the latencies of a second that no rule found wrong, and once a minute lets all that decays decay. */
  learnLatency(second: number, sketch: Sketch): void {
    const minute = Math.floor(second / 60);
    if (minute !== this.#decayed_minute) this.#decay(minute);
    this.#latencies.add(sketch, SKETCH_SCALE);
  }

  #decay(minute: number): void {
    const factor = MINUTE_DECAY ** Math.min(HOUR_MIN * 24, Math.max(1, minute - this.#decayed_minute));
    this.#p95_latency_ms = this.#latencies.quantileMs(0.95);
    this.#latencies.decay(factor);
    this.#decayed_minute = minute;
    // Rounded to the nearest a count of 21 or less would never fall, and names would gather for ever.
    const rest = [...this.#endpoints].map(([name, sums]): [string, GrowingSums] => {
      const request_count = Math.floor(sums.request_count * factor);
      const left = request_count / sums.request_count;
      const error_count = Math.round(sums.error_count * left);
      return [name, { request_count, error_count, latency_sum_us: Math.round(sums.latency_sum_us * left) }];
    });
    const heaviest = rest
      .filter(([, sums]) => sums.request_count > 0)
      .sort(([a, x], [b, y]) => y.request_count - x.request_count || (a < b ? -1 : 1));
    this.#endpoints = new Map(heaviest.slice(0, ENDPOINTS_KEPT_MAX));
  }

  /** Layout: minutes, endpoints, latencies, decayed minute, p95 (NaN for null). */
  encode(writer: BinaryWriter): void {
    writer.uint(this.#minutes.length);
    for (const minute of this.#minutes) {
      writer.uint(minute.minute);
      writer.uint(minute.second_count);
      encodeSums(writer, minute);
    }
    writer.uint(this.#endpoints.size);
    for (const [name, sums] of this.#endpoints) {
      writer.text(name);
      encodeSums(writer, sums);
    }
    this.#latencies.encode(writer);
    writer.uint(this.#decayed_minute);
    writer.double(this.#p95_latency_ms ?? Number.NaN);
  }

  static decode(reader: BinaryReader): Baseline {
    const baseline = new Baseline();
    baseline.#minutes = Array.from({ length: reader.uint() }, () => ({
      minute: reader.uint(),
      second_count: reader.uint(),
      ...decodeSums(reader),
    }));
    for (const sums of baseline.#minutes) {
      grow(baseline.#hour, sums);
      baseline.#hour.second_count += sums.second_count;
    }
    const endpoints: [string, Sums][] = Array.from({ length: reader.uint() }, () => [
      reader.text(),
      decodeSums(reader),
    ]);
    baseline.#endpoints = new Map(endpoints);
    baseline.#latencies = LatencySum.decode(reader);
    baseline.#decayed_minute = reader.uint();
    const p95 = reader.double();
    baseline.#p95_latency_ms = Number.isNaN(p95) ? null : p95;
    return baseline;
  }
}
