/** What a seed does: which services and partitions there are, what is sent, and which disturbances strike how often. */
import { randomFor } from "../generator/random.ts";
import { type Dice, diceOf } from "./dice.ts";

/**
 * Probabilities of disturbances. Each is off in some seeds, so that others are seen alone.
 *
 * - of a call between parts: `request_lost`, `answer_lost`, `late` (the caller gave up, and it is carried out afterwards), `slow`
 * - of a call to an object: `storage_fault` (a statement from here on fails), `evict` (memory is lost, before or during it)
 * - of an alarm: `alarm_late`, `alarm_twice`
 * - of a batch: `duplicate` (a proxy sends it again later), `rebalance` (another owner begins, the old one lives on as a zombie)
 */
export interface Chaos {
  readonly request_lost: number;
  readonly answer_lost: number;
  readonly late: number;
  readonly slow: number;
  readonly storage_fault: number;
  readonly evict: number;
  readonly alarm_late: number;
  readonly alarm_twice: number;
  readonly duplicate: number;
  readonly rebalance: number;
}

export const CALM: Chaos = {
  request_lost: 0,
  answer_lost: 0,
  late: 0,
  slow: 0,
  storage_fault: 0,
  evict: 0,
  alarm_late: 0,
  alarm_twice: 0,
  duplicate: 0,
  rebalance: 0,
};

export interface Plan {
  readonly seed: number;
  /**
   * `wild`: events come as they happen, arbitrarily late, and operators act. `orderly`: a backlog within the disorder bound is
   * caught up with, so that incidents must equal those of the plain stream (point 2b).
   */
  readonly kind: "wild" | "orderly";
  readonly services: readonly string[];
  /** Of them, how many may exist. */
  readonly services_max: number;
  readonly partitions: number;
  /** Event time that the stream covers. */
  readonly seconds: number;
  /** Mean events a second of all services. */
  readonly rate: number;
  readonly batch_max: number;
  readonly chaos: Chaos;
  /** Outages of parts, and acts of operators. */
  readonly outages: number;
  readonly acts: number;
  readonly plain_http: boolean;
}

const NAMES = ["checkout", "search", "payments", "ledger"] as const;

export function planOf(seed: number): Plan {
  const dice = diceOf(randomFor(seed, 1));
  const kind = dice.chance(0.25) ? "orderly" : "wild";
  const isOrderly = kind === "orderly";
  const services = NAMES.slice(0, dice.pick(isOrderly ? [1, 1, 2] : [1, 1, 2, 2, 3]));
  return {
    seed,
    kind,
    services,
    services_max: !isOrderly && dice.chance(0.2) ? Math.max(1, services.length - 1) : NAMES.length,
    partitions: dice.pick([1, 2, 2, 3]),
    seconds: isOrderly ? dice.whole(45, 62) : dice.whole(8, 24),
    rate: isOrderly ? dice.whole(5, 8) : dice.whole(2, 5),
    batch_max: isOrderly ? dice.whole(30, 90) : dice.whole(5, 60),
    chaos: chaosOf(dice, isOrderly),
    outages: isOrderly ? dice.whole(0, 1) : dice.whole(0, 4),
    acts: isOrderly ? 0 : dice.whole(0, 5),
    plain_http: !isOrderly && dice.chance(0.3),
  };
}

function chaosOf(dice: Dice, isOrderly: boolean): Chaos {
  const odds = (most: number): number => (dice.chance(0.65) ? most * dice.unit() : 0);
  return {
    request_lost: odds(0.1),
    answer_lost: odds(0.15),
    // Delays of seconds make partitions idle, of which point 2b says nothing.
    late: isOrderly ? 0 : odds(0.1),
    slow: isOrderly ? 0 : odds(0.1),
    storage_fault: odds(0.15),
    evict: odds(0.15),
    alarm_late: odds(0.4),
    alarm_twice: odds(0.3),
    duplicate: odds(0.3),
    rebalance: odds(0.3),
  };
}
