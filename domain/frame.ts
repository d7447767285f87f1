/** The fixed prefix of a line of the bridge: `{"offset":41,"timestamp":1764020000123,"event":VALUE}`. */
import { asciiBytes, DIGIT_0, matchesAt, MINUS } from "./ascii.ts";
import { integerEnd, UNSURE } from "./plain-json.ts";

const OFFSET = asciiBytes('{"offset":');
const TIMESTAMP = asciiBytes(',"timestamp":');
const EVENT = asciiBytes(',"event":');

/** Number.MAX_SAFE_INTEGER has 16 digits. */
const INTEGER_DIGITS_MAX = 16;

/** The offset of a message whose own headers forged Kafka's metadata. */
export const FORGED_OFFSET = -1;

/**
 * Reads the prefix byte by byte, as the bridge writes it and in no other form: whatever the message's own value holds, it
 * cannot be taken for the prefix.
 */
export class FrameReader {
  /** -1 or more. */
  offset = 0;
  /** Any integer. */
  timestamp_ms = 0;

  private readonly bytes: Uint8Array;
  /** Of the integer read last. */
  private integer = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Where VALUE starts in the line that starts at `from`, or UNSURE where the prefix is not there. */
  read(from: number): number {
    if (!matchesAt(this.bytes, from, OFFSET)) {
      return UNSURE;
    }
    const offset_end = this.readInteger(from + OFFSET.length);
    if (offset_end === UNSURE || this.integer < FORGED_OFFSET || !matchesAt(this.bytes, offset_end, TIMESTAMP)) {
      return UNSURE;
    }
    this.offset = this.integer;
    const timestamp_end = this.readInteger(offset_end + TIMESTAMP.length);
    if (timestamp_end === UNSURE || !matchesAt(this.bytes, timestamp_end, EVENT)) {
      return UNSURE;
    }
    this.timestamp_ms = this.integer;
    return timestamp_end + EVENT.length;
  }

  private readInteger(from: number): number {
    const is_negative = this.bytes[from] === MINUS;
    const start = is_negative ? from + 1 : from;
    const end = integerEnd(this.bytes, start);
    if (end === UNSURE || end - start > INTEGER_DIGITS_MAX) {
      return UNSURE;
    }
    let integer = 0;
    for (let at = start; at < end; at += 1) {
      integer = integer * 10 + this.bytes[at]! - DIGIT_0;
    }
    // `-0` is no number that the bridge writes.
    if (!Number.isSafeInteger(integer) || (is_negative && integer === 0)) {
      return UNSURE;
    }
    this.integer = is_negative ? -integer : integer;
    return end;
  }
}
