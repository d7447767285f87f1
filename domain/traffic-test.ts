/**
 * Whether requests fail to come: a Poisson CUSUM on counts for most of them, the improbability of a stretch of empty seconds for
 * all of them. What is expected follows the last minutes, and is lower where a fall is usual at this time of the day or week.
 */
import { Arrivals } from "./arrivals.ts";
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { Cusum, poissonRatio, THRESHOLD } from "./cusum.ts";
import { SleepMemory } from "./sleep-memory.ts";
import { type Surge, SurgeWatch } from "./surge.ts";
import { QUARTER_S, WeeklyRate } from "./weekly-rate.ts";

/** Normal down to 0.7 of the rate, a fault at 0.3 of it: what lies below 0.47 speaks for a fault. */
const NORMAL_PART = 0.7;
const FAULT_PART = 0.3;
/** For an empty second the rate may be a fifth below its estimate. */
const EMPTY_PART = 0.8;
/** Nothing is proven before: a restart, or a short stop on the way here, is no outage. */
const RAMP_S = 20;
/** Below it, minutes without a request are ordinary. */
const RATE_MIN = 0.1;
/** A service that sleeps between bouts is one of few requests: it takes half an hour of them to know that one does not. */
const SLEEPER_RATE_MAX = 5;
const SLOW_LEARNED_S = 1800;
const FAST_LEARNED_S = 60;
/** Seconds (decayed), and requests, behind the rate before it counts. */
const WINDOW_S_MIN = 45;
const WINDOW_REQUESTS_MIN = 100;
/** After a stop of this length the rate is learned anew. */
const RESTART_GAP_S = 120;
/** The first requests after a sleep wait for the service to start. */
const WAKING_S = 20;
/** A usual fall matters from here; smaller ones are what the rate does anyway. */
const USUAL_FALL = 0.8;
/** Evidence above which nothing is learned, and for how long at most: then this is how many requests there are now. */
const FREEZE_EVIDENCE = 0.25;
const FREEZE_MAX_S = 3600;
/** A silence that means nothing for so long means nothing after it either; within it what is usual cannot change. */
const SILENCE_S_MAX = 23 * 3600;

export type TrafficVerdict = "above_threshold" | "between" | "below_threshold" | "too_few_requests";

/** A stretch of empty seconds so far: its length, and how improbable it is, up to the threshold. */
interface Gap {
  readonly length_s: number;
  readonly nats: number;
}

/** What is usual in a quarter of an hour, and the least of it and its neighbours; null where not known. */
interface Usual {
  readonly quarter: number;
  readonly here: number | null;
  readonly least: number | null;
}

/** Requests a second. */
export interface UsualRate {
  readonly least: number;
  readonly most: number;
}

const NO_GAP: Gap = { length_s: 0, nats: 0 };

/** Changes in place. */
export class TrafficTest {
  #arrivals = new Arrivals();
  #weekly = new WeeklyRate();
  #sleeps = new SleepMemory();
  #surge = new SurgeWatch();
  #cusum = new Cusum();
  #gap = NO_GAP;
  /** Seconds with requests, or between them, since the first; what was learned before a restart included. */
  #awake_s = 0;
  #frozen_s = 0;
  /** Seconds that are left of waking up. */
  #waking_s = 0;
  #isFiring = false;
  #expected = 0;
  /** Looked up once a quarter of an hour. */
  #usual: Usual = { quarter: -1, here: null, least: null };
  /** The newest judged second, and the strictness that it was judged with. */
  #second = 0;
  #strictness = 1;

  /** Requests a second that were normal in the last minutes with requests; 0 while nothing was seen. */
  get rate(): number {
    return this.#arrivals.rate;
  }

  /** The service has just come back from a sleep: its latency is that of a start, and says nothing. */
  get isWaking(): boolean {
    return this.#waking_s > 0;
  }

  /** Requests a second that were expected in the newest second: the rate, or less where that is usual at its time. */
  get expected(): number {
    return this.#expected;
  }

  /** Requests a second, the least and the most that would be ordinary now; null while not known. */
  get usual(): UsualRate | null {
    return this.#isLearned ? { least: this.#expected, most: this.#usualHigh } : null;
  }

  /** The requests of a second under which traffic is taken as dropped. */
  get threshold(): number {
    return this.#expected * FAULT_PART;
  }

  /** Far more requests than usual for at least a minute; null while there are not. Never an anomaly. */
  get surge(): Surge | null {
    return this.#surge.surge;
  }

  /** The stronger statistic as a part of its threshold, 0 to 1. */
  get evidence(): number {
    return Math.max(this.#cusum.value / THRESHOLD, this.#silence(this.#gap));
  }

  /** How long (s) requests have been missing. */
  get since_s(): number {
    return this.#silence(this.#gap) >= this.#cusum.value / THRESHOLD ? this.#gap.length_s : this.#cusum.age_s;
  }

  /**
   * Judges a second, empty ones too, without a gap. `minute_requests`: those of the minute that ends with it; `learn`: nothing
   * but its traffic speaks against it; `strictness`: of the settings (cusum.ts).
   */
  step(
    second: number,
    request_count: number,
    minute_requests: number,
    learn: boolean,
    strictness: number,
  ): TrafficVerdict {
    this.#second = second;
    this.#strictness = strictness;
    this.#weekly.step(second, request_count, learn);
    this.#usual = this.#usualAt(second);
    this.#expected = this.#expectedOf(this.#usual);
    this.#surge.step(second, request_count, minute_requests / 60, this.#usualHigh);
    this.#waking_s = Math.max(0, this.#waking_s - 1);
    if (request_count === 0) this.#gap = this.#longer(this.#gap, this.#expected);
    else if (this.#gap.length_s > 0) this.#endGap();
    const isJudged = this.#isJudged(this.#expected);
    if (isJudged) this.#cusum.add(this.#dropRatio(request_count, this.#expected), RAMP_S, THRESHOLD);
    else this.#cusum.reset();
    if (request_count > 0) this.#learn(request_count, learn);
    return this.#verdict(isJudged);
  }

  /**
   * Empty seconds that are left out, after an hour of them that was judged: requests have been missing for so much longer, and it
   * was as empty at these times of the day and week.
   */
  leaveOut(seconds: number): void {
    const { length_s, nats } = this.#gap;
    if (length_s > 0) this.#gap = { length_s: length_s + seconds, nats };
    this.#weekly.leaveOut(this.#second + 1, seconds);
    this.#second += seconds;
  }

  #verdict(isJudged: boolean): TrafficVerdict {
    const isProven = this.#isProven(isJudged);
    if (isProven) this.#isFiring = true;
    else if (this.#gap.length_s === 0 && this.#cusum.value === 0) this.#isFiring = false;
    if (isProven) return "above_threshold";
    if (this.#isFiring) return "between";
    return isJudged ? "below_threshold" : "too_few_requests";
  }

  #isProven(isJudged: boolean): boolean {
    return (isJudged && this.#cusum.value >= THRESHOLD) || this.#isSilent(this.#gap, this.#expected);
  }

  /**
   * After how many more empty seconds traffic would be taken as missing, as stepping through them would say: 0 while it is, null
   * where its absence says nothing.
   */
  silenceDue(): number | null {
    const second = this.#second;
    if (!this.#isLearned) return null;
    if (this.#isProven(this.#isJudged(this.#expected))) return 0;
    const cusum = this.#cusum.clone();
    let gap = this.#gap;
    let quarter = -1;
    let expected = 0;
    for (let at = second + 1; gap.length_s < SILENCE_S_MAX; at += 1) {
      if (Math.floor(at / QUARTER_S) !== quarter) {
        quarter = Math.floor(at / QUARTER_S);
        expected = this.#expectedOf(this.#usualAt(at));
      }
      const isDropJudged = this.#isJudged(expected);
      const rest_s = Math.min((quarter + 1) * QUARTER_S - at, SILENCE_S_MAX - gap.length_s);
      // Where no statistic moves, or only the length of the gap still counts, the loop leaps.
      if (expected < RATE_MIN || (gap.nats >= THRESHOLD && !isDropJudged)) {
        const wanted_s = expected < RATE_MIN ? rest_s : Math.max(1, Math.min(rest_s, this.#limit_s - gap.length_s));
        gap = { ...gap, length_s: gap.length_s + wanted_s };
        at += wanted_s - 1;
        cusum.reset();
      } else {
        gap = this.#longer(gap, expected);
        if (isDropJudged) cusum.add(this.#dropRatio(0, expected), RAMP_S, THRESHOLD);
        else cusum.reset();
      }
      if (cusum.value >= THRESHOLD || this.#isSilent(gap, expected)) return at - second;
    }
    return null;
  }

  #usualAt(second: number): Usual {
    const quarter = Math.floor(second / QUARTER_S);
    if (quarter === this.#usual.quarter) return this.#usual;
    const [before, here, after] = [-1, 0, 1].map((near) => this.#weekly.usualAt((quarter + near) * QUARTER_S));
    const least = Math.min(before ?? Infinity, here ?? Infinity, after ?? Infinity);
    return { quarter, here: here ?? null, least: least === Infinity ? null : least };
  }

  /** What is usual now, or a quarter of an hour before or after, tells how far below the rate it is ordinary to fall. */
  #expectedOf({ least }: Usual): number {
    const { rate, level } = this.#arrivals;
    return least !== null && level * least < rate * USUAL_FALL ? level * least : rate;
  }

  get #usualHigh(): number {
    return this.#isLearned ? Math.max(this.rate, (this.#usual.here ?? 0) * this.#arrivals.level) : 0;
  }

  get #isLearned(): boolean {
    const needed_s = this.rate < SLEEPER_RATE_MAX ? SLOW_LEARNED_S : FAST_LEARNED_S;
    return this.#awake_s >= needed_s && this.#arrivals.seconds >= WINDOW_S_MIN;
  }

  /** Whether a drop can be told: never from the bouts of a service that sleeps. */
  #isJudged(expected: number): boolean {
    if (expected < RATE_MIN || this.#sleeps.isSleeper || !this.#isLearned) return false;
    return this.#arrivals.requests >= WINDOW_REQUESTS_MIN;
  }

  #dropRatio(request_count: number, expected: number): number {
    return (
      poissonRatio(request_count, expected * FAULT_PART, expected * NORMAL_PART) /
      this.#arrivals.dispersion /
      this.#strictness
    );
  }

  #longer({ length_s, nats }: Gap, expected: number): Gap {
    if (this.rate === 0) return NO_GAP;
    const more =
      expected < RATE_MIN ? 0 : (EMPTY_PART * this.#arrivals.empty_nats * expected) / this.rate / this.#strictness;
    return { length_s: length_s + 1, nats: Math.min(THRESHOLD, nats + more) };
  }

  get #limit_s(): number {
    return Math.max(RAMP_S, this.#sleeps.limit_s);
  }

  /** Evidence of silence, 0 to 1. */
  #silence({ length_s, nats }: Gap): number {
    return this.#isLearned ? Math.min(1, nats / THRESHOLD, length_s / this.#limit_s) : 0;
  }

  #isSilent(gap: Gap, expected: number): boolean {
    return expected >= RATE_MIN && gap.length_s <= SILENCE_S_MAX && this.#silence(gap) >= 1;
  }

  #endGap(): void {
    const { length_s, nats } = this.#gap;
    const wasSleep = nats >= THRESHOLD && length_s >= RAMP_S;
    if (wasSleep) this.#sleeps.add(length_s, this.#isFiring);
    // Where hardly a request is usual at this time of the week nothing proves a sleep; of a sleeper any long stop is taken for one.
    if (wasSleep || (this.#sleeps.isSleeper && length_s >= RESTART_GAP_S)) this.#waking_s = WAKING_S;
    if (length_s >= RESTART_GAP_S) this.#arrivals.restart();
    else if (wasSleep || this.#frozen_s > 0) this.#arrivals.dropBlock();
    else {
      this.#arrivals.learnGap(length_s, this.#usual.here);
      this.#awake_s += length_s;
    }
    this.#gap = NO_GAP;
  }

  #learn(request_count: number, learn: boolean): void {
    this.#sleeps.age();
    const speaks = this.#surge.isRisen || this.#cusum.value >= THRESHOLD * FREEZE_EVIDENCE;
    this.#frozen_s = speaks ? this.#frozen_s + 1 : 0;
    if (this.#frozen_s > FREEZE_MAX_S) {
      this.#arrivals.restart();
      this.#cusum.reset();
      this.#frozen_s = 0;
    }
    if (!learn || this.#frozen_s > 0) {
      this.#arrivals.dropBlock();
      return;
    }
    this.#arrivals.learn(request_count, this.#usual.here);
    this.#awake_s += 1;
  }

  encode(writer: BinaryWriter): void {
    for (const part of [this.#arrivals, this.#weekly, this.#sleeps, this.#surge, this.#cusum]) part.encode(writer);
    writer.uint(this.#gap.length_s);
    writer.double(this.#gap.nats);
    writer.uint(this.#awake_s);
    writer.uint(this.#frozen_s);
    writer.uint(this.#waking_s);
    writer.uint(this.#isFiring ? 1 : 0);
    writer.double(this.#expected);
    writer.uint(this.#second);
    writer.double(this.#strictness);
  }

  static decode(reader: BinaryReader): TrafficTest {
    const test = new TrafficTest();
    test.#arrivals = Arrivals.decode(reader);
    test.#weekly = WeeklyRate.decode(reader);
    test.#sleeps = SleepMemory.decode(reader);
    test.#surge = SurgeWatch.decode(reader);
    test.#cusum = Cusum.decode(reader);
    test.#gap = { length_s: reader.uint(), nats: reader.double() };
    test.#awake_s = reader.uint();
    test.#frozen_s = reader.uint();
    test.#waking_s = reader.uint();
    test.#isFiring = reader.uint() === 1;
    test.#expected = reader.double();
    test.#second = reader.uint();
    test.#strictness = reader.double();
    return test;
  }
}
