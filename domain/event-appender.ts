/** Turns values of a body into rows of the columns: plain ones straight from their bytes, the others by parseEvent. */
import { asciiText } from "./ascii.ts";
import { viewOf } from "./byte-pattern.ts";
import { ColumnBuilder } from "./column-builder.ts";
import { templateEndpoint } from "./endpoint.ts";
import {
  type Arrival,
  FUTURE_MAX_MS,
  isServiceName,
  parseEvent,
  EVENT_TIME_END_MS,
  PAST_MAX_MS,
  referenceMs,
  type RejectReason,
  RESERVED_SERVICE,
} from "./event.ts";
import type { EventColumns } from "./event-columns.ts";
import { EventScanner } from "./event-scanner.ts";
import { NameTable } from "./name-table.ts";

/** A longer name is too long for its rule, or an endpoint with a query string that is worth parseEvent's while. */
const TEXT_BYTES_MAX = 1_000;
/** A batch has few versions; should it have more, they are looked up by their text. */
const VERSIONS_REMEMBERED = 256;

export class EventAppender {
  readonly scanner: EventScanner;
  private readonly body: Uint8Array;
  private readonly builder: ColumnBuilder;
  /** Bytes of valid services, of endpoints as they were sent, and of versions to their indices in the columns' lists. */
  private readonly services: NameTable;
  private readonly endpoints: NameTable;
  private readonly versions: NameTable;

  constructor(body: Uint8Array, capacity: number) {
    const view = viewOf(body);
    this.body = body;
    this.scanner = new EventScanner(body, view);
    this.builder = new ColumnBuilder(capacity);
    this.services = new NameTable(view, capacity);
    this.endpoints = new NameTable(view, capacity);
    this.versions = new NameTable(view, Math.min(capacity, VERSIONS_REMEMBERED));
  }

  get service_count(): number {
    return this.builder.services.names.length;
  }

  /** Appends the event that the scanner has just read; false, and nothing appended, where parseEvent has to judge it. */
  appendScanned(offset: number, arrival: Arrival): boolean {
    const { scanner, builder } = this;
    const event_time_ms = this.eventTime(arrival);
    if (Number.isNaN(event_time_ms)) {
      return false;
    }
    let service = this.services.find(scanner.service_start, scanner.service_end, scanner.service_hash);
    let endpoint = this.endpoints.find(scanner.endpoint_start, scanner.endpoint_end, scanner.endpoint_hash);
    // Both names must be good before either is listed: a list names only what an accepted event has.
    const new_service = service < 0 ? this.serviceName() : "";
    const new_endpoint = endpoint < 0 ? this.endpointTemplate() : "";
    if (new_service === null || new_endpoint === null) {
      return false;
    }
    if (service < 0) {
      service = builder.services.indexOf(new_service);
      this.services.remember(scanner.service_start, scanner.service_end, scanner.service_hash, service);
    }
    if (endpoint < 0) {
      endpoint = builder.endpoints.indexOf(new_endpoint);
      this.endpoints.remember(scanner.endpoint_start, scanner.endpoint_end, scanner.endpoint_hash, endpoint);
    }
    const { latency_us, status_code } = scanner;
    const version = scanner.has_version ? this.scannedVersion() + 1 : 0;
    builder.append(offset, arrival.timestamp_ms, event_time_ms, service, endpoint, latency_us, status_code, version);
    return true;
  }

  /** Judges the bytes from `start` to before `end`; returns why they are refused, or null and the event is appended. */
  parse(start: number, end: number, offset: number, arrival: Arrival): RejectReason | null {
    const verdict = parseEvent(this.body.subarray(start, end), arrival);
    if (!verdict.ok) {
      return verdict.reason;
    }
    const { builder } = this;
    const { event_time_ms, latency_us, status_code } = verdict.event;
    const service = builder.services.indexOf(verdict.event.service);
    const endpoint = builder.endpoints.indexOf(verdict.event.endpoint);
    const version = verdict.event.version === null ? 0 : builder.versions.indexOf(verdict.event.version) + 1;
    builder.append(offset, arrival.timestamp_ms, event_time_ms, service, endpoint, latency_us, status_code, version);
    return null;
  }

  columns(): EventColumns {
    return this.builder.finish();
  }

  /** The index of the scanned version, which the scanner found to keep its rule. */
  private scannedVersion(): number {
    const { version_start, version_end, version_hash } = this.scanner;
    let version = this.versions.find(version_start, version_end, version_hash);
    if (version < 0) {
      version = this.builder.versions.indexOf(asciiText(this.body, version_start, version_end));
      this.versions.remember(version_start, version_end, version_hash, version);
    }
    return version;
  }

  /** The scanned service, or null where it breaks its rule. */
  private serviceName(): string | null {
    const { service_start, service_end } = this.scanner;
    if (service_end - service_start > TEXT_BYTES_MAX) {
      return null;
    }
    const name = asciiText(this.body, service_start, service_end);
    return isServiceName(name) && name !== RESERVED_SERVICE ? name : null;
  }

  /** The template of the scanned endpoint, or null where it breaks its rule. */
  private endpointTemplate(): string | null {
    const { endpoint_start, endpoint_end } = this.scanner;
    const is_short = endpoint_end - endpoint_start <= TEXT_BYTES_MAX;
    return is_short ? templateEndpoint(asciiText(this.body, endpoint_start, endpoint_end)) : null;
  }

  /** The time of the scanned event, or NaN where it is missing or out of bounds. */
  private eventTime(arrival: Arrival): number {
    if (!this.scanner.has_event_time) {
      return arrival.plain ? arrival.clock_ms : Number.NaN;
    }
    const time_ms = this.scanner.event_time_ms;
    const ahead_ms = time_ms - referenceMs(arrival);
    return ahead_ms <= FUTURE_MAX_MS && ahead_ms >= -PAST_MAX_MS && time_ms >= 0 && time_ms < EVENT_TIME_END_MS
      ? time_ms
      : Number.NaN;
  }
}
