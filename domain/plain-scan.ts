/** Bodies of plain HTTP clients: events one a line, or one JSON array of them. */
import { elementEnd } from "./array-splitter.ts";
import { CLOSE_BRACKET, NEWLINE, OPEN_BRACKET } from "./ascii.ts";
import type { BatchScan } from "./batch-scan.ts";
import type { Arrival } from "./event.ts";
import { UNSURE } from "./plain-json.ts";
import type { ScanFailure } from "./scanned-batch.ts";

/** The events have no offset. */
const NO_OFFSET = -1;

const BAD_BODY = "The body must be one JSON array of events, or one event a line as application/x-ndjson.";

/** `json`: the body is said to be one JSON text, so that one event over several lines is one too. */
export function scanPlain(scan: BatchScan, json: boolean): ScanFailure | null {
  const { body } = scan;
  const arrival: Arrival = { timestamp_ms: scan.clock_ms, plain: true, clock_ms: scan.clock_ms };
  const start = scan.trimStart(0, body.length);
  if (start < body.length && body[start] === OPEN_BRACKET) {
    return arrayElements(scan, arrival, start + 1);
  }
  if (!json) {
    return eventLines(scan, arrival);
  }
  scan.line = 1;
  return judgeText(scan, arrival, start, scan.trimEnd(start, body.length))
    ? null
    : scan.failWhole("bad_body", BAD_BODY);
}

function eventLines(scan: BatchScan, arrival: Arrival): ScanFailure | null {
  const { body, events } = scan;
  let at = 0;
  while (at < body.length) {
    scan.line += 1;
    const scanned_end = events.scanner.scan(at);
    let line_end = scanned_end === UNSURE ? UNSURE : events.scanner.skipSpace(scanned_end);
    const is_whole = line_end === body.length || (line_end !== UNSURE && body[line_end] === NEWLINE);
    if (!(is_whole && scan.appendScanned(at, scanned_end, NO_OFFSET, arrival))) {
      line_end = scan.lineEnd(at);
      if (!scan.isBlank(at, line_end)) {
        scan.parse(at, scan.trimEnd(at, line_end), NO_OFFSET, arrival);
      }
    }
    const refused = scan.tooMany();
    if (refused !== null) {
      return refused;
    }
    at = line_end + 1;
  }
  return null;
}

/** The elements from `from`, which follows the opening bracket. */
function arrayElements(scan: BatchScan, arrival: Arrival, from: number): ScanFailure | null {
  const { body } = scan;
  let at = scan.trimStart(from, body.length);
  let end = at < body.length && body[at] === CLOSE_BRACKET ? at : UNSURE;
  while (end === UNSURE || body[end] !== CLOSE_BRACKET) {
    scan.line += 1;
    end = elementEnd(body, at);
    if (end === UNSURE || !judgeText(scan, arrival, at, scan.trimEnd(at, end))) {
      return scan.failWhole("bad_body", BAD_BODY);
    }
    const refused = scan.tooMany();
    if (refused !== null) {
      return refused;
    }
    at = scan.trimStart(end + 1, body.length);
  }
  const is_last = scan.trimStart(end + 1, body.length) === body.length;
  return is_last ? null : scan.failWhole("bad_body", BAD_BODY);
}

/** Judges one JSON text; false where it is none, so that what it is part of is none either. */
function judgeText(scan: BatchScan, arrival: Arrival, start: number, end: number): boolean {
  if (scan.events.scanner.scan(start) === end && scan.appendScanned(start, end, NO_OFFSET, arrival)) {
    return true;
  }
  const reason = scan.parse(start, end, NO_OFFSET, arrival);
  return reason !== "invalid_json" && reason !== "invalid_utf8";
}
