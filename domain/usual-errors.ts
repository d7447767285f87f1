/**
 * Errors at a time at which errors are usual: judged against what is usual then instead of what is normal. The ordinary test
 * goes on beside it, to know what it would have told, so that what recurs stays known although nobody is told of it.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import type { ErrorPlan, ErrorTest } from "./error-test.ts";
import type { BankVerdict, LevelBank } from "./level-bank.ts";
import type { UsualHours } from "./usual-hours.ts";

/** The usual share with slack: days differ. Never so high that a fault could not rise above it. */
const USUAL_FACTOR = 1.3;
const USUAL_FLOOR = 0.02;
const RAISED_MAX = 0.65;

/** One second of a service, or of one of its endpoints. */
export interface UsualInput {
  readonly second: number;
  /** Null: the whole service. */
  readonly endpoint: string | null;
  readonly request_count: number;
  readonly error_count: number;
  /** Requests a second that are normal. */
  readonly rate: number;
  /** By how much evidence is weakened: of the settings. */
  readonly strictness: number;
}

/** A test that was not used for longer than this belongs to another day. */
const SAME_TIME_S = 900;

/** Changes in place. */
export class UsualErrors {
  readonly #plan: ErrorPlan;
  /** By the names of endpoints, with the second of its newest use; the service itself is the empty one. */
  #banks = new Map<string, { readonly bank: LevelBank; readonly second: number }>();
  #second = -1;
  /** Anything is usual in `#second`. */
  #recurs = false;

  constructor(plan: ErrorPlan) {
    this.#plan = plan;
  }

  /** The test that stands in for `ordinary` in this second; null where nothing is usual. Also tells `hours` what recurs. */
  judge(
    hours: UsualHours,
    ordinary: ErrorTest,
    input: UsualInput,
  ): { readonly verdict: BankVerdict; readonly since_s: number } | null {
    const { second, endpoint, request_count, error_count, rate, strictness } = input;
    if (second !== this.#second) this.#turn(hours, second);
    const usual = this.#recurs ? hours.usualAt(second, "error_rate", endpoint) : null;
    if (ordinary.isProven) hours.observe(second, "error_rate", endpoint, request_count, error_count);
    if (usual === null) return null;
    const name = endpoint ?? "";
    const bank = this.#banks.get(name)?.bank ?? this.#plan.newBank();
    this.#banks.set(name, { bank, second });
    const raised = Math.max(ordinary.normal, Math.min(RAISED_MAX, usual.share * USUAL_FACTOR + USUAL_FLOOR));
    const dispersion = ordinary.baseline.dispersion * strictness;
    const verdict = this.#plan.judge(bank, request_count, error_count, raised, dispersion, rate);
    return { verdict, since_s: bank.since_s };
  }

  #turn(hours: UsualHours, second: number): void {
    this.#second = second;
    this.#recurs = hours.recurs(second, "error_rate");
    for (const [name, used] of this.#banks) if (second - used.second > SAME_TIME_S) this.#banks.delete(name);
  }

  encode(writer: BinaryWriter): void {
    writer.uint(this.#banks.size);
    for (const [name, { bank, second }] of this.#banks) {
      writer.text(name);
      writer.uint(second);
      bank.encode(writer);
    }
  }

  static decode(reader: BinaryReader, plan: ErrorPlan): UsualErrors {
    const errors = new UsualErrors(plan);
    for (let count = reader.uint(); count > 0; count -= 1) {
      const name = reader.text();
      const second = reader.uint();
      errors.#banks.set(name, { bank: plan.decodeBank(reader), second });
    }
    return errors;
  }
}
