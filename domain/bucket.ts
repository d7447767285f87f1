/**
 * A bucket: one service's events of one second of event time, as sums that merge exactly whatever the order.
 * Endpoints are numbers into the name table of the bucket's minute (minute.ts).
 */
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { decodeSketch, EMPTY_SKETCH, encodeSketch, mergeSketches, type Sketch } from "./sketch.ts";

/** What one endpoint did in a bucket. */
export interface EndpointCount {
  /** Index into the minute's name table; 0 is `other`. */
  readonly name: number;
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
}

/** Immutable: a change makes a new one, so that a state can be kept while the next is computed. */
export interface Bucket {
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
  readonly sketch: Sketch;
  /** Ascending by name. */
  readonly endpoints: readonly EndpointCount[];
}

export const EMPTY_BUCKET: Bucket = {
  request_count: 0,
  error_count: 0,
  latency_sum_us: 0,
  sketch: EMPTY_SKETCH,
  endpoints: [],
};

export function mergeBuckets(a: Bucket, b: Bucket): Bucket {
  return {
    request_count: a.request_count + b.request_count,
    error_count: a.error_count + b.error_count,
    latency_sum_us: a.latency_sum_us + b.latency_sum_us,
    sketch: mergeSketches(a.sketch, b.sketch),
    endpoints: mergeEndpoints([...a.endpoints, ...b.endpoints]),
  };
}

/** Adds up the entries of equal names and sorts by name. */
export function mergeEndpoints(entries: readonly EndpointCount[]): EndpointCount[] {
  const merged = new Map<number, EndpointCount>();
  for (const entry of entries) {
    const before = merged.get(entry.name);
    merged.set(
      entry.name,
      before === undefined
        ? entry
        : {
            name: entry.name,
            request_count: before.request_count + entry.request_count,
            error_count: before.error_count + entry.error_count,
            latency_sum_us: before.latency_sum_us + entry.latency_sum_us,
          },
    );
  }
  return [...merged.values()].sort((a, b) => a.name - b.name);
}

/** Buckets are immutable and most are stored many times while their minute is open: each is encoded once. */
const encodings = new WeakMap<Bucket, Uint8Array>();

/** Layout: requests, errors, latency sum, sketch with its length, number of endpoints, four numbers for each. */
export function encodeBucket(bucket: Bucket): Uint8Array {
  const known = encodings.get(bucket);
  if (known !== undefined) return known;
  const writer = new BinaryWriter(256);
  writer.uint(bucket.request_count);
  writer.uint(bucket.error_count);
  writer.uint(bucket.latency_sum_us);
  writer.bytes(encodeSketch(bucket.sketch));
  writer.uint(bucket.endpoints.length);
  for (const endpoint of bucket.endpoints) {
    writer.uint(endpoint.name);
    writer.uint(endpoint.request_count);
    writer.uint(endpoint.error_count);
    writer.uint(endpoint.latency_sum_us);
  }
  const encoded = writer.finish();
  encodings.set(bucket, encoded);
  return encoded;
}

export function decodeBucket(bytes: Uint8Array): Bucket {
  const reader = new BinaryReader(bytes);
  const request_count = reader.uint();
  const error_count = reader.uint();
  const latency_sum_us = reader.uint();
  const sketch = decodeSketch(reader.bytes());
  const endpoints = Array.from({ length: reader.uint() }, () => ({
    name: reader.uint(),
    request_count: reader.uint(),
    error_count: reader.uint(),
    latency_sum_us: reader.uint(),
  }));
  return { request_count, error_count, latency_sum_us, sketch, endpoints };
}
