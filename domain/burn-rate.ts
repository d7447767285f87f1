/**
 * How fast a service spends its error budget: multi-window, multi-burn-rate rules. Source: Beyer et al., "The Site Reliability
 * Workbook", 2018, chapter 5, table 5-8: a long window says that it matters, a short one, a twelfth of it, that it still goes on.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { CountRing } from "./count-ring.ts";
import type { Finding, FindingReason } from "./finding.ts";

type BurnSeverity = "page" | "ticket";

interface BurnRule {
  readonly factor: number;
  readonly window_s: number;
  readonly severity: BurnSeverity;
}

/** From the most urgent on. */
const RULES: readonly BurnRule[] = [
  { factor: 14.4, window_s: 3600, severity: "page" },
  { factor: 6, window_s: 6 * 3600, severity: "page" },
  { factor: 3, window_s: 24 * 3600, severity: "ticket" },
  { factor: 1, window_s: 3 * 86_400, severity: "ticket" },
];
const SHORT_PART = 1 / 12;
/** Where hardly anybody calls, one failed request is a burn rate of hundreds and no trend. */
const ERRORS_MIN = 5;
/** A rule that has fired ends when its short window burns at less than half of its factor, not at the first second below. */
const END_PART = 0.5;

/** What the rules say of a second. */
export interface BurnFinding {
  readonly reason: FindingReason;
  readonly severity: BurnSeverity;
  /** Times the rate that spends exactly the budget over the objective's period, in the long window. */
  readonly burn: number;
  /** The burn rate from which the rule fires. */
  readonly factor: number;
  readonly window_s: number;
  readonly short_window_s: number;
  /** Share of requests that must not fail, above 0 and below 1. */
  readonly objective: number;
}

/**
 * Windows are cut into twelfths, each counted in a ring of its own: `[step_s, slots]`. The rings of a rule's long window hold the
 * next rule's short one or part of it, so that 65 counts are enough.
 */
const RINGS: readonly (readonly [step_s: number, slots: number])[] = [
  [25, 12],
  [300, 12],
  [1800, 12],
  [7200, 12],
  [21_600, 12],
];

const NONE_FIRES: readonly boolean[] = RULES.map(() => false);

/** Changes in place. Counts do not depend on the objective, so that a change of it takes effect at once. */
export class BurnRate {
  #rings: readonly CountRing[] = RINGS.map(([step_s, slots]) => new CountRing(step_s, slots));
  /** By rule: it has fired and has not ended. */
  #isFiring = NONE_FIRES;

  /**
   * Counts a second, empty ones too, while there is no objective to judge it by: one that is set later finds the days before.
   * What it would have said meanwhile is not known, so a rule that has just ended then starts out as ended.
   */
  count(second: number, request_count: number, error_count: number): void {
    for (const ring of this.#rings) ring.add(second, request_count, error_count);
    this.#isFiring = NONE_FIRES;
  }

  /** Judges a second, empty ones too. `objective`: the share of requests that must not fail, above 0 and below 1. */
  step(second: number, request_count: number, error_count: number, objective: number): BurnFinding {
    for (const ring of this.#rings) ring.add(second, request_count, error_count);
    const findings = RULES.map((rule, i) => this.#judge(rule, this.#isFiring[i]!, objective));
    this.#isFiring = findings.map(({ reason }) => reason === "above_threshold" || reason === "between");
    for (const reason of ["above_threshold", "between", "below_threshold"] as const) {
      const worst = findings.find((finding) => finding.reason === reason);
      if (worst !== undefined) return worst;
    }
    return findings[0]!;
  }

  #judge({ factor, window_s, severity }: BurnRule, wasFiring: boolean, objective: number): BurnFinding {
    const short_window_s = window_s * SHORT_PART;
    const [long, short] = [this.#over(window_s), this.#over(short_window_s)];
    const [burn, short_burn] = [long, short].map(
      ({ requests, errors }) => errors / Math.max(1, requests) / (1 - objective),
    );
    // Of the long one the first step and the newest may have requests in a part of them only.
    const isKnown = long.known - 2 >= long.steps / 2 && short.known >= short.steps / 2;
    const isAbove = isKnown && burn! > factor && short_burn! > factor && short.errors >= ERRORS_MIN;
    const lasts = wasFiring && short_burn! > factor * END_PART;
    const quiet = isKnown ? "below_threshold" : "too_few_requests";
    const reason = isAbove ? "above_threshold" : lasts ? "between" : quiet;
    return { reason, severity, burn: burn!, factor, window_s, short_window_s, objective };
  }

  /** From the finest ring that reaches so far. */
  #over(window_s: number): { requests: number; errors: number; known: number; steps: number } {
    const at = RINGS.findIndex(([step_s, slots]) => step_s * slots >= window_s);
    const steps = window_s / RINGS[at]![0];
    return { ...this.#rings[at]!.over(steps), steps };
  }

  /** Layout: the rules that fire as bits, then the rings. */
  encode(writer: BinaryWriter): void {
    writer.uint(this.#isFiring.reduce((bits, isFiring, i) => bits + (isFiring ? 2 ** i : 0), 0));
    for (const ring of this.#rings) ring.encode(writer);
  }

  static decode(reader: BinaryReader): BurnRate {
    const burn = new BurnRate();
    const bits = reader.uint();
    burn.#isFiring = RULES.map((_, i) => Math.floor(bits / 2 ** i) % 2 === 1);
    burn.#rings = RINGS.map(([step_s, slots]) => CountRing.decode(reader, step_s, slots));
    return burn;
  }
}

/** A page is as urgent as can be, a ticket can wait. The fault is as old as the short window says. */
export function burnFinding(second: number, burning: BurnFinding, request_count: number): Finding {
  const { reason, severity, burn, factor, window_s, short_window_s } = burning;
  return {
    metric_name: "burn_rate",
    detector: "slo",
    reason,
    metric_value: burn,
    baseline_value: 1,
    threshold_value: factor,
    request_count,
    window_s,
    onset: second - short_window_s + 1,
    severity: severity === "page" ? "critical" : "medium",
  };
}
