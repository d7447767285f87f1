/**
 * The body of `POST /v1/ingest`, judged event by event: accepted events as columns, refused ones by their bytes. Plain events
 * are read in place (event-scanner.ts); whatever is out of the ordinary goes to parseEvent (event.ts), which is the authority.
 */
import { BatchScan } from "./batch-scan.ts";
import { scanFramed } from "./framed-scan.ts";
import { scanPlain } from "./plain-scan.ts";
import type { ScanFailure, ScannedBatch } from "./scanned-batch.ts";

export type { RejectedValue, ScanFailure, ScannedBatch } from "./scanned-batch.ts";

/**
 * How a body is framed: as lines of the bridge, with the offsets of its headers (both -1 where every line's metadata was
 * forged), or as events of a plain HTTP client, said to be one a line (`ndjson`) or one JSON text (`json`: an array of events, or one
 * event). A plain body that starts with a bracket is an array, whatever it is said to be.
 */
export type Framing = { readonly first_offset: number; readonly last_offset: number } | "ndjson" | "json";

export interface ScanOptions {
  readonly framing: Framing;
  /** The receiving clock, ms. */
  readonly clock_ms: number;
}

/**
 * Judges every event of a body. Linear in its bytes, whatever they are. Of several faults of the whole batch the first met
 * is named; of a failed batch nothing counts. What is returned refers to the body's bytes: they must not change.
 */
export function scanBatch(body: Uint8Array, options: ScanOptions): ScannedBatch | ScanFailure {
  const { framing, clock_ms } = options;
  if (typeof framing === "string") {
    const scan = new BatchScan(body, clock_ms, Infinity);
    return scanPlain(scan, framing === "json") ?? scan.finish();
  }
  const { first_offset, last_offset } = framing;
  // Offsets ascend within their range, so there are no more events than offsets in it.
  const scan = new BatchScan(body, clock_ms, last_offset - first_offset + 1);
  return scanFramed(scan, first_offset, last_offset) ?? scan.finish();
}
