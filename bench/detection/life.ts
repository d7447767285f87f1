/** One simulated service from its first to its last second, with every contender watching the same traffic. */
import type { Alarm, Contender, WatchedService } from "./contender.ts";
import { CONTENDERS } from "./contenders.ts";
import { Closing } from "./closing.ts";
import type { Effect } from "./effect.ts";
import { Marking } from "./marking.ts";
import { meanLatencyMs, type ServiceProfile } from "./profile.ts";
import { Simulator } from "./simulator.ts";

export interface LifePlan {
  readonly seed: number;
  readonly profile: ServiceProfile;
  readonly effects: readonly Effect[];
  /** Epoch seconds; `to_s` is not lived. */
  readonly from_s: number;
  readonly to_s: number;
  readonly closing?: Closing;
  /** The first incidents told before it are marked as false positives; none without it. */
  readonly marked_until_s?: number;
}

export interface LifeRecord {
  readonly contender: string;
  readonly alarms: readonly Alarm[];
  /** Requests harmed by faults in all seconds judged up to each alarm, in the order of the alarms. */
  readonly harmed_counts: readonly number[];
}

/** A Monday; lives begin at some second of the four weeks after it. */
const EPOCH_S = 1_793_577_600;
const BEGINNINGS_S = 28 * 86_400;

/** `share`: 0 to 1. */
export function beginningAt(share: number): number {
  return EPOCH_S + Math.floor(share * BEGINNINGS_S);
}

export function live(plan: LifePlan, contender_names: readonly string[]): LifeRecord[] {
  const { seed, profile, effects, from_s, to_s, closing = new Closing(profile.rate), marked_until_s = 0 } = plan;
  const watched: WatchedService = {
    name: profile.name,
    sla_ms: 2 * meanLatencyMs(profile),
    phase_s: seed % 60,
  };
  const simulator = new Simulator({ seed, profile, effects });
  const watchers = contender_names.map((name) => {
    const contender = createContender(name, watched);
    const marking = new Marking(contender, marked_until_s);
    return { contender, marking, alarms: [] as Alarm[], harmed_counts: [] as number[] };
  });
  let harmed_count = 0;
  for (let second = from_s; second < to_s; second += 1) {
    const { closed, sketch, slow, harmed_count: harmed } = simulator.next(second);
    harmed_count += harmed;
    const closed_at_s = closing.closedAt(second);
    for (const { contender, marking, alarms, harmed_counts } of watchers) {
      marking.step(second);
      for (const alarm of contender.step({ second, closed_at_s, closed, sketch, slow })) {
        alarms.push(alarm);
        marking.hear(alarm);
        harmed_counts.push(harmed_count);
      }
    }
  }
  return watchers.map(({ contender, alarms, harmed_counts }) => ({ contender: contender.name, alarms, harmed_counts }));
}

function createContender(name: string, service: WatchedService): Contender {
  const create = CONTENDERS.get(name);
  if (create === undefined) throw new Error(`there is no contender "${name}"`);
  return create(service);
}
