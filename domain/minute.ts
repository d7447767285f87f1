/**
 * A minute of one service: its 60 buckets, the names of its endpoints and what was normal when it closed.
 * It becomes one row of `service_metrics` and is stored as one row of the object.
 */
import { toBase64 } from "./base64.ts";
import { BinaryReader, type BinaryWriter, encoded } from "./binary.ts";
import {
  type Bucket,
  closeBucket,
  decodeBucket,
  EMPTY_BUCKET,
  encodeBucket,
  type EndpointCount,
  mergeBuckets,
  mergeEndpoints,
} from "./bucket.ts";
import type { MetricsWindow } from "./history.ts";
import type { BaselinePoint } from "./message.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { encodeSketch, mergeAllSketches, quantileMs, type Sketch } from "./sketch.ts";

export const MINUTE_S = 60;

/** What endpoints beyond the limits are counted under. */
export const OTHER_ENDPOINT = "other";

/**
 * Names a minute keeps while its seconds are open; the excess is `other`. Closing a second keeps 50 (endpoint-table.ts): the
 * slack lets the heaviest win whatever the order of arrival, and the bound keeps 200-byte names times this under 64 KB.
 * Places of it are reserved for the endpoints of the table: strangers that come first in a minute do not push them out.
 */
export const MINUTE_NAMES_MAX = 250;

/** Immutable. */
export interface Minute {
  /** Minutes since the epoch. */
  readonly minute: number;
  /** How often its content was handed on to history; 0 before the first time. */
  readonly revision: number;
  /** It changed since it was handed on. */
  readonly changed: boolean;
  /** Endpoint names; index 0 is always `other`. */
  readonly names: readonly string[];
  /** 60 entries; undefined where no request came. */
  readonly buckets: readonly (Bucket | undefined)[];
  /** What was normal when its last second closed. */
  readonly baseline: BaselinePoint;
}

export const NO_BASELINE: BaselinePoint = { request_rate: null, error_rate: null, p95_latency_ms: null };

export function emptyMinute(minute: number): Minute {
  return {
    minute,
    revision: 0,
    changed: false,
    names: [OTHER_ENDPOINT],
    buckets: Array.from({ length: MINUTE_S }, () => undefined),
    baseline: NO_BASELINE,
  };
}

/** What a batch brings for one second: a bucket whose endpoint names are indices into the batch's own table. */
export interface BucketDelta {
  /** Seconds since the epoch. */
  readonly second: number;
  readonly bucket: Bucket;
  /** The versions that its events name, at most 8. */
  readonly versions: readonly string[];
}

/**
 * Adds deltas that all lie in this minute; `names` is the batch's table, `kept` the endpoints that have a place of their own,
 * far fewer than MINUTE_NAMES_MAX. Other names beyond MINUTE_NAMES_MAX count as `other`.
 */
export function addToMinute(
  minute: Minute,
  deltas: readonly BucketDelta[],
  names: readonly string[],
  kept: ReadonlySet<string>,
): Minute {
  const table = new NameIndex(minute.names, kept);
  const buckets = minute.buckets.slice();
  for (const { second, bucket } of deltas) {
    const endpoints = mergeEndpoints(
      bucket.endpoints.map(({ name, request_count, error_count, latency_sum_us, sketch }) => {
        return {
          name: table.placeOf(names[name] ?? OTHER_ENDPOINT),
          request_count,
          error_count,
          latency_sum_us,
          sketch,
        };
      }),
    );
    const slot = second - minute.minute * MINUTE_S;
    buckets[slot] = mergeBuckets(buckets[slot] ?? EMPTY_BUCKET, { ...bucket, endpoints });
  }
  return { ...minute, names: table.names, buckets, changed: true };
}

/** The places of the names of a table, worked out once for all the minutes that share it: new names are few. */
const places = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** A minute's names while more come; the table that it starts from stays as it is. */
class NameIndex {
  readonly #start: readonly string[];
  readonly #kept: ReadonlySet<string>;
  #places: ReadonlyMap<string, number>;
  /** The table with what came on; null while nothing has. */
  #grown: { readonly names: string[]; readonly places: Map<string, number> } | null = null;
  /** Places that are reserved for endpoints of the table that have none yet; -1 while nobody has asked. */
  #reserved = -1;

  constructor(names: readonly string[], kept: ReadonlySet<string>) {
    this.#start = names;
    this.#kept = kept;
    this.#places = places.get(names) ?? new Map(names.map((name, i) => [name, i]));
    places.set(names, this.#places);
  }

  get names(): readonly string[] {
    return this.#grown?.names ?? this.#start;
  }

  /** 0, which is that of `other`, where there is no room for it. */
  placeOf(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const isKept = this.#kept.has(text);
    if (this.#reserved < 0) {
      this.#reserved = 0;
      for (const name of this.#kept) if (!this.#places.has(name)) this.#reserved += 1;
    }
    // Slot 0 is `other`, hence one more than the names themselves.
    if (this.names.length + (isKept ? 0 : this.#reserved) > MINUTE_NAMES_MAX) return 0;
    if (isKept) this.#reserved -= 1;
    const grown = this.#grown ?? this.#copy();
    grown.places.set(text, grown.names.length);
    return grown.names.push(text) - 1;
  }

  #copy(): { readonly names: string[]; readonly places: Map<string, number> } {
    const grown = { names: [...this.#start], places: new Map(this.#places) };
    places.set(grown.names, grown.places);
    this.#grown = grown;
    this.#places = grown.places;
    return grown;
  }
}

/** The names that are told apart in `second`; empty where no request came. */
export function namesOf(minute: Minute, second: number): string[] {
  const bucket = minute.buckets[second - minute.minute * MINUTE_S];
  return bucket === undefined ? [] : bucket.endpoints.map((entry) => minute.names[entry.name]!);
}

/** A copy whose second `second` counts every endpoint outside `kept` under `other`. */
export function foldEndpoints(minute: Minute, second: number, kept: ReadonlySet<string>): Minute {
  const slot = second - minute.minute * MINUTE_S;
  const bucket = minute.buckets[slot];
  if (bucket === undefined || bucket.endpoints.every((entry) => kept.has(minute.names[entry.name]!))) return minute;
  const fold = (entry: EndpointCount): EndpointCount =>
    kept.has(minute.names[entry.name]!) ? entry : { ...entry, name: 0 };
  return withBucket(minute, slot, { ...bucket, endpoints: mergeEndpoints(bucket.endpoints.map(fold)) });
}

/** A copy whose second `second` has no latencies of its endpoints any more: it was judged. */
export function dropEndpointSketches(minute: Minute, second: number): Minute {
  const slot = second - minute.minute * MINUTE_S;
  const bucket = minute.buckets[slot];
  return bucket === undefined ? minute : withBucket(minute, slot, closeBucket(bucket));
}

function withBucket(minute: Minute, slot: number, bucket: Bucket): Minute {
  const buckets = minute.buckets.slice();
  buckets[slot] = bucket;
  return { ...minute, buckets };
}

/** The numbers of a span of buckets. */
export interface SpanSummary {
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
  readonly sketch: Sketch;
}

export function summarize(buckets: Iterable<Bucket | undefined>): SpanSummary {
  let [request_count, error_count, latency_sum_us] = [0, 0, 0];
  const sketches: Sketch[] = [];
  for (const bucket of buckets) {
    if (bucket === undefined) continue;
    request_count += bucket.request_count;
    error_count += bucket.error_count;
    latency_sum_us += bucket.latency_sum_us;
    sketches.push(bucket.sketch);
  }
  return { request_count, error_count, latency_sum_us, sketch: mergeAllSketches(sketches) };
}

/** The row of a span of `length_s` seconds from `start_s` (seconds since the epoch). */
export function metricsWindow(
  service: string,
  start_s: number,
  length_s: number,
  span: SpanSummary,
  baseline: BaselinePoint,
  revision: number,
): MetricsWindow {
  const { request_count, error_count, latency_sum_us, sketch } = span;
  return {
    service,
    window_start: formatRfc3339(start_s * 1000),
    window_end: formatRfc3339((start_s + length_s) * 1000),
    request_count,
    error_count,
    error_rate: request_count === 0 ? 0 : error_count / request_count,
    latency_sum_us,
    avg_latency_ms: request_count === 0 ? null : latency_sum_us / request_count / 1000,
    p50_latency_ms: quantileMs(sketch, 0.5),
    p95_latency_ms: quantileMs(sketch, 0.95),
    p99_latency_ms: quantileMs(sketch, 0.99),
    latency_sketch: toBase64(encodeSketch(sketch)),
    baseline_request_rate: baseline.request_rate,
    baseline_error_rate: baseline.error_rate,
    baseline_p95_ms: baseline.p95_latency_ms,
    revision,
  };
}

export function minuteWindow(service: string, minute: Minute): MetricsWindow {
  return metricsWindow(
    service,
    minute.minute * MINUTE_S,
    MINUTE_S,
    summarize(minute.buckets),
    minute.baseline,
    minute.revision,
  );
}

/** Layout: minute, revision, changed, names, three baselines (NaN for null), then (slot + 1, bucket) pairs and a 0. */
export function encodeMinute(minute: Minute): Uint8Array {
  return encoded((writer) => writeMinute(writer, minute));
}

function writeMinute(writer: BinaryWriter, minute: Minute): void {
  writer.uint(minute.minute);
  writer.uint(minute.revision);
  writer.uint(minute.changed ? 1 : 0);
  writer.uint(minute.names.length);
  for (const name of minute.names) writer.text(name);
  for (const value of [minute.baseline.request_rate, minute.baseline.error_rate, minute.baseline.p95_latency_ms]) {
    writer.double(value ?? Number.NaN);
  }
  for (let slot = 0; slot < MINUTE_S; slot += 1) {
    const bucket = minute.buckets[slot];
    if (bucket === undefined) continue;
    writer.uint(slot + 1);
    writer.bytes(encodeBucket(bucket));
  }
  writer.uint(0);
}

export function decodeMinute(bytes: Uint8Array): Minute {
  const reader = new BinaryReader(bytes);
  const minute = reader.uint();
  const revision = reader.uint();
  const changed = reader.uint() === 1;
  const names = Array.from({ length: reader.uint() }, () => reader.text());
  const nullable = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const baseline = {
    request_rate: nullable(reader.double()),
    error_rate: nullable(reader.double()),
    p95_latency_ms: nullable(reader.double()),
  };
  const buckets: (Bucket | undefined)[] = Array.from({ length: MINUTE_S }, () => undefined);
  for (let slot = reader.uint(); slot > 0; slot = reader.uint()) buckets[slot - 1] = decodeBucket(reader.bytes());
  return { minute, revision, changed, names, buckets, baseline };
}
