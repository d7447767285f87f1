/**
 * What the Worker sends to one service's object: the service's events of one batch, already added up by second, so that
 * the object merges sums instead of reading events; and, where a batch overlaps what the object has applied, the events
 * themselves, each with its offset.
 */
import { BinaryReader, BinaryWriter } from "./binary.ts";
import type { EndpointCount } from "./bucket.ts";
import type { EventColumns } from "./event-columns.ts";
import type { BucketDelta } from "./minute.ts";
import { decodeSketch, encodeSketch, latencyBin, type Sketch, sketchOfBins } from "./sketch.ts";

/** The events of one service, as columns of one object call. Index i of each column is one event. */
export interface ServiceEvents {
  readonly offsets: Float64Array;
  readonly timestamps_ms: Float64Array;
  readonly event_times_ms: Float64Array;
  /** Indices into `endpoints`. */
  readonly endpoint: Uint16Array;
  readonly latency_us: Uint32Array;
  readonly status_code: Uint16Array;
  readonly endpoints: readonly string[];
}

/** One (endpoint, status code) of a second. */
interface Cell {
  readonly endpoint: number;
  readonly status_code: number;
  request_count: number;
  latency_sum_us: number;
}

interface SecondSums {
  readonly second: number;
  readonly sketch: Sketch;
  readonly cells: readonly Cell[];
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
    endpoints: [] as string[],
  };
  // 0 stands for a name that was not met yet.
  const own_names = new Uint16Array(columns.endpoints.length);
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

function sumSecond(events: ServiceEvents, second: number, indices: readonly number[]): SecondSums {
  const cells = new Map<number, Cell>();
  const bins = new Uint16Array(indices.length);
  for (let n = 0; n < indices.length; n += 1) {
    const i = indices[n]!;
    const latency_us = events.latency_us[i]!;
    bins[n] = latencyBin(latency_us);
    const endpoint = events.endpoint[i]!;
    const status_code = events.status_code[i]!;
    const key = endpoint * 1024 + status_code;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { endpoint, status_code, request_count: 1, latency_sum_us: latency_us });
    else {
      cell.request_count += 1;
      cell.latency_sum_us += latency_us;
    }
  }
  return { second, sketch: sketchOfBins(bins), cells: [...cells.values()] };
}

/** The deltas that an object adds to its buckets, with `isError` deciding which status codes are errors. */
export function bucketDeltas(sums: ServiceSums, isError: (status_code: number) => boolean): BucketDelta[] {
  return sums.seconds.map(({ second, sketch, cells }) => {
    const byName = new Map<
      number,
      { name: number; request_count: number; error_count: number; latency_sum_us: number }
    >();
    let [request_count, error_count, latency_sum_us] = [0, 0, 0];
    for (const cell of cells) {
      const errors = isError(cell.status_code) ? cell.request_count : 0;
      const entry = byName.get(cell.endpoint) ?? {
        name: cell.endpoint,
        request_count: 0,
        error_count: 0,
        latency_sum_us: 0,
      };
      entry.request_count += cell.request_count;
      entry.error_count += errors;
      entry.latency_sum_us += cell.latency_sum_us;
      byName.set(cell.endpoint, entry);
      request_count += cell.request_count;
      error_count += errors;
      latency_sum_us += cell.latency_sum_us;
    }
    const endpoints: readonly EndpointCount[] = [...byName.values()];
    return { second, bucket: { request_count, error_count, latency_sum_us, sketch, endpoints } };
  });
}

/** Layout: names; seconds, each with its sketch and its cells. */
export function encodeSums(sums: ServiceSums): Uint8Array {
  const writer = new BinaryWriter(2048);
  writer.uint(sums.endpoints.length);
  for (const name of sums.endpoints) writer.text(name);
  writer.uint(sums.seconds.length);
  for (const { second, sketch, cells } of sums.seconds) {
    writer.uint(second);
    writer.bytes(encodeSketch(sketch));
    writer.uint(cells.length);
    for (const cell of cells) {
      writer.uint(cell.endpoint);
      writer.uint(cell.status_code);
      writer.uint(cell.request_count);
      writer.uint(cell.latency_sum_us);
    }
  }
  return writer.finish();
}

export function decodeSums(bytes: Uint8Array): ServiceSums {
  const reader = new BinaryReader(bytes);
  const endpoints = Array.from({ length: reader.uint() }, () => reader.text());
  const seconds = Array.from({ length: reader.uint() }, () => {
    const second = reader.uint();
    const sketch = decodeSketch(reader.bytes());
    const cells = Array.from({ length: reader.uint() }, () => ({
      endpoint: reader.uint(),
      status_code: reader.uint(),
      request_count: reader.uint(),
      latency_sum_us: reader.uint(),
    }));
    return { second, sketch, cells };
  });
  return { endpoints, seconds };
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
