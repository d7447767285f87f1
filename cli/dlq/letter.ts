/** A dead letter: one event that was refused, with why and from where. And the receipt that says that it was sent back. */
import { parseObject } from "../json-object.ts";
import type { TopicRecord } from "./topic-reader.ts";

/** Values are cut here by the receiver and the bridge, because a record has to carry them. */
const VALUE_BYTES_MAX = 900_000;
/** The reason of messages that forged their offset: they have none, and their letters cannot be told from repeats. */
const UNPLACED_OFFSET = -1;

/** Header of a receipt: when the letter was sent back. */
const REPLAYED = "replayed";

export interface Letter {
  /** Tells letters apart: source, topic, partition, offset and the record's time, by slashes. */
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  /** -1: the message forged it. */
  readonly offset: number;
  /** Of the record that was refused, ms; 0 or less where it had none. */
  readonly timestamp_ms: number;
  readonly value: Uint8Array;
  /** Where the letter itself lies. */
  readonly key: Uint8Array | null;
  readonly box_partition: number;
  readonly box_offset: bigint;
  readonly written_ms: number;
}

export type DeadRecord =
  | { readonly kind: "letter"; readonly letter: Letter }
  | { readonly kind: "receipt"; readonly id: string }
  /** Nobody's who keeps to the form: it is counted and left alone. */
  | { readonly kind: "foreign" };

export function readDeadRecord(record: TopicRecord): DeadRecord {
  const { headers } = record;
  const [source, topic, reason] = [headers.get("source"), headers.get("topic"), headers.get("reason")];
  const [partition, offset] = [wholeOf(headers.get("partition")), wholeOf(headers.get("offset"))];
  if (source === undefined || topic === undefined || partition === null || offset === null) return { kind: "foreign" };
  const timestamp_ms = wholeOf(headers.get("timestamp")) ?? 0;
  const place = [source, topic, partition, offset, timestamp_ms];
  // A topic that was made anew gives its offsets out again: the record's time tells the two apart. Letters without an
  // offset are told apart by their own place, so that none is lost; repeats among them are not seen.
  const id = (offset === UNPLACED_OFFSET ? [...place, record.partition, record.offset] : place).join("/");
  if (headers.has(REPLAYED)) return { kind: "receipt", id: headers.get("letter") ?? id };
  if (reason === undefined) return { kind: "foreign" };
  const letter = {
    id,
    reason,
    detail: headers.get("detail") ?? "",
    source,
    topic,
    partition,
    offset,
    timestamp_ms,
    value: record.value ?? new Uint8Array(0),
    key: record.key,
    box_partition: record.partition,
    box_offset: record.offset,
    written_ms: record.timestamp_ms,
  };
  return { kind: "letter", letter };
}

/** The headers of the record that settles a letter. It has the letter's key and no value, so that compaction takes both away. */
export function receiptHeaders(letter: Letter, replayed_at: string): ReadonlyMap<string, string> {
  return new Map([
    [REPLAYED, replayed_at],
    ["letter", letter.id],
    ["source", letter.source],
    ["topic", letter.topic],
    ["partition", String(letter.partition)],
    ["offset", String(letter.offset)],
    ["timestamp", String(letter.timestamp_ms)],
  ]);
}

export function isCut(letter: Letter): boolean {
  return letter.value.length >= VALUE_BYTES_MAX;
}

export function isUnplaced(letter: Letter): boolean {
  return letter.offset === UNPLACED_OFFSET;
}

/** When it happened: the record's own time, or that of the letter. */
export function letterTimeMs(letter: Letter): number {
  return letter.timestamp_ms > 0 ? letter.timestamp_ms : letter.written_ms;
}

/** The service that the value names, whether or not the name is right; null where it names none. */
export function serviceOf(value: Uint8Array): string | null {
  const event = parseObject(value);
  return event !== null && typeof event["service"] === "string" ? event["service"] : null;
}

function wholeOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,16}$/.test(text) ? Number(text) : null;
}
