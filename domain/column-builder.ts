/** Collects accepted events as columns, with lists of names for services, endpoints and versions. */
import { BATCH_LINES_MAX } from "./event.ts";
import type { EventColumns } from "./event-columns.ts";

/** The shortest event that breaks no rule: one-letter names, no time, `"latency_ms":0`. So bytes bound the number of events. */
const EVENT_BYTES_MIN = '{"service":"a","endpoint":"b","latency_ms":0,"status_code":200}'.length;

/** At most so many events are accepted of a body of so many bytes, where no more than `events_max` can be. */
export function eventCapacity(body_bytes: number, events_max: number): number {
  return Math.max(0, Math.min(BATCH_LINES_MAX, events_max, Math.floor(body_bytes / EVENT_BYTES_MIN)));
}

export class ColumnBuilder {
  length = 0;
  readonly services = new NameList();
  readonly endpoints = new NameList();
  readonly versions = new NameList();
  private readonly offset: Float64Array;
  private readonly timestamp_ms: Float64Array;
  private readonly event_time_ms: Float64Array;
  private readonly service: Uint16Array;
  private readonly endpoint: Uint16Array;
  private readonly latency_us: Uint32Array;
  private readonly status_code: Uint16Array;
  private readonly version: Uint16Array;

  constructor(capacity: number) {
    this.offset = new Float64Array(capacity);
    this.timestamp_ms = new Float64Array(capacity);
    this.event_time_ms = new Float64Array(capacity);
    this.service = new Uint16Array(capacity);
    this.endpoint = new Uint16Array(capacity);
    this.latency_us = new Uint32Array(capacity);
    this.status_code = new Uint16Array(capacity);
    this.version = new Uint16Array(capacity);
  }

  /** `service` and `endpoint` are indices of the lists; the others are as EventColumns has them. */
  append(
    offset: number,
    timestamp_ms: number,
    event_time_ms: number,
    service: number,
    endpoint: number,
    latency_us: number,
    status_code: number,
    version: number,
  ): void {
    const i = this.length;
    this.offset[i] = offset;
    this.timestamp_ms[i] = timestamp_ms;
    this.event_time_ms[i] = event_time_ms;
    this.service[i] = service;
    this.endpoint[i] = endpoint;
    this.latency_us[i] = latency_us;
    this.status_code[i] = status_code;
    this.version[i] = version;
    this.length = i + 1;
  }

  /** Copies, so that nothing carries the unused rest of a buffer along. */
  finish(): EventColumns {
    const { length } = this;
    return {
      length,
      offset: this.offset.slice(0, length),
      timestamp_ms: this.timestamp_ms.slice(0, length),
      event_time_ms: this.event_time_ms.slice(0, length),
      service: this.service.slice(0, length),
      endpoint: this.endpoint.slice(0, length),
      latency_us: this.latency_us.slice(0, length),
      status_code: this.status_code.slice(0, length),
      version: this.version.slice(0, length),
      services: this.services.names,
      endpoints: this.endpoints.names,
      versions: this.versions.names,
    };
  }
}

/** Names in the order of their first event. */
class NameList {
  readonly names: string[] = [];
  private readonly indices = new Map<string, number>();

  /** The index of a name, which is added where it is new. */
  indexOf(name: string): number {
    let index = this.indices.get(name);
    if (index === undefined) {
      index = this.names.length;
      this.indices.set(name, index);
      this.names.push(name);
    }
    return index;
  }
}
