/** What every part of a simulation shares. */
import type { Dice } from "./dice.ts";
import type { Invariants } from "./invariants.ts";
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import type { Plant } from "./plants.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Surroundings {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly dice: Dice;
  readonly invariants: Invariants;
  readonly plant: Plant;
  /** Notes a step: the notes of two runs of a seed are the same. */
  readonly trace: (step: string) => void;
}
