/**
 * Finds the fields of one plain event in its bytes, without an object and without JSON.parse. It is sure or it gives up: escapes,
 * nesting, characters beyond ASCII, unusual numbers and times are left to parseEvent (event.ts), as is everything that
 * breaks a rule.
 */
import {
  asciiBytes,
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
  UNDERSCORE,
} from "./ascii.ts";
import { bytePattern, patternAt } from "./byte-pattern.ts";
import { LATENCY_MAX_MS, latencyUs, STATUS_CODE_MAX, STATUS_CODE_MIN, VERSION_LENGTH_MAX } from "./event.ts";
import { MinuteCache } from "./minute-cache.ts";
import { literalEnd, NULL, scalarEnd, UNSURE } from "./plain-json.ts";
import { PlainStringReader } from "./plain-string.ts";

/** The known fields; a field's number is its place here. */
const FIELD_NAMES = ["event_time", "service", "endpoint", "latency_ms", "status_code", "caller", "version"] as const;
const EVENT_TIME = 0;
const SERVICE = 1;
const ENDPOINT = 2;
const LATENCY = 3;
const STATUS = 4;
const CALLER = 5;
const VERSION = 6;
const OTHER = 7;

const FIELD_BYTES = FIELD_NAMES.map(asciiBytes);
/** `"name":`, as most producers write it. */
const FIELD_PATTERNS = FIELD_NAMES.map((name) => bytePattern(`"${name}":`));

/** Bits of the fields that an event cannot do without. `event_time` is the framing's affair. */
const REQUIRED = (1 << SERVICE) | (1 << ENDPOINT) | (1 << LATENCY) | (1 << STATUS);

/** How many members of the event before are remembered to guess the next one's. */
const GUESSES = 16;

/**
 * Digits before and after the point. Together they fit a double exactly, as does the power of ten: their quotient is rounded once, as
 * JSON.parse rounds (W. D. Clinger, "How to read floating point numbers accurately").
 */
const WHOLE_DIGITS_MAX = 7;
const DECIMALS_MAX = 8;
const POWERS_OF_TEN = Float64Array.from({ length: DECIMALS_MAX + 1 }, (_, exponent) => 10 ** exponent);

/** A caller's name is at most this long (the rule of `service`). */
const NAME_LENGTH_MAX = 63;

export class EventScanner {
  /** Bounds of the strings in the bytes, without their quotes; never empty. Hashes as PlainStringReader makes them. */
  service_start = 0;
  service_end = 0;
  service_hash = 0;
  endpoint_start = 0;
  endpoint_end = 0;
  endpoint_hash = 0;
  /** As the other strings, but that it means nothing where `has_version` is false. */
  version_start = 0;
  version_end = 0;
  version_hash = 0;
  /** Within its range, in whole microseconds. */
  latency_us = 0;
  /** Within its range. */
  status_code = 0;

  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly strings: PlainStringReader;
  private readonly minutes: MinuteCache;
  /** Fields by their place in the event before: producers write all their events in one order. */
  private readonly guesses = new Uint8Array(GUESSES).fill(OTHER);
  /** Bits of the known fields met so far. */
  private seen = 0;

  constructor(bytes: Uint8Array, view: DataView) {
    this.bytes = bytes;
    this.view = view;
    this.strings = new PlainStringReader(bytes, view);
    this.minutes = new MinuteCache(bytes, view);
  }

  /** Epoch milliseconds, not yet held against anything; means nothing where there was no `event_time`. */
  get event_time_ms(): number {
    return this.minutes.time_ms;
  }

  get has_event_time(): boolean {
    return (this.seen & (1 << EVENT_TIME)) !== 0;
  }

  get has_version(): boolean {
    return (this.seen & (1 << VERSION)) !== 0 && this.version_end > this.version_start;
  }

  /**
   * Reads the object that starts at `from`, after white space or at once, and returns where it ends (after its brace), or
   * UNSURE. It never reads past a newline: newlines part events.
   */
  scan(from: number): number {
    const { bytes } = this;
    this.seen = 0;
    let at = this.skipSpace(from);
    if (at >= bytes.length || bytes[at] !== OPEN_BRACE) {
      return UNSURE;
    }
    for (let place = 0; ; place += 1) {
      at = this.member(this.skipSpace(at + 1), place);
      if (at === UNSURE || at >= bytes.length) {
        return UNSURE;
      }
      if (bytes[at] !== COMMA) {
        return bytes[at] === CLOSE_BRACE && (this.seen & REQUIRED) === REQUIRED ? at + 1 : UNSURE;
      }
    }
  }

  /** Where the space, tabs and carriage returns from `from` on end. */
  skipSpace(from: number): number {
    const { bytes } = this;
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at]!;
      if (byte > SPACE || (byte !== SPACE && byte !== TAB && byte !== RETURN)) {
        break;
      }
      at += 1;
    }
    return at;
  }

  /** One `"key": value` and the space after it. */
  private member(key_at: number, place: number): number {
    let field = place < GUESSES ? this.guesses[place]! : OTHER;
    let at: number;
    if (field !== OTHER && patternAt(this.view, key_at, FIELD_PATTERNS[field]!)) {
      at = key_at + FIELD_PATTERNS[field]![0]!;
    } else {
      const key_end = this.strings.read(key_at);
      at = key_end === UNSURE ? this.bytes.length : this.skipSpace(key_end);
      if (at >= this.bytes.length || this.bytes[at] !== COLON) {
        return UNSURE;
      }
      at += 1;
      field = fieldOf(this.bytes, key_at + 1, key_end - 1);
      if (place < GUESSES) {
        this.guesses[place] = field;
      }
    }
    at = this.skipSpace(at);
    if (at >= this.bytes.length) {
      return UNSURE;
    }
    // A repeated field replaces what was read before, as JSON.parse has it.
    this.seen |= 1 << field;
    at = this.value(field, at);
    return at === UNSURE ? UNSURE : this.skipSpace(at);
  }

  private value(field: number, at: number): number {
    switch (field) {
      case EVENT_TIME:
        return this.minutes.read(at);
      case SERVICE: {
        const end = this.strings.read(at);
        this.service_start = at + 1;
        this.service_end = end - 1;
        this.service_hash = this.strings.hash;
        return end > at + 2 ? end : UNSURE;
      }
      case ENDPOINT: {
        const end = this.strings.read(at);
        this.endpoint_start = at + 1;
        this.endpoint_end = end - 1;
        this.endpoint_hash = this.strings.hash;
        return end > at + 2 ? end : UNSURE;
      }
      case LATENCY:
        return this.latency(at);
      case STATUS:
        return this.status(at);
      case CALLER:
        return this.caller(at);
      case VERSION:
        return this.version(at);
      default:
        return this.bytes[at] === QUOTE ? this.strings.read(at) : scalarEnd(this.bytes, at);
    }
  }

  /** Up to its length; null counts as left out. */
  private version(at: number): number {
    if (this.bytes[at] !== QUOTE) {
      this.version_end = this.version_start;
      return literalEnd(this.bytes, at, NULL);
    }
    const end = this.strings.read(at);
    this.version_start = at + 1;
    this.version_end = end - 1;
    this.version_hash = this.strings.hash;
    // Every character that the reader lets pass is printable.
    return end > at + 2 && end - at - 2 <= VERSION_LENGTH_MAX ? end : UNSURE;
  }

  /** Only its rule matters here; null counts as left out. */
  private caller(at: number): number {
    if (this.bytes[at] !== QUOTE) {
      return literalEnd(this.bytes, at, NULL);
    }
    const end = this.strings.read(at);
    return end !== UNSURE && isName(this.bytes, at + 1, end - 1) ? end : UNSURE;
  }

  /** Digits, perhaps a point and digits. */
  private latency(from: number): number {
    const { bytes } = this;
    const { length } = bytes;
    let at = from;
    let digits = 0;
    for (; at < length && isDigit(bytes[at]) && at - from < WHOLE_DIGITS_MAX; at += 1) {
      digits = digits * 10 + bytes[at]! - DIGIT_0;
    }
    if (at === from || (bytes[from] === DIGIT_0 && at > from + 1)) {
      return UNSURE;
    }
    let decimals = 0;
    if (at < length && bytes[at] === POINT) {
      at += 1;
      for (; at < length && isDigit(bytes[at]) && decimals < DECIMALS_MAX; at += 1) {
        digits = digits * 10 + bytes[at]! - DIGIT_0;
        decimals += 1;
      }
      if (decimals === 0) {
        return UNSURE;
      }
    }
    const latency_ms = decimals === 0 ? digits : digits / POWERS_OF_TEN[decimals]!;
    if (latency_ms > LATENCY_MAX_MS) {
      return UNSURE;
    }
    this.latency_us = latencyUs(latency_ms);
    return at;
  }

  /** Three digits. A fourth would be taken for what follows, and fail there. */
  private status(at: number): number {
    const { bytes } = this;
    if (at + 3 > bytes.length || !isDigit(bytes[at]) || !isDigit(bytes[at + 1]) || !isDigit(bytes[at + 2])) {
      return UNSURE;
    }
    const code = (bytes[at]! - DIGIT_0) * 100 + (bytes[at + 1]! - DIGIT_0) * 10 + bytes[at + 2]! - DIGIT_0;
    this.status_code = code;
    return code >= STATUS_CODE_MIN && code <= STATUS_CODE_MAX ? at + 3 : UNSURE;
  }
}

function fieldOf(bytes: Uint8Array, start: number, end: number): number {
  for (let field = EVENT_TIME; field <= VERSION; field += 1) {
    const name = FIELD_BYTES[field]!;
    if (name.length === end - start && matchesAt(bytes, start, name)) {
      return field;
    }
  }
  return OTHER;
}

/** The rule of a caller, `[a-z0-9][a-z0-9._-]{0,62}`. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    const is_letter_or_digit = (byte >= 97 && byte <= 122) || isDigit(byte);
    const is_mark = byte === MINUS || byte === POINT || byte === UNDERSCORE;
    if (!is_letter_or_digit && !(is_mark && at > start)) {
      return false;
    }
  }
  return end > start && end - start <= NAME_LENGTH_MAX;
}
