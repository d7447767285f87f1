/** What comes of the body of an ingest request. */
import type { RejectReason } from "./event.ts";
import type { EventColumns } from "./event-columns.ts";

/** An event that is refused alone. */
export interface RejectedValue {
  /** From 1, blank lines counted; of an array: the element. */
  readonly line: number;
  /** -1 over plain HTTP and where the metadata was forged. */
  readonly offset: number;
  /** As the line says, so 0 or less where the record has none; the clock over plain HTTP. */
  readonly timestamp_ms: number;
  readonly reason: RejectReason;
  /** The event's own bytes: a view into the body. */
  readonly value: Uint8Array;
}

/** Why a whole batch is refused: the sender speaks the contract wrongly, or (`too_many_…`) has to split. A closed list. */
export type ScanError =
  | "bad_line"
  | "bad_body"
  | "offsets_out_of_range"
  | "offsets_not_ascending"
  | "too_many_lines"
  | "too_many_services";

export interface ScannedBatch {
  readonly ok: true;
  /** The accepted events, in their order in the body. */
  readonly columns: EventColumns;
  /** In their order in the body. */
  readonly rejected: readonly RejectedValue[];
  /** Events, accepted or rejected. */
  readonly lines: number;
  /** The accepted event `i` of the columns as a rejected one, for a reason that the bytes alone do not give. */
  valueOf(i: number, reason: RejectReason): RejectedValue;
}

export interface ScanFailure {
  readonly ok: false;
  readonly error: ScanError;
  /** From 1, blank lines counted: where reading stopped. Null where the fault is not of one line. */
  readonly line: number | null;
  /** One sentence: what is wrong and what would be right. */
  readonly detail: string;
}
