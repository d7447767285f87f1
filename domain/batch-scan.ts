/** What the framings of a body share while it is read: the events so far, and the bounds of a batch. */
import { NEWLINE, RETURN, SPACE, TAB } from "./ascii.ts";
import { eventCapacity } from "./column-builder.ts";
import { EventAppender } from "./event-appender.ts";
import { type Arrival, BATCH_LINES_MAX, BATCH_SERVICES_MAX, type RejectReason } from "./event.ts";
import type { RejectedValue, ScanError, ScanFailure, ScannedBatch } from "./scanned-batch.ts";
import { ValueRanges } from "./value-ranges.ts";

export class BatchScan {
  readonly body: Uint8Array;
  readonly clock_ms: number;
  readonly events: EventAppender;
  readonly rejected: RejectedValue[] = [];
  private readonly accepted: ValueRanges;
  /** Events, accepted or rejected. */
  lines = 0;
  /** The line, or element of an array, that is being read, from 1. */
  line = 0;

  /** `events_max`: no more events than this can be accepted. */
  constructor(body: Uint8Array, clock_ms: number, events_max: number) {
    this.body = body;
    this.clock_ms = clock_ms;
    const capacity = eventCapacity(body.length, events_max);
    this.events = new EventAppender(body, capacity);
    this.accepted = new ValueRanges(capacity);
  }

  /**
   * Appends the event that the scanner has just read, whose value stands from `start` to before `end`; false, and nothing
   * done, where parseEvent has to judge it.
   */
  appendScanned(start: number, end: number, offset: number, arrival: Arrival): boolean {
    if (!this.events.appendScanned(offset, arrival)) {
      return false;
    }
    this.lines += 1;
    this.accepted.append(this.line, start, end);
    return true;
  }

  /** Has parseEvent judge the bytes from `start` to before `end`; returns why they are refused, or null. */
  parse(start: number, end: number, offset: number, arrival: Arrival): RejectReason | null {
    const reason = this.events.parse(start, end, offset, arrival);
    if (reason !== null) {
      this.reject(reason, offset, arrival.timestamp_ms, start, end);
      return reason;
    }
    this.lines += 1;
    this.accepted.append(this.line, start, end);
    return null;
  }

  reject(reason: RejectReason, offset: number, timestamp_ms: number, start: number, end: number): void {
    this.lines += 1;
    this.rejected.push({ line: this.line, offset, timestamp_ms, reason, value: this.body.subarray(start, end) });
  }

  /** What was read, once nothing refused it. */
  finish(): ScannedBatch {
    const { accepted, body, rejected, lines } = this;
    const columns = this.events.columns();
    const valueOf = (i: number, reason: RejectReason): RejectedValue => {
      const { line, start, end } = accepted.at(i);
      const value = body.subarray(start, end);
      return { line, offset: columns.offset[i]!, timestamp_ms: columns.timestamp_ms[i]!, reason, value };
    };
    return { ok: true, columns, rejected, lines, valueOf };
  }

  /** Fails the batch for what the present line shows. */
  fail(error: ScanError, detail: string): ScanFailure {
    return { ok: false, error, line: this.line, detail };
  }

  failWhole(error: ScanError, detail: string): ScanFailure {
    return { ok: false, error, line: null, detail };
  }

  /** The refusal of a batch that has grown past what a request may hold, or null. */
  tooMany(): ScanFailure | null {
    if (this.lines > BATCH_LINES_MAX) {
      return this.fail("too_many_lines", `A batch must hold at most ${BATCH_LINES_MAX} events; split it.`);
    }
    if (this.events.service_count > BATCH_SERVICES_MAX) {
      const detail = `A batch must hold events of at most ${BATCH_SERVICES_MAX} services; split it.`;
      return this.fail("too_many_services", detail);
    }
    return null;
  }

  /** Where the line ends that `from` lies in: its newline, or the end of the body. */
  lineEnd(from: number): number {
    const end = this.body.indexOf(NEWLINE, from);
    return end < 0 ? this.body.length : end;
  }

  isBlank(start: number, end: number): boolean {
    return this.trimStart(start, end) === end;
  }

  /** The first byte from `start` on that is not JSON's white space, newlines included; `end` where there is none. */
  trimStart(start: number, end: number): number {
    let at = start;
    while (at < end && isSpace(this.body[at])) {
      at += 1;
    }
    return at;
  }

  /** The end of what is left of the bytes from `start` to before `end` without the white space that ends them. */
  trimEnd(start: number, end: number): number {
    let at = end;
    while (at > start && isSpace(this.body[at - 1])) {
      at -= 1;
    }
    return at;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN || byte === NEWLINE;
}
