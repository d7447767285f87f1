/** The fixed prefix of a line of the bridge: `{"offset":41,"timestamp":1764020000123,"event":VALUE}`. */
import { DIGIT_0, isDigit, MINUS } from "./ascii.ts";
import { bytePattern, patternAt, viewOf } from "./byte-pattern.ts";
import { UNSURE } from "./plain-json.ts";

const OFFSET = '{"offset":';
const TIMESTAMP = ',"timestamp":';
const EVENT = ',"event":';
const OFFSET_PATTERN = bytePattern(OFFSET);
const TIMESTAMP_PATTERN = bytePattern(TIMESTAMP);
const EVENT_PATTERN = bytePattern(EVENT);

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
  private readonly view: DataView;
  /** Of the integer read last. */
  private integer = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  /** Where VALUE starts in the line that starts at `from`, or UNSURE where the prefix is not there. */
  read(from: number): number {
    if (!patternAt(this.view, from, OFFSET_PATTERN)) {
      return UNSURE;
    }
    const offset_end = this.readInteger(from + OFFSET.length);
    if (offset_end === UNSURE || this.integer < FORGED_OFFSET || !patternAt(this.view, offset_end, TIMESTAMP_PATTERN)) {
      return UNSURE;
    }
    this.offset = this.integer;
    const timestamp_end = this.readInteger(offset_end + TIMESTAMP.length);
    if (timestamp_end === UNSURE || !patternAt(this.view, timestamp_end, EVENT_PATTERN)) {
      return UNSURE;
    }
    this.timestamp_ms = this.integer;
    return timestamp_end + EVENT.length;
  }

  private readInteger(from: number): number {
    const { bytes } = this;
    const start = bytes[from] === MINUS ? from + 1 : from;
    const end = Math.min(start + INTEGER_DIGITS_MAX, bytes.length);
    let integer = 0;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const four = fourDigits(this.view.getInt32(at, true));
      if (four < 0) {
        break;
      }
      integer = integer * 10_000 + four;
    }
    for (; at < end && isDigit(bytes[at]); at += 1) {
      integer = integer * 10 + bytes[at]! - DIGIT_0;
    }
    const led_by_zero = bytes[start] === DIGIT_0 && (at > start + 1 || start > from);
    if (at === start || led_by_zero || integer > Number.MAX_SAFE_INTEGER) {
      return UNSURE;
    }
    this.integer = start > from ? -integer : integer;
    return at;
  }
}

/** The number that four digits write, the first in the lowest byte; negative where a byte is no digit. */
function fourDigits(word: number): number {
  const digits = word - 0x30303030;
  if (((digits | (word + 0x46464646) | word) & 0x80808080) !== 0) {
    return -1;
  }
  const pairs = (digits * 10 + (digits >>> 8)) & 0x00ff00ff;
  return (pairs & 0xff) * 100 + (pairs >>> 16);
}
