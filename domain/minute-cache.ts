/** Reads event times from bytes. Neighbours in a batch share their minute, so the calendar is worked out once a minute. */
import { asciiText, COLON, DIGIT_0, isDigit, MINUS, PLUS, POINT, QUOTE, UPPER_Z } from "./ascii.ts";
import { UNSURE } from "./plain-json.ts";
import { parseRfc3339 } from "./rfc3339.ts";

/** `YYYY-MM-DDTHH:MM`, and with `:SS` */
const MINUTE_LENGTH = 16;
const SECOND_LENGTH = 19;
/** `"YYYY-MM-DDTHH:MM:SSZ"` */
const STRING_LENGTH_MIN = 22;
const MINUTE_MS = 60_000;

export class MinuteCache {
  /** The time read last, epoch ms. */
  time_ms = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  /** The text of the minute read last, as four words; no text has these zeros. */
  private minute = new Int32Array(MINUTE_LENGTH / 4);
  private minute_ms = 0;
  /** The one before it: where a minute ends, events out of order go to and fro between two. */
  private before = new Int32Array(MINUTE_LENGTH / 4);
  private before_ms = 0;

  constructor(bytes: Uint8Array, view: DataView) {
    this.bytes = bytes;
    this.view = view;
  }

  /**
   * Reads the JSON string whose quote stands at `at` as parseRfc3339 does, into `time_ms`, and returns where it ends (after its
   * quote). Or UNSURE: then it is no time, or an unusual one (a leap second, a lower-case `z`) that parseRfc3339 has to judge.
   */
  read(at: number): number {
    const { bytes } = this;
    const start = at + 1;
    if (at + STRING_LENGTH_MIN > bytes.length || bytes[at] !== QUOTE || bytes[start + MINUTE_LENGTH] !== COLON) {
      return UNSURE;
    }
    const tens = bytes[start + 17]! - DIGIT_0;
    const ones = bytes[start + 18]! - DIGIT_0;
    if (tens < 0 || tens > 5 || ones < 0 || ones > 9 || !this.holdsMinute(start)) {
      return UNSURE;
    }
    let end = start + SECOND_LENGTH;
    let ms = (tens * 10 + ones) * 1000;
    if (bytes[end] === POINT) {
      let scale = 100;
      for (end += 1; end < bytes.length && isDigit(bytes[end]); end += 1) {
        ms += (bytes[end]! - DIGIT_0) * scale;
        scale = scale === 100 ? 10 : scale === 10 ? 1 : 0;
      }
      if (end === start + SECOND_LENGTH + 1) {
        return UNSURE;
      }
    }
    if (end + 1 < bytes.length && bytes[end] === UPPER_Z && bytes[end + 1] === QUOTE) {
      this.time_ms = this.minute_ms + ms;
      return end + 2;
    }
    return this.readOffset(end, this.minute_ms + ms);
  }

  /** Makes `minute_ms` the minute that starts at `start`, read as UTC. */
  private holdsMinute(start: number): boolean {
    const { minute, view } = this;
    const a = view.getInt32(start, true);
    const b = view.getInt32(start + 4, true);
    const c = view.getInt32(start + 8, true);
    const d = view.getInt32(start + 12, true);
    if (d === minute[3] && c === minute[2] && b === minute[1] && a === minute[0]) {
      return true;
    }
    const { before, before_ms } = this;
    const is_before = d === before[3] && c === before[2] && b === before[1] && a === before[0];
    const minute_ms = is_before
      ? before_ms
      : parseRfc3339(`${asciiText(this.bytes, start, start + MINUTE_LENGTH)}:00Z`);
    if (Number.isNaN(minute_ms)) {
      return false;
    }
    before.set([a, b, c, d]);
    this.before = minute;
    this.before_ms = this.minute_ms;
    this.minute = before;
    this.minute_ms = minute_ms;
    return true;
  }

  /** Reads `±HH:MM` and the quote that ends the string. */
  private readOffset(at: number, local_ms: number): number {
    const { bytes } = this;
    const end = at + 7;
    if (end > bytes.length || bytes[at + 3] !== COLON || bytes[end - 1] !== QUOTE) {
      return UNSURE;
    }
    const sign = bytes[at] === PLUS ? 1 : bytes[at] === MINUS ? -1 : 0;
    const hours = this.twoDigits(at + 1);
    const minutes = this.twoDigits(at + 4);
    if (sign === 0 || !(hours <= 23) || !(minutes <= 59)) {
      return UNSURE;
    }
    this.time_ms = local_ms - sign * (hours * 60 + minutes) * MINUTE_MS;
    return end;
  }

  private twoDigits(at: number): number {
    const tens = this.bytes[at];
    const ones = this.bytes[at + 1];
    return isDigit(tens) && isDigit(ones) ? (tens! - DIGIT_0) * 10 + (ones! - DIGIT_0) : Number.NaN;
  }
}
