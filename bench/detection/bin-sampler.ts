/** Draws latency bins at one table look-up each. Source of the method: Walker 1977, with the tables of Vose 1991. */
import type { Random } from "../../generator/random.ts";
import { BIN_MAX, BIN_VALUE_US, binUpperUs } from "./bins.ts";
import type { Cdf } from "./latency-shape.ts";

/** What is rarer is never drawn: a service of 1,000 requests/s would see it once in eleven days. */
const PROBABILITY_MIN = 1e-9;

export class BinSampler {
  /** Probabilities of the bins from `first` on; they add up to 1. */
  readonly probabilities: Float64Array;
  readonly first: number;
  readonly mean_us: number;
  readonly #keep: Float64Array;
  readonly #alias: Uint16Array;

  constructor(cdf: Cdf) {
    const mass = Float64Array.from({ length: BIN_MAX + 1 }, (_, bin) =>
      bin === 0 ? 0 : cdf(binUpperUs(bin)) - cdf(binUpperUs(bin - 1)),
    );
    this.first = mass.findIndex((probability) => probability >= PROBABILITY_MIN);
    const kept = mass.slice(this.first, mass.findLastIndex((probability) => probability >= PROBABILITY_MIN) + 1);
    const total = kept.reduce((sum, probability) => sum + probability, 0);
    this.probabilities = kept.map((probability) => probability / total);
    this.mean_us = this.probabilities.reduce((sum, p, i) => sum + p * BIN_VALUE_US[this.first + i]!, 0);
    const { keep, alias } = aliasTables(this.probabilities);
    this.#keep = keep;
    this.#alias = alias;
  }

  draw(random: Random): number {
    const place = random.unit() * this.#keep.length;
    const slot = Math.floor(place);
    return this.first + (place - slot < this.#keep[slot]! ? slot : this.#alias[slot]!);
  }
}

function aliasTables(probabilities: Float64Array): { readonly keep: Float64Array; readonly alias: Uint16Array } {
  const length = probabilities.length;
  const keep = probabilities.map((probability) => probability * length);
  const alias = Uint16Array.from({ length }, (_, slot) => slot);
  const small: number[] = [];
  const large: number[] = [];
  for (let slot = 0; slot < length; slot += 1) (keep[slot]! < 1 ? small : large).push(slot);
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop()!;
    const rich = large.pop()!;
    alias[poor] = rich;
    keep[rich]! -= 1 - keep[poor]!;
    (keep[rich]! < 1 ? small : large).push(rich);
  }
  // What is left is 1 but for rounding.
  for (const slot of [...small, ...large]) keep[slot] = 1;
  return { keep, alias };
}
