/**
 * How many requests are usual at this time of the week: a quarter of an hour each, coded in a byte, for the newest two weeks.
 *
 * It only serves to lower what is expected, so it must not learn a fall from a single outage. No quarter of an hour is left out
 * while traffic is missing, or a nightly stop could never become usual. Instead weeks and days must agree: the higher one counts
 * of two weeks; before there are two, the middle one of the same quarter hour on the newest three days, and the week if higher.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

export const QUARTER_S = 900;
const DAY_QUARTERS = 96;
const WEEK_QUARTERS = 7 * DAY_QUARTERS;
const AGREEING_DAYS = 3;
const OTHER_DAYS = 6;
/** A quarter of an hour that was seen for less than four fifths says nothing. */
const SEEN_S_MIN = 720;

/** Steps of 2^(1/8), 9 %, from a request in a minute to a million a second; 0 stands for unknown. */
const STEPS_PER_OCTAVE = 8;
const SCALE = 64;
const CODE_MAX = 255;

function codeOf(rate: number): number {
  return Math.min(CODE_MAX, 1 + Math.round(STEPS_PER_OCTAVE * Math.log2(1 + SCALE * rate)));
}

function rateOf(code: number): number {
  return (2 ** ((code - 1) / STEPS_PER_OCTAVE) - 1) / SCALE;
}

const UNKNOWN = new Uint8Array(WEEK_QUARTERS);
const NO_BYTES = new Uint8Array(0);

/** Changes in place. */
export class WeeklyRate {
  /** Codes by quarter hour since the epoch, modulo a week: the newest one, and the one a week before it. Never written to. */
  #newest = UNKNOWN;
  #before = UNKNOWN;
  #quarter = 0;
  #seen_s = 0;
  #requests = 0;
  /** The quarter hour before, not written yet: what was expected at its time stays as it was until it is a quarter hour old. */
  #ended = 0;
  #ended_code = 0;

  /** Adds a second; `learn`: nothing but its traffic speaks against it. Seconds ascend. */
  step(second: number, request_count: number, learn: boolean): void {
    const quarter = Math.floor(second / QUARTER_S);
    if (quarter !== this.#quarter) this.#turn(quarter);
    if (!learn) return;
    this.#seen_s += 1;
    this.#requests += request_count;
  }

  /** As if `seconds` empty seconds from `from` on had been stepped through; of more than a week the newest week counts. */
  leaveOut(from: number, seconds: number): void {
    const to = from + seconds;
    for (let at = Math.max(from, to - WEEK_QUARTERS * QUARTER_S); at < to;) {
      const quarter = Math.floor(at / QUARTER_S);
      if (quarter !== this.#quarter) this.#turn(quarter);
      const next = Math.min(to, (quarter + 1) * QUARTER_S);
      this.#seen_s += next - at;
      at = next;
    }
  }

  #turn(quarter: number): void {
    if (this.#ended_code > 0) {
      const place = this.#ended % WEEK_QUARTERS;
      // A copy each quarter of an hour: all services begin with the same array.
      this.#before = this.#before.with(place, this.#newest[place]!);
      this.#newest = this.#newest.with(place, this.#ended_code);
    }
    this.#ended = this.#quarter;
    this.#ended_code = this.#seen_s < SEEN_S_MIN ? 0 : codeOf(this.#requests / this.#seen_s);
    this.#quarter = quarter;
    this.#seen_s = 0;
    this.#requests = 0;
  }

  /** Requests a second that are usual in the quarter of an hour of `second`; null while that is not known. */
  usualAt(second: number): number | null {
    const place = Math.floor(second / QUARTER_S) % WEEK_QUARTERS;
    const [newest, before] = [this.#newest[place]!, this.#before[place]!];
    if (newest > 0 && before > 0) return rateOf(Math.max(newest, before));
    const daily = this.#daily(place);
    return daily === 0 ? null : rateOf(Math.max(newest, daily));
  }

  /** The middle one of three days, the higher one of two; 0 with fewer. */
  #daily(place: number): number {
    const codes: number[] = [];
    for (let day = 1; day <= OTHER_DAYS && codes.length < AGREEING_DAYS; day += 1) {
      const code = this.#newest[(place + WEEK_QUARTERS - day * DAY_QUARTERS) % WEEK_QUARTERS]!;
      if (code > 0) codes.push(code);
    }
    return codes.length < 2 ? 0 : codes.sort((a, b) => a - b)[1]!;
  }

  encode(writer: BinaryWriter): void {
    for (const codes of [this.#newest, this.#before]) writer.bytes(codes === UNKNOWN ? NO_BYTES : codes);
    for (const value of [this.#quarter, this.#seen_s, this.#requests, this.#ended, this.#ended_code])
      writer.uint(value);
  }

  static decode(reader: BinaryReader): WeeklyRate {
    const weekly = new WeeklyRate();
    const [newest, before] = [reader.bytes().slice(), reader.bytes().slice()];
    if (newest.length > 0) weekly.#newest = newest;
    if (before.length > 0) weekly.#before = before;
    weekly.#quarter = reader.uint();
    weekly.#seen_s = reader.uint();
    weekly.#requests = reader.uint();
    weekly.#ended = reader.uint();
    weekly.#ended_code = reader.uint();
    return weekly;
  }
}
