/**
 * Whether failures have risen within a minute or two, however little: the share of the last minutes is the measure, not that of
 * the last hours. Error rates wander slowly, by a quarter up and down, and what they wander by hides small faults from a test
 * against the long run; but they do not wander fast, and a fault comes at once.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { Cusum, THRESHOLD } from "./cusum.ts";
import { ErrorScores } from "./error-scores.ts";
import type { BankVerdict } from "./level-bank.ts";
import type { ShareBaseline } from "./share-baseline.ts";

/** Half-life of a minute, a second. */
const RECENT_DECAY = 0.5 ** (1 / 60);
/** The recent share starts out as the long run's, as if it were known from so many requests. */
const PRIOR_REQUESTS = 400;
/** Before, the long run itself is not known. */
const LONG_RUN_REQUESTS_MIN = 2000;
/**
 * Above the recent share by a quarter, above the long run's by as much and by what that is not known by (else the end of a good
 * spell would be a fault).
 */
const RECENT_FACTOR = 1.25;
const RECENT_ERRORS = 0.5;
const LONG_RUN_FACTOR = 1.25;
const LONG_RUN_WANDERS = 1.5;
const FLOOR = 0.001;
const SCORES = new ErrorScores(0.0035, 1);
const RAMP_S = 60;
/** The recent share stands still as soon as anything speaks for a rise. */
const FREEZE_EVIDENCE = 0.05;

/** Changes in place. */
export class ErrorRise {
  #cusum = new Cusum();
  #requests = 0;
  #errors = 0;
  #isProven = false;

  /** As a part of the threshold, 0 to 1. */
  get evidence(): number {
    return this.#cusum.value / THRESHOLD;
  }

  get since_s(): number {
    return this.#cusum.age_s;
  }

  /** What spoke for a rise came from something that has ended. */
  reset(): void {
    this.#cusum.reset();
    this.#isProven = false;
  }

  /** A stretch without a request: what is proven stays so until requests disprove it. */
  pause(): void {
    if (!this.#isProven) this.reset();
  }

  leaveOut(seconds: number): void {
    this.#cusum.leaveOut(seconds);
  }

  step(request_count: number, error_count: number, long_run: ShareBaseline, strictness: number): BankVerdict {
    if (request_count === 0) return this.#isProven ? "between" : "below_threshold";
    if (long_run.trials < LONG_RUN_REQUESTS_MIN) return this.#verdict();
    const requests = this.#requests + PRIOR_REQUESTS;
    const share = (this.#errors + PRIOR_REQUESTS * long_run.share) / requests;
    const error = Math.sqrt((share / requests) * long_run.dispersion);
    const recent = RECENT_FACTOR * share + RECENT_ERRORS * error;
    const { hit, miss } = SCORES.of(
      Math.max(recent, LONG_RUN_FACTOR * long_run.share + LONG_RUN_WANDERS * long_run.wander) + FLOOR,
    );
    const evidence = (error_count * hit + (request_count - error_count) * miss) / (long_run.dispersion * strictness);
    this.#cusum.add(evidence, RAMP_S, THRESHOLD);
    if (this.evidence <= FREEZE_EVIDENCE) {
      this.#requests = this.#requests * RECENT_DECAY + request_count;
      this.#errors = this.#errors * RECENT_DECAY + error_count;
    }
    return this.#verdict();
  }

  #verdict(): BankVerdict {
    if (this.#cusum.value >= THRESHOLD) {
      this.#isProven = true;
      return "above_threshold";
    }
    if (this.#cusum.value === 0) this.#isProven = false;
    return this.#isProven ? "between" : "below_threshold";
  }

  encode(writer: BinaryWriter): void {
    this.#cusum.encode(writer);
    writer.double(this.#requests);
    writer.double(this.#errors);
    writer.uint(this.#isProven ? 1 : 0);
  }

  static decode(reader: BinaryReader): ErrorRise {
    const rise = new ErrorRise();
    rise.#cusum = Cusum.decode(reader);
    rise.#requests = reader.double();
    rise.#errors = reader.double();
    rise.#isProven = reader.uint() === 1;
    return rise;
  }
}
