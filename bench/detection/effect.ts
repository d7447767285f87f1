/** What happens to a service for a while: a fault, or an event that nobody should be woken for. */
import { shiftOf } from "./bins.ts";

export interface Effect {
  /** Epoch seconds; `to_s` is the first second that is well again. */
  readonly from_s: number;
  readonly to_s: number;
  /** What it is, in a word, to tell what an alarm was raised for. */
  readonly label?: string;
  /** A fault is what a detector should find; its damage is counted as truth. */
  readonly isFault?: boolean;
  /** It grows evenly over this time; without it it is there at once. */
  readonly ramp_s?: number;
  /** It comes and goes, beginning with `on_s`. */
  readonly flapping?: { readonly on_s: number; readonly off_s: number };
  /** Index of the one endpoint that it concerns; all without it. */
  readonly endpoint?: number;
  /** Factor on the requests. */
  readonly rate_factor?: number;
  /** Share (0 to 1) that fails of the requests that would not have failed. */
  readonly error_share?: number;
  /** Factor on the latency of `slow_share` (0 to 1, all without it) of the requests. */
  readonly latency_factor?: number;
  readonly slow_share?: number;
}

/** What an endpoint is under in one second. */
export interface Strain {
  rate_factor: number;
  error_share: number;
  fault_error_share: number;
  /** In bins, with a fraction; on all requests. */
  shift: number;
  /** A second shift, on this share of the requests. */
  slow_shift: number;
  slow_share: number;
  /** The part of the shifts that is a fault's: on all requests, and more on those of `slow_share`. */
  fault_shift: number;
  fault_slow_shift: number;
}

const CALM: Readonly<Strain> = {
  rate_factor: 1,
  error_share: 0,
  fault_error_share: 0,
  shift: 0,
  slow_shift: 0,
  slow_share: 0,
  fault_shift: 0,
  fault_slow_shift: 0,
};

/** All effects of one service's life, asked for second by second in order. */
export class Effects {
  /** One for each endpoint. */
  readonly strains: readonly Strain[];
  readonly #waiting: Effect[];
  #active: Effect[] = [];
  #isCalm = true;

  constructor(effects: readonly Effect[], endpoint_count: number) {
    this.#waiting = [...effects].sort((a, b) => b.from_s - a.from_s);
    this.strains = Array.from({ length: endpoint_count }, () => ({ ...CALM }));
  }

  /** False: all strains are calm, as in nearly all seconds. */
  step(second: number): boolean {
    while ((this.#waiting.at(-1)?.from_s ?? Infinity) <= second) this.#active.push(this.#waiting.pop()!);
    if (this.#active.length === 0 && this.#isCalm) return false;
    for (const strain of this.strains) Object.assign(strain, CALM);
    this.#active = this.#active.filter((effect) => effect.to_s > second);
    for (const effect of this.#active) this.#apply(effect, second);
    this.#isCalm = this.#active.length === 0;
    return !this.#isCalm;
  }

  #apply(effect: Effect, second: number): void {
    const strength = strengthAt(effect, second);
    if (strength === 0) return;
    for (const [i, strain] of this.strains.entries()) {
      if (effect.endpoint === undefined || effect.endpoint === i) worsen(strain, effect, strength);
    }
  }
}

/** 0 to 1. */
function strengthAt(effect: Effect, second: number): number {
  const into = second - effect.from_s;
  const { flapping, ramp_s } = effect;
  if (flapping !== undefined && into % (flapping.on_s + flapping.off_s) >= flapping.on_s) return 0;
  return ramp_s === undefined ? 1 : Math.min(1, (into + 0.5) / ramp_s);
}

function worsen(strain: Strain, effect: Effect, strength: number): void {
  const { rate_factor = 1, error_share = 0, latency_factor = 1, slow_share = 1, isFault = false } = effect;
  strain.rate_factor *= 1 + (rate_factor - 1) * strength;
  const failing = error_share * strength;
  if (isFault) strain.fault_error_share = 1 - (1 - strain.fault_error_share) * (1 - failing);
  else strain.error_share = 1 - (1 - strain.error_share) * (1 - failing);
  if (latency_factor === 1) return;
  const shift = shiftOf(1 + (latency_factor - 1) * strength);
  if (slow_share >= 1) strain.shift += shift;
  else {
    strain.slow_shift += shift;
    strain.slow_share = Math.max(strain.slow_share, slow_share);
  }
  if (!isFault) return;
  if (slow_share >= 1) strain.fault_shift += shift;
  else strain.fault_slow_shift += shift;
}
