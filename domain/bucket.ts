/**
 * A bucket: one service's events of one second of event time, as sums that merge exactly whatever the order.
 * Endpoints are numbers into the name table of the bucket's minute (minute.ts).
 */
import { BinaryReader, type BinaryWriter, encoded } from "./binary.ts";
import { addClasses, CLASS_COUNT, NO_CLASSES, type StatusClasses } from "./status-classes.ts";
import {
  coarsenSketch,
  decodeSketch,
  EMPTY_SKETCH,
  encodeSketch,
  mergeAllSketches,
  mergeSketches,
  readSketch,
  type Sketch,
  writeSketch,
} from "./sketch.ts";

/**
 * Bins that the endpoint sketches of one bucket have together, some 4 KB. The hot row may have 2 MB and can hold 180 open
 * seconds, each of up to 251 names: with this bound they stay below it at 100,000 requests a second of every latency there is
 * (minute.test.ts). 50 endpoints with 30 requests each never reach it.
 */
const ENDPOINT_BINS_MAX = 1_500;

/** What one endpoint did in a bucket. */
export interface EndpointCount {
  /** Index into the minute's name table; 0 is `other`. */
  readonly name: number;
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
  /** Its latencies while the second is open, for detection to judge; empty once it is closed. */
  readonly sketch: Sketch;
}

/** Immutable: a change makes a new one, so that a state can be kept while the next is computed. */
export interface Bucket {
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
  readonly sketch: Sketch;
  /** Ascending by name. */
  readonly endpoints: readonly EndpointCount[];
  /** Answers by class of status code while the second is open, for detection to take; none once it is closed. */
  readonly classes: StatusClasses;
  /**
   * The endpoints' sketches count in groups of 2^shift bins: the smallest shift with which they keep within ENDPOINT_BINS_MAX.
   * Bins only ever come on, so that it, and what the sketches hold, does not depend on the order of arrival.
   */
  readonly shift: number;
}

export const EMPTY_BUCKET: Bucket = {
  request_count: 0,
  error_count: 0,
  latency_sum_us: 0,
  sketch: EMPTY_SKETCH,
  endpoints: [],
  classes: NO_CLASSES,
  shift: 0,
};

/** The bucket of endpoints whose sketches are whole. Where nothing is told of their answers, no class of them is known. */
export function bucketOf(endpoints: readonly EndpointCount[], classes = NO_CLASSES): Bucket {
  let [request_count, error_count, latency_sum_us] = [0, 0, 0];
  for (const endpoint of endpoints) {
    request_count += endpoint.request_count;
    error_count += endpoint.error_count;
    latency_sum_us += endpoint.latency_sum_us;
  }
  const sketch = mergeAllSketches(endpoints.map((endpoint) => endpoint.sketch));
  return { request_count, error_count, latency_sum_us, sketch, endpoints, classes, shift: 0 };
}

export function mergeBuckets(a: Bucket, b: Bucket): Bucket {
  if (a.request_count === 0) return { ...b, ...withinBound(b.endpoints, b.shift) };
  return {
    request_count: a.request_count + b.request_count,
    error_count: a.error_count + b.error_count,
    latency_sum_us: a.latency_sum_us + b.latency_sum_us,
    sketch: mergeSketches(a.sketch, b.sketch),
    classes: addClasses(a.classes, b.classes),
    ...withinBound(mergeEndpoints([...a.endpoints, ...b.endpoints]), Math.max(a.shift, b.shift)),
  };
}

function withinBound(merged: readonly EndpointCount[], shift_min: number): Pick<Bucket, "endpoints" | "shift"> {
  let [endpoints, shift] = [merged, shift_min];
  if (shift > 0) endpoints = coarsen(endpoints, shift);
  while (binsOf(endpoints) > ENDPOINT_BINS_MAX) {
    shift += 1;
    endpoints = coarsen(endpoints, shift);
  }
  return { endpoints, shift };
}

function binsOf(endpoints: readonly EndpointCount[]): number {
  let bins = 0;
  for (const { sketch } of endpoints) bins += sketch.bins.length;
  return bins;
}

function coarsen(endpoints: readonly EndpointCount[], shift: number): EndpointCount[] {
  return endpoints.map((entry) => ({ ...entry, sketch: coarsenSketch(entry.sketch, shift) }));
}

/** A closed second's bucket: of latencies only the service's sketch stays. */
export function closeBucket(bucket: Bucket): Bucket {
  const endpoints = bucket.endpoints.map(({ name, request_count, error_count, latency_sum_us }) => {
    return { name, request_count, error_count, latency_sum_us, sketch: EMPTY_SKETCH };
  });
  const { request_count, error_count, latency_sum_us, sketch } = bucket;
  return { request_count, error_count, latency_sum_us, sketch, endpoints, classes: NO_CLASSES, shift: 0 };
}

/** Adds up the entries of equal names and sorts by name. */
export function mergeEndpoints(entries: readonly EndpointCount[]): readonly EndpointCount[] {
  if (isAscending(entries)) return entries;
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
            sketch: mergeSketches(before.sketch, entry.sketch),
          },
    );
  }
  return [...merged.values()].sort((a, b) => a.name - b.name);
}

function isAscending(entries: readonly EndpointCount[]): boolean {
  for (let i = 1; i < entries.length; i += 1) if (entries[i - 1]!.name >= entries[i]!.name) return false;
  return true;
}

/** Buckets are immutable and most are stored many times while their minute is open: each is encoded once. */
const encodings = new WeakMap<Bucket, Uint8Array>();

/**
 * Layout: requests, errors, latency sum, sketch with its length, twice the number of endpoints and one more where they have
 * sketches, then the shift and the classes; four numbers and perhaps a sketch for each. What is closed costs nothing for what it has not.
 */
export function encodeBucket(bucket: Bucket): Uint8Array {
  const known = encodings.get(bucket);
  if (known !== undefined) return known;
  const bytes = encoded((writer) => writeBucket(writer, bucket));
  encodings.set(bucket, bytes);
  return bytes;
}

function writeBucket(writer: BinaryWriter, bucket: Bucket): void {
  writer.uint(bucket.request_count);
  writer.uint(bucket.error_count);
  writer.uint(bucket.latency_sum_us);
  writer.bytes(encodeSketch(bucket.sketch));
  const isOpen = bucket.endpoints.some(({ sketch }) => sketch.bins.length > 0);
  writer.uint(bucket.endpoints.length * 2 + (isOpen ? 1 : 0));
  if (isOpen) {
    writer.uint(bucket.shift);
    for (const count of bucket.classes) writer.uint(count);
  }
  for (const endpoint of bucket.endpoints) {
    writer.uint(endpoint.name);
    writer.uint(endpoint.request_count);
    writer.uint(endpoint.error_count);
    writer.uint(endpoint.latency_sum_us);
    if (isOpen) writeSketch(writer, endpoint.sketch);
  }
}

export function decodeBucket(bytes: Uint8Array): Bucket {
  const reader = new BinaryReader(bytes);
  const request_count = reader.uint();
  const error_count = reader.uint();
  const latency_sum_us = reader.uint();
  const sketch = decodeSketch(reader.bytes());
  const header = reader.uint();
  const isOpen = header % 2 === 1;
  const shift = isOpen ? reader.uint() : 0;
  const classes = isOpen ? Array.from({ length: CLASS_COUNT }, () => reader.uint()) : NO_CLASSES;
  const endpoints = Array.from({ length: Math.floor(header / 2) }, () => ({
    name: reader.uint(),
    request_count: reader.uint(),
    error_count: reader.uint(),
    latency_sum_us: reader.uint(),
    sketch: isOpen ? readSketch(reader) : EMPTY_SKETCH,
  }));
  return { request_count, error_count, latency_sum_us, sketch, endpoints, classes, shift };
}
