/** Draws of a seeded generator in the words of a simulation. */
import type { Random } from "../generator/random.ts";

export interface Dice {
  /** Uniform in [0, 1). */
  unit(): number;
  /** True with this probability; draws nothing where it is 0. */
  chance(probability: number): boolean;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  /** Exponential with the given mean: the time until the next event of a Poisson process. */
  exponential(mean: number): number;
  /** One of them; there is at least one. */
  pick<T>(items: readonly T[]): T;
}

export function diceOf(random: Random): Dice {
  return {
    unit: () => random.unit(),
    chance: (probability) => probability > 0 && random.unit() < probability,
    whole: (min, max) => min + random.index(max - min + 1),
    exponential: (mean) => random.exponential(mean),
    pick: (items) => items[random.index(items.length)]!,
  };
}
