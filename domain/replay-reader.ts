/**
 * Reads the events of a replay, one a line, from chunks of whole lines. Plain lines are read in place (event-scanner.ts);
 * whatever is out of the ordinary goes to parseEvent (event.ts), which is the authority, as in an ingest request. Unlike there,
 * a line has neither a record's timestamp nor a time of receipt: its event time is required, and no date is refused but
 * those before 1970, which no clock of a service shows.
 */
import { asciiText, NEWLINE, RETURN, SPACE, TAB } from "./ascii.ts";
import { viewOf } from "./byte-pattern.ts";
import { templateEndpoint } from "./endpoint.ts";
import {
  type Arrival,
  BODY_BYTES_MAX,
  isServiceName,
  parseEvent,
  type RejectReason,
  RESERVED_SERVICE,
} from "./event.ts";
import { EventScanner } from "./event-scanner.ts";
import { NameTable } from "./name-table.ts";
import { UNSURE } from "./plain-json.ts";

/** No record and no clock: comparisons with NaN are false, so that no date is too far ahead or behind. */
const ANY_DATE: Arrival = { timestamp_ms: 0, plain: false, clock_ms: Number.NaN };
/** Names remembered in a chunk; further ones are looked up by their text. */
const NAMES_MAX = 2_048;
const VERSIONS_REMEMBERED = 256;
/** A longer endpoint is too long for its rule, or one with a query string that is worth parseEvent's while. */
const TEXT_BYTES_MAX = 1_000;

/** Where lines go, in their order. `line` is from 1. */
export interface ReplaySink {
  /** The number of a service; negative where there are too many. */
  serviceOf(name: string): number;
  onEvent(
    service: number,
    event_time_ms: number,
    endpoint: string,
    latency_us: number,
    status_code: number,
    version: string | null,
    line: number,
  ): void;
  onWrong(line: number, reason: RejectReason): void;
}

export class ReplayReader {
  readonly #sink: ReplaySink;
  #line = 0;

  constructor(sink: ReplaySink) {
    this.#sink = sink;
  }

  /** Reads whole lines; the newline of the last one may be missing. */
  read(bytes: Uint8Array): void {
    const chunk = new Chunk(bytes);
    const { scanner } = chunk;
    let at = 0;
    while (at < bytes.length) {
      this.#line += 1;
      const scanned_end = scanner.scan(at);
      let end = scanned_end === UNSURE ? UNSURE : scanner.skipSpace(scanned_end);
      const is_whole = end === bytes.length || (end !== UNSURE && bytes[end] === NEWLINE);
      if (!is_whole || end - at > BODY_BYTES_MAX || !this.#takeScanned(chunk)) {
        end = bytes.indexOf(NEWLINE, at);
        end = end < 0 ? bytes.length : end;
        this.#judge(bytes.subarray(at, end));
      }
      at = end + 1;
    }
  }

  /** Hands on the event that the scanner has just read; false, and nothing done, where parseEvent has to judge it. */
  #takeScanned(chunk: Chunk): boolean {
    const { scanner } = chunk;
    if (!scanner.has_event_time || scanner.event_time_ms < 0) return false;
    const { service_start, service_end, service_hash, endpoint_start, endpoint_end, endpoint_hash } = scanner;
    const endpoint = chunk.endpointAt(endpoint_start, endpoint_end, endpoint_hash);
    if (endpoint === null) return false;
    let service = chunk.services.find(service_start, service_end, service_hash);
    if (service < 0) {
      const name = asciiText(chunk.bytes, service_start, Math.min(service_end, service_start + TEXT_BYTES_MAX));
      service = isServiceName(name) && name !== RESERVED_SERVICE ? this.#sink.serviceOf(name) : UNSURE;
      if (service < 0) return false;
      chunk.services.remember(service_start, service_end, service_hash, service);
    }
    const { event_time_ms, latency_us, status_code } = scanner;
    this.#sink.onEvent(service, event_time_ms, endpoint, latency_us, status_code, chunk.version, this.#line);
    return true;
  }

  #judge(line: Uint8Array): void {
    if (isBlank(line)) return;
    if (line.length > BODY_BYTES_MAX) return this.#sink.onWrong(this.#line, "too_large");
    const verdict = parseEvent(line, ANY_DATE);
    if (!verdict.ok) return this.#sink.onWrong(this.#line, verdict.reason);
    const { event_time_ms, endpoint, latency_us, status_code, version } = verdict.event;
    if (event_time_ms < 0) return this.#sink.onWrong(this.#line, "past");
    const service = this.#sink.serviceOf(verdict.event.service);
    if (service < 0) return this.#sink.onWrong(this.#line, "too_many_services");
    this.#sink.onEvent(service, event_time_ms, endpoint, latency_us, status_code, version, this.#line);
  }
}

/** What is remembered of the bytes of a chunk. */
class Chunk {
  readonly bytes: Uint8Array;
  readonly scanner: EventScanner;
  readonly services: NameTable;
  readonly #endpoint_numbers: NameTable;
  /** Templates by number and back, so that each is one string however many paths lead to it. */
  readonly #templates: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #version_numbers: NameTable;
  readonly #versions: string[] = [];

  constructor(bytes: Uint8Array) {
    const view = viewOf(bytes);
    this.bytes = bytes;
    this.scanner = new EventScanner(bytes, view);
    this.services = new NameTable(view, NAMES_MAX);
    this.#endpoint_numbers = new NameTable(view, NAMES_MAX);
    this.#version_numbers = new NameTable(view, VERSIONS_REMEMBERED);
  }

  /** Of the scanned event. */
  get version(): string | null {
    if (!this.scanner.has_version) return null;
    const { version_start, version_end, version_hash } = this.scanner;
    let number = this.#version_numbers.find(version_start, version_end, version_hash);
    if (number < 0) {
      number = this.#versions.push(asciiText(this.bytes, version_start, version_end)) - 1;
      this.#version_numbers.remember(version_start, version_end, version_hash, number);
    }
    return this.#versions[number]!;
  }

  /** The template of an endpoint; null where parseEvent has to judge it. */
  endpointAt(start: number, end: number, hash: number): string | null {
    const known = this.#endpoint_numbers.find(start, end, hash);
    if (known >= 0) return this.#templates[known]!;
    if (end - start > TEXT_BYTES_MAX) return null;
    const template = templateEndpoint(asciiText(this.bytes, start, end));
    if (template === null) return null;
    let number = this.#numbers.get(template);
    if (number === undefined) {
      number = this.#templates.push(template) - 1;
      this.#numbers.set(template, number);
    }
    this.#endpoint_numbers.remember(start, end, hash, number);
    return this.#templates[number]!;
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === SPACE || byte === TAB || byte === RETURN);
}
