/**
 * What the Worker sends to one service's object: the service's events of one batch, already added up by second, so that
 * the object merges sums instead of reading events; and, where a batch overlaps what the object has applied, the events
 * themselves, each with its offset.
 */
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { bucketOf, type EndpointCount } from "./bucket.ts";
import { eachEndpointSketch, endpointLatency } from "./endpoint-latencies.ts";
import type { EventColumns } from "./event-columns.ts";
import type { BucketDelta } from "./minute.ts";
import { readSketch, type Sketch, writeSketch } from "./sketch.ts";
import { classOf, NO_CLASSES, type StatusClasses } from "./status-classes.ts";

/** The events of one service, as columns of one object call. Index i of each column is one event. */
export interface ServiceEvents {
  readonly offsets: Float64Array;
  readonly timestamps_ms: Float64Array;
  readonly event_times_ms: Float64Array;
  /** Indices into `endpoints`. */
  readonly endpoint: Uint16Array;
  readonly latency_us: Uint32Array;
  readonly status_code: Uint16Array;
  /** 0 without a version, else one more than its index in `versions`. */
  readonly version: Uint16Array;
  readonly endpoints: readonly string[];
  readonly versions: readonly string[];
}

/** Versions that a second tells; a service has two of them while it is deployed. */
const SECOND_VERSIONS_MAX = 8;

/** The requests of an endpoint with one status code. */
interface StatusSums {
  readonly status_code: number;
  request_count: number;
  latency_sum_us: number;
}

interface EndpointSums {
  readonly endpoint: number;
  readonly sketch: Sketch;
  readonly statuses: readonly StatusSums[];
}

interface SecondSums {
  readonly second: number;
  readonly endpoints: readonly EndpointSums[];
  /** In the order of their first event. */
  readonly versions: readonly string[];
}

/** Sums by second; which status codes are errors is decided by whoever reads them. */
export interface ServiceSums {
  readonly endpoints: readonly string[];
  readonly seconds: readonly SecondSums[];
}

/** Splits the columns of a whole batch by service: for each, the indices of its events in order. */
export function indicesByService(columns: EventColumns): Uint32Array[] {
  const counts = new Uint32Array(columns.services.length);
  for (let i = 0; i < columns.length; i += 1) counts[columns.service[i]!]! += 1;
  const groups = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(counts.length);
  for (let i = 0; i < columns.length; i += 1) {
    const service = columns.service[i]!;
    groups[service]![filled[service]!++] = i;
  }
  return groups;
}

/** The events at `indices`, with a name table of their own. Plain loops: `from` with a function costs ten times as much. */
export function selectEvents(columns: EventColumns, indices: Uint32Array): ServiceEvents {
  const { length } = indices;
  const events = {
    offsets: new Float64Array(length),
    timestamps_ms: new Float64Array(length),
    event_times_ms: new Float64Array(length),
    endpoint: new Uint16Array(length),
    latency_us: new Uint32Array(length),
    status_code: new Uint16Array(length),
    version: new Uint16Array(length),
    endpoints: [] as string[],
    versions: [] as string[],
  };
  // 0 stands for a name that was not met yet; for versions, as in their column, also for none.
  const own_names = new Uint16Array(columns.endpoints.length);
  const own_versions = new Uint16Array(columns.versions.length);
  for (let n = 0; n < length; n += 1) {
    const i = indices[n]!;
    events.offsets[n] = columns.offset[i]!;
    events.timestamps_ms[n] = columns.timestamp_ms[i]!;
    events.event_times_ms[n] = columns.event_time_ms[i]!;
    events.latency_us[n] = columns.latency_us[i]!;
    events.status_code[n] = columns.status_code[i]!;
    const name = columns.endpoint[i]!;
    if (own_names[name] === 0) own_names[name] = events.endpoints.push(columns.endpoints[name]!);
    events.endpoint[n] = own_names[name]! - 1;
    const version = columns.version[i]!;
    if (version === 0) continue;
    if (own_versions[version - 1] === 0)
      own_versions[version - 1] = events.versions.push(columns.versions[version - 1]!);
    events.version[n] = own_versions[version - 1]!;
  }
  return events;
}

/** Adds up the events for which `wanted` (all, if absent) holds. */
export function sumEvents(events: ServiceEvents, wanted?: (index: number) => boolean): ServiceSums {
  const bySecond = new Map<number, number[]>();
  let second = -1;
  let indices: number[] = [];
  for (let i = 0; i < events.event_times_ms.length; i += 1) {
    if (wanted !== undefined && !wanted(i)) continue;
    const own = Math.floor(events.event_times_ms[i]! / 1000);
    // Events mostly come in order of time: the map is asked once a second, not once an event.
    if (own !== second) {
      second = own;
      indices = bySecond.get(own) ?? [];
      if (indices.length === 0) bySecond.set(own, indices);
    }
    indices.push(i);
  }
  const seconds = [...bySecond].map(([own, list]) => sumSecond(events, own, list)).sort((a, b) => a.second - b.second);
  return { endpoints: events.endpoints, seconds };
}

/** Bits of a status code in the number of a cell; the endpoint stands above them. */
const STATUS_BITS = 10;

function sumSecond(events: ServiceEvents, second: number, indices: readonly number[]): SecondSums {
  const cells = new Map<number, StatusSums>();
  const latencies = new Uint32Array(indices.length);
  const versions = new Set<number>();
  let last_version = 0;
  for (let n = 0; n < indices.length; n += 1) {
    const i = indices[n]!;
    const latency_us = events.latency_us[i]!;
    const endpoint = events.endpoint[i]!;
    latencies[n] = endpointLatency(endpoint, latency_us);
    const status_code = events.status_code[i]!;
    const key = (endpoint << STATUS_BITS) | status_code;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { status_code, request_count: 1, latency_sum_us: latency_us });
    else {
      cell.request_count += 1;
      cell.latency_sum_us += latency_us;
    }
    const version = events.version[i]!;
    if (version !== last_version && version !== 0 && versions.size < SECOND_VERSIONS_MAX) versions.add(version);
    last_version = version;
  }
  const endpoints = sumsByEndpoint(latencies, cells);
  return { second, endpoints, versions: Array.from(versions, (version) => events.versions[version - 1]!) };
}

function sumsByEndpoint(latencies: Uint32Array, cells: ReadonlyMap<number, StatusSums>): EndpointSums[] {
  const byEndpoint = new Map<number, StatusSums[]>();
  const sums: EndpointSums[] = [];
  eachEndpointSketch(latencies, (endpoint, sketch) => {
    const statuses: StatusSums[] = [];
    byEndpoint.set(endpoint, statuses);
    sums.push({ endpoint, sketch, statuses });
  });
  for (const [key, cell] of cells) byEndpoint.get(key >>> STATUS_BITS)!.push(cell);
  return sums;
}

/** The deltas that an object adds to its buckets, with `isError` deciding which status codes are errors. */
export function bucketDeltas(sums: ServiceSums, isError: (status_code: number) => boolean): BucketDelta[] {
  return sums.seconds.map(({ second, endpoints, versions }) => {
    const counts = endpoints.map((own) => endpointCount(own, isError));
    return { second, versions, bucket: bucketOf(counts, classesOf(endpoints)) };
  });
}

function classesOf(endpoints: readonly EndpointSums[]): StatusClasses {
  const classes = [...NO_CLASSES];
  for (const { statuses } of endpoints)
    for (const { status_code, request_count } of statuses) classes[classOf(status_code)]! += request_count;
  return classes;
}

function endpointCount(sums: EndpointSums, isError: (status_code: number) => boolean): EndpointCount {
  let [request_count, error_count, latency_sum_us] = [0, 0, 0];
  for (const status of sums.statuses) {
    request_count += status.request_count;
    error_count += isError(status.status_code) ? status.request_count : 0;
    latency_sum_us += status.latency_sum_us;
  }
  return { name: sums.endpoint, request_count, error_count, latency_sum_us, sketch: sums.sketch };
}

/** Layout: endpoint names; versions; seconds, each with its endpoints and indices of its versions. */
export function encodeSums(sums: ServiceSums): Uint8Array {
  const writer = new BinaryWriter(4096);
  writer.uint(sums.endpoints.length);
  for (const name of sums.endpoints) writer.text(name);
  const versions = new Map<string, number>();
  for (const second of sums.seconds) {
    for (const version of second.versions) if (!versions.has(version)) versions.set(version, versions.size);
  }
  writer.uint(versions.size);
  for (const version of versions.keys()) writer.text(version);
  writer.uint(sums.seconds.length);
  for (const second of sums.seconds) {
    writer.uint(second.second);
    writer.uint(second.endpoints.length);
    for (const endpoint of second.endpoints) writeEndpoint(writer, endpoint);
    writer.uint(second.versions.length);
    for (const version of second.versions) writer.uint(versions.get(version)!);
  }
  return writer.finish();
}

/** Layout: endpoint, sketch, status codes with two numbers each. */
function writeEndpoint(writer: BinaryWriter, { endpoint, sketch, statuses }: EndpointSums): void {
  writer.uint(endpoint);
  writeSketch(writer, sketch);
  writer.uint(statuses.length);
  for (const { status_code, request_count, latency_sum_us } of statuses) {
    writer.uint(status_code);
    writer.uint(request_count);
    writer.uint(latency_sum_us);
  }
}

export function decodeSums(bytes: Uint8Array): ServiceSums {
  const reader = new BinaryReader(bytes);
  const endpoints = Array.from({ length: reader.uint() }, () => reader.text());
  const versions = Array.from({ length: reader.uint() }, () => reader.text());
  const seconds = Array.from({ length: reader.uint() }, () => ({
    second: reader.uint(),
    endpoints: Array.from({ length: reader.uint() }, () => readEndpoint(reader)),
    versions: Array.from({ length: reader.uint() }, () => versions[reader.uint()]!),
  }));
  return { endpoints, seconds };
}

function readEndpoint(reader: BinaryReader): EndpointSums {
  const endpoint = reader.uint();
  const sketch = readSketch(reader);
  const statuses = Array.from({ length: reader.uint() }, () => ({
    status_code: reader.uint(),
    request_count: reader.uint(),
    latency_sum_us: reader.uint(),
  }));
  return { endpoint, sketch, statuses };
}

/** What the sums of a batch of one service need beside them for exactly-once and the watermark. */
export interface BatchFacts {
  readonly event_count: number;
  /** Smallest and largest offset of the service's events; -1 without a position. */
  readonly offset_min: number;
  readonly offset_max: number;
  /** Newest record timestamp and newest event time of the service's events, ms. */
  readonly timestamp_max_ms: number;
  readonly event_time_max_ms: number;
}

export function batchFacts(events: ServiceEvents): BatchFacts {
  let [offset_min, offset_max, timestamp_max_ms, event_time_max_ms] = [Infinity, -1, -Infinity, -Infinity];
  for (let i = 0; i < events.offsets.length; i += 1) {
    offset_min = Math.min(offset_min, events.offsets[i]!);
    offset_max = Math.max(offset_max, events.offsets[i]!);
    timestamp_max_ms = Math.max(timestamp_max_ms, events.timestamps_ms[i]!);
    event_time_max_ms = Math.max(event_time_max_ms, events.event_times_ms[i]!);
  }
  return { event_count: events.offsets.length, offset_min, offset_max, timestamp_max_ms, event_time_max_ms };
}
