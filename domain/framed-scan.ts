/** Lines of the bridge: each a fixed prefix with offset and timestamp around the bytes of one message. */
import { CLOSE_BRACE, NEWLINE } from "./ascii.ts";
import type { BatchScan } from "./batch-scan.ts";
import type { Arrival } from "./event.ts";
import { FORGED_OFFSET, FrameReader } from "./frame.ts";
import { UNSURE } from "./plain-json.ts";
import type { ScanFailure } from "./scanned-batch.ts";

const BAD_LINE =
  'A line must read {"offset":41,"timestamp":1764020000123,"event":VALUE}, with nothing before or after it.';

/** Reads every line; the first line that speaks the contract wrongly refuses them all. */
export function scanFramed(scan: BatchScan, first_offset: number, last_offset: number): ScanFailure | null {
  const { body } = scan;
  const frame = new FrameReader(body);
  const arrival = { timestamp_ms: 0, plain: false, clock_ms: scan.clock_ms };
  let newest_offset = FORGED_OFFSET;
  let at = 0;
  while (at < body.length) {
    scan.line += 1;
    const value_at = frame.read(at);
    if (value_at === UNSURE) {
      const line_end = scan.lineEnd(at);
      if (!scan.isBlank(at, line_end)) {
        return scan.fail("bad_line", BAD_LINE);
      }
      at = line_end + 1;
      continue;
    }
    if (frame.offset !== FORGED_OFFSET) {
      if (frame.offset < first_offset || frame.offset > last_offset) {
        const detail = `Offset ${frame.offset} must lie within the headers' range, ${first_offset} to ${last_offset}.`;
        return scan.fail("offsets_out_of_range", detail);
      }
      if (frame.offset <= newest_offset) {
        const detail = `Offset ${frame.offset} must be greater than ${newest_offset}, which came before it.`;
        return scan.fail("offsets_not_ascending", detail);
      }
      newest_offset = frame.offset;
    }
    arrival.timestamp_ms = frame.timestamp_ms;
    at =
      frame.offset === FORGED_OFFSET
        ? forgedLine(scan, arrival, value_at)
        : valueLine(scan, frame.offset, arrival, value_at);
    if (at === UNSURE) {
      return scan.fail("bad_line", BAD_LINE);
    }
    const refused = scan.tooMany();
    if (refused !== null) {
      return refused;
    }
  }
  return null;
}

/** Judges the value at `value_at`; returns where the next line starts, or UNSURE where the line lacks its closing brace. */
function valueLine(scan: BatchScan, offset: number, arrival: Arrival, value_at: number): number {
  const { body, events } = scan;
  const value_end = events.scanner.scan(value_at);
  if (value_end !== UNSURE) {
    // The scanner stops at newlines, so a brace that ends the line here is the one that ends the frame.
    const brace_at = events.scanner.skipSpace(value_end);
    if (endsFrame(body, brace_at) && scan.appendScanned(value_at, brace_at, offset, arrival)) {
      return brace_at + 2;
    }
  }
  const line_end = scan.lineEnd(value_at);
  if (line_end === value_at || body[line_end - 1] !== CLOSE_BRACE) {
    return UNSURE;
  }
  scan.parse(value_at, line_end - 1, offset, arrival);
  return line_end + 1;
}

function endsFrame(body: Uint8Array, at: number): boolean {
  return at < body.length && body[at] === CLOSE_BRACE && (at + 1 === body.length || body[at + 1] === NEWLINE);
}

/** A message whose metadata cannot be believed is refused unread. */
function forgedLine(scan: BatchScan, arrival: Arrival, value_at: number): number {
  const line_end = scan.lineEnd(value_at);
  if (line_end === value_at || scan.body[line_end - 1] !== CLOSE_BRACE) {
    return UNSURE;
  }
  scan.reject("reserved_header", FORGED_OFFSET, arrival.timestamp_ms, value_at, line_end - 1);
  return line_end + 1;
}
