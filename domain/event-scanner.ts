/**
 * Finds the fields of one plain event in its bytes, without an object and without JSON.parse. It is sure or it gives up: escapes,
 * nesting, characters beyond ASCII, repeated fields, unusual numbers are left to parseEvent (event.ts), as is everything that breaks a rule.
 */
import {
  asciiBytes,
  BACKSLASH,
  CLOSE_BRACE,
  COLON,
  COMMA,
  DIGIT_0,
  isDigit,
  matchesAt,
  MINUS,
  OPEN_BRACE,
  POINT,
  QUOTE,
  RETURN,
  SPACE,
  TAB,
  TILDE,
} from "./ascii.ts";
import { LATENCY_MAX_MS, latencyUs, STATUS_CODE_MAX, STATUS_CODE_MIN, VERSION_LENGTH_MAX } from "./event.ts";
import { integerEnd, literalEnd, NULL, scalarEnd, UNSURE } from "./plain-json.ts";

/** Numbers of the known fields; OTHER is any other key. */
const EVENT_TIME = 0;
const SERVICE = 1;
const ENDPOINT = 2;
const LATENCY = 3;
const STATUS = 4;
const CALLER = 5;
const VERSION = 6;
const OTHER = 7;

/** Bits of the fields that an event cannot do without. `event_time` is the framing's affair. */
const REQUIRED = (1 << SERVICE) | (1 << ENDPOINT) | (1 << LATENCY) | (1 << STATUS);

const KEY_EVENT_TIME = asciiBytes("event_time");
const KEY_SERVICE = asciiBytes("service");
const KEY_ENDPOINT = asciiBytes("endpoint");
const KEY_LATENCY = asciiBytes("latency_ms");
const KEY_STATUS = asciiBytes("status_code");
const KEY_CALLER = asciiBytes("caller");
const KEY_VERSION = asciiBytes("version");

/** Digits of a number that fit a double exactly, as does the power of ten below: their quotient is rounded once, as JSON.parse rounds. */
const EXACT_DIGITS_MAX = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS_MAX + 1 }, (_, exponent) => 10 ** exponent);

/** FNV-1a, 32 bit (draft-eastlake-fnv): one multiplication a byte, while the byte is looked at anyway. */
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** A caller's name is at most this long (the rule of `service`). */
const NAME_LENGTH_MAX = 63;

export class EventScanner {
  /** Bounds of the strings in the bytes, without their quotes; `time_end` is 0 where there was no `event_time`. */
  time_start = 0;
  time_end = 0;
  service_start = 0;
  service_end = 0;
  service_hash = 0;
  endpoint_start = 0;
  endpoint_end = 0;
  endpoint_hash = 0;
  /** Within its range, in whole microseconds. */
  latency_us = 0;
  /** Within its range. */
  status_code = 0;

  private readonly bytes: Uint8Array;
  private readonly length: number;
  /** Bits of the known fields met so far. */
  private seen = 0;
  /** Of the string read last. */
  private hash = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.length = bytes.length;
  }

  /**
   * Reads the object that starts at `from`, after white space or at once, and returns where it ends (after its brace), or
   * UNSURE. It never reads past a newline: newlines part events.
   */
  scan(from: number): number {
    const bytes = this.bytes;
    this.seen = 0;
    this.time_end = 0;
    let at = this.skipSpace(from);
    if (at >= this.length || bytes[at] !== OPEN_BRACE) {
      return UNSURE;
    }
    for (;;) {
      at = this.member(at + 1);
      if (at === UNSURE || at >= this.length) {
        return UNSURE;
      }
      if (bytes[at] !== COMMA) {
        return bytes[at] === CLOSE_BRACE && (this.seen & REQUIRED) === REQUIRED ? at + 1 : UNSURE;
      }
    }
  }

  /** Where the space, tabs and carriage returns from `at` on end. */
  skipSpace(from: number): number {
    let at = from;
    while (at < this.length) {
      const byte = this.bytes[at];
      if (byte !== SPACE && byte !== TAB && byte !== RETURN) {
        break;
      }
      at += 1;
    }
    return at;
  }

  /** One `"key": value` with the space around it. */
  private member(from: number): number {
    const bytes = this.bytes;
    const key_at = this.skipSpace(from);
    const key_end = this.string(key_at);
    if (key_end === UNSURE) {
      return UNSURE;
    }
    const field = fieldOf(bytes, key_at + 1, key_end - 1);
    let at = this.skipSpace(key_end);
    if (at >= this.length || bytes[at] !== COLON) {
      return UNSURE;
    }
    at = this.skipSpace(at + 1);
    if (at >= this.length || (field !== OTHER && (this.seen & (1 << field)) !== 0)) {
      return UNSURE;
    }
    this.seen |= field === OTHER ? 0 : 1 << field;
    at = this.value(field, at);
    return at === UNSURE ? UNSURE : this.skipSpace(at);
  }

  private value(field: number, at: number): number {
    if (field === LATENCY) {
      return this.latency(at);
    }
    if (field === STATUS) {
      return this.status(at);
    }
    if (field >= CALLER && this.bytes[at] !== QUOTE) {
      return field === OTHER ? scalarEnd(this.bytes, at) : literalEnd(this.bytes, at, NULL);
    }
    const end = this.string(at);
    if (end === UNSURE || field === OTHER) {
      return end;
    }
    return this.keep(field, at + 1, end - 1) ? end : UNSURE;
  }

  /** Notes the bounds of a known string. The rules of service, endpoint and time are for whoever looks the names up. */
  private keep(field: number, start: number, end: number): boolean {
    switch (field) {
      case EVENT_TIME:
        this.time_start = start;
        this.time_end = end;
        return true;
      case SERVICE:
        this.service_start = start;
        this.service_end = end;
        this.service_hash = this.hash;
        return end > start;
      case ENDPOINT:
        this.endpoint_start = start;
        this.endpoint_end = end;
        this.endpoint_hash = this.hash;
        return end > start;
      case CALLER:
        return isName(this.bytes, start, end);
      default:
        // Every character that this scanner lets pass is printable.
        return end > start && end - start <= VERSION_LENGTH_MAX;
    }
  }

  /** A string of printable ASCII without escapes that starts at `at`; returns where it ends (after its quote). */
  private string(at: number): number {
    const bytes = this.bytes;
    const length = this.length;
    if (at >= length || bytes[at] !== QUOTE) {
      return UNSURE;
    }
    let hash = FNV_OFFSET;
    for (let i = at + 1; i < length; i += 1) {
      const byte = bytes[i]!;
      if (byte === QUOTE) {
        this.hash = hash;
        return i + 1;
      }
      if (byte < SPACE || byte > TILDE || byte === BACKSLASH) {
        return UNSURE;
      }
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    return UNSURE;
  }

  /** Digits, perhaps a point and digits. */
  private latency(from: number): number {
    const bytes = this.bytes;
    let at = integerEnd(bytes, from);
    if (at === UNSURE) {
      return UNSURE;
    }
    let digits = 0;
    for (let i = from; i < at && i - from <= EXACT_DIGITS_MAX; i += 1) {
      digits = digits * 10 + bytes[i]! - DIGIT_0;
    }
    let length = at - from;
    let decimals = 0;
    if (at < this.length && bytes[at] === POINT) {
      at += 1;
      while (at < this.length && isDigit(bytes[at]) && length < EXACT_DIGITS_MAX) {
        digits = digits * 10 + bytes[at]! - DIGIT_0;
        decimals += 1;
        length += 1;
        at += 1;
      }
      if (decimals === 0) {
        return UNSURE;
      }
    }
    const latency_ms = digits / POWERS_OF_TEN[decimals]!;
    if (length > EXACT_DIGITS_MAX || latency_ms > LATENCY_MAX_MS) {
      return UNSURE;
    }
    this.latency_us = latencyUs(latency_ms);
    return at;
  }

  /** Three digits. */
  private status(at: number): number {
    const bytes = this.bytes;
    if (integerEnd(bytes, at) !== at + 3) {
      return UNSURE;
    }
    const code = (bytes[at]! - DIGIT_0) * 100 + (bytes[at + 1]! - DIGIT_0) * 10 + bytes[at + 2]! - DIGIT_0;
    this.status_code = code;
    return code >= STATUS_CODE_MIN && code <= STATUS_CODE_MAX ? at + 3 : UNSURE;
  }
}

/** The known keys differ in their length or, of the same length, in their first letter. */
function fieldOf(bytes: Uint8Array, start: number, end: number): number {
  switch (end - start) {
    case 6:
      return matchesAt(bytes, start, KEY_CALLER) ? CALLER : OTHER;
    case 7:
      return matchesAt(bytes, start, KEY_SERVICE) ? SERVICE : matchesAt(bytes, start, KEY_VERSION) ? VERSION : OTHER;
    case 8:
      return matchesAt(bytes, start, KEY_ENDPOINT) ? ENDPOINT : OTHER;
    case 10:
      return matchesAt(bytes, start, KEY_EVENT_TIME)
        ? EVENT_TIME
        : matchesAt(bytes, start, KEY_LATENCY)
          ? LATENCY
          : OTHER;
    case 11:
      return matchesAt(bytes, start, KEY_STATUS) ? STATUS : OTHER;
    default:
      return OTHER;
  }
}

/** The rule of a caller, `[a-z0-9][a-z0-9._-]{0,62}`. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    const is_letter_or_digit = (byte >= 97 && byte <= 122) || isDigit(byte);
    const is_mark = byte === MINUS || byte === POINT || byte === 95;
    if (!is_letter_or_digit && !(is_mark && at > start)) {
      return false;
    }
  }
  return end > start && end - start <= NAME_LENGTH_MAX;
}
