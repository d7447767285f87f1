/** Where all randomness of the benchmark comes from: what was tuned on is never what is reported. */
import { keyOf, randomFor } from "../../generator/random.ts";

export const SEEDS = { tuning: 20_260_117, reporting: 73_939_133 } as const;

export type SeedSet = keyof typeof SEEDS;

/** A seed for one life: it depends on what the life is for and on its number, not on what else runs. */
export function seedOf(set: SeedSet, purpose: string, index: number): number {
  return randomFor(SEEDS[set], keyOf(purpose), index).bits();
}
