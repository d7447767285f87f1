/** Reads event times from bytes. Neighbours in a batch share their minute, so the calendar is worked out once a minute. */
import { asciiText, COLON, DIGIT_0, isDigit, MINUS, PLUS, POINT, UPPER_Z } from "./ascii.ts";
import { parseRfc3339 } from "./rfc3339.ts";

/** `YYYY-MM-DDTHH:MM` */
const MINUTE_LENGTH = 16;
/** `YYYY-MM-DDTHH:MM:SS` */
const SECOND_LENGTH = 19;
const MINUTE_MS = 60_000;

export class MinuteCache {
  private readonly bytes: Uint8Array;
  /** Where the minute read last stands in `bytes`; -1 before the first. */
  private minute_at = -1;
  private minute_ms = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * Epoch milliseconds of the time from `start` to before `end`, as parseRfc3339 gives them, or NaN: then the text is no
   * time, or an unusual one (a leap second, a lower-case `z`) that parseRfc3339 has to judge.
   */
  read(start: number, end: number): number {
    const bytes = this.bytes;
    if (end - start <= SECOND_LENGTH || bytes[start + MINUTE_LENGTH] !== COLON || !this.holdsMinute(start)) {
      return Number.NaN;
    }
    const tens = bytes[start + 17]! - DIGIT_0;
    const ones = bytes[start + 18]! - DIGIT_0;
    if (tens < 0 || tens > 5 || ones < 0 || ones > 9) {
      return Number.NaN;
    }
    let at = start + SECOND_LENGTH;
    let ms = 0;
    if (bytes[at] === POINT) {
      at += 1;
      const fraction_at = at;
      let scale = 100;
      while (at < end && isDigit(bytes[at])) {
        ms += (bytes[at]! - DIGIT_0) * scale;
        scale = scale === 100 ? 10 : scale === 10 ? 1 : 0;
        at += 1;
      }
      if (at === fraction_at) {
        return Number.NaN;
      }
    }
    return this.minute_ms + (tens * 10 + ones) * 1000 + ms - this.offsetMs(at, end);
  }

  /** Makes `minute_ms` the minute that starts at `start`, read as UTC. */
  private holdsMinute(start: number): boolean {
    const bytes = this.bytes;
    if (this.minute_at >= 0) {
      let i = MINUTE_LENGTH - 1;
      while (i >= 0 && bytes[start + i] === bytes[this.minute_at + i]) {
        i -= 1;
      }
      if (i < 0) {
        return true;
      }
    }
    const minute_ms = parseRfc3339(`${asciiText(bytes, start, start + MINUTE_LENGTH)}:00Z`);
    if (Number.isNaN(minute_ms)) {
      return false;
    }
    this.minute_at = start;
    this.minute_ms = minute_ms;
    return true;
  }

  /** What `Z` or `±HH:MM` from `at` to `end` is ahead of UTC, or NaN. */
  private offsetMs(at: number, end: number): number {
    const bytes = this.bytes;
    if (end - at === 1) {
      return bytes[at] === UPPER_Z ? 0 : Number.NaN;
    }
    const sign = bytes[at];
    if (end - at !== 6 || (sign !== PLUS && sign !== MINUS) || bytes[at + 3] !== COLON) {
      return Number.NaN;
    }
    for (const i of [at + 1, at + 2, at + 4, at + 5]) {
      if (!isDigit(bytes[i])) {
        return Number.NaN;
      }
    }
    const hours = (bytes[at + 1]! - DIGIT_0) * 10 + bytes[at + 2]! - DIGIT_0;
    const minutes = (bytes[at + 4]! - DIGIT_0) * 10 + bytes[at + 5]! - DIGIT_0;
    if (hours > 23 || minutes > 59) {
      return Number.NaN;
    }
    return (sign === PLUS ? 1 : -1) * (hours * 60 + minutes) * MINUTE_MS;
  }
}
