/**
 * Which endpoint an anomaly is said to be of while it lasts. Few requests have been seen when it is found, so that none may stand out
 * yet, or the wrong one; but neither the list nor the words of an incident should follow each second.
 */
import type { Driver } from "./reference-detector.ts";
import { RING_S } from "./second-ring.ts";

/** A name is better than none, but not the one of a few failures that had to fall somewhere: it must stand out for so long on end. */
const FIRST_LEAD_S = 10;
/** So long another endpoint, or none, must be found without a break before that takes the place of the one that is said. */
const LEAD_S = 20;
/**
 * All of a fault is looked at within its first minute; later only its last minute is, which a few requests that fall together sway for
 * as long as they are in it: then it must be found until none of the requests are the same.
 */
const LATE_LEAD_S = RING_S;
/** From one change to the next: each has new words, which may be a call to the model. */
const CHANGE_S = 60;

/** JSON-serialisable; immutable. */
export interface DriverWatch {
  /** What is said, with its share as it stands in the anomaly's description. */
  readonly said: Driver;
  /** Another endpoint, or null for none, that was found in each second since then. */
  readonly rival: { readonly endpoint: string | null; readonly since: number } | null;
  /** The second of the newest change of what is said; null before the first. */
  readonly changed: number | null;
}

/** `said`: when the anomaly was found. `before`: of an earlier anomaly of the same incident and metric. */
export function watchDriver(said: Driver, before?: DriverWatch): DriverWatch {
  return { said, rival: null, changed: before?.changed ?? null };
}

/** After a look at `found`, what stands out in `second`; `onset`: the first one of the fault. */
export function watchedDriver(watch: DriverWatch, found: Driver, second: number, onset: number): DriverWatch {
  const { said, rival, changed } = watch;
  const { endpoint } = found;
  if (endpoint === said.endpoint) return { ...watch, rival: null };
  const since = rival !== null && rival.endpoint === endpoint ? rival.since : second;
  const early_s = said.endpoint === null ? FIRST_LEAD_S : LEAD_S;
  const needed_s = second - onset < RING_S ? early_s : LATE_LEAD_S;
  const isForGood = second - since + 1 >= needed_s && (changed === null || second - changed >= CHANGE_S);
  if (isForGood) return { said: found, rival: null, changed: second };
  return { said, rival: { endpoint, since }, changed };
}
