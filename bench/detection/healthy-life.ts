/** Days in which nothing is wrong, and how often each contender said that something is. */
import { type Random, randomFor } from "../../generator/random.ts";
import { benignEvents } from "./benign.ts";
import { COMPLAINTS, DAY_S } from "./complaints.ts";
import type { Alarm } from "./contender.ts";
import type { Effect } from "./effect.ts";
import { LATENCY_SHAPES } from "./latency-shape.ts";
import { beginningAt, live } from "./life.ts";
import { ordinaryService, type ServiceProfile } from "./profile.ts";
import { seedOf, type SeedSet } from "./seeds.ts";

/** `quiet`: nothing happens; `benign`: an ordinary day's events; else the name of a complaint. */
export interface HealthyCell {
  readonly kind: string;
  readonly rate: number;
  readonly base_error: number;
}

export interface HealthyOutcome {
  readonly contender: string;
  /** Days that count. */
  readonly days: number;
  readonly incident_count: number;
  /** By what was alarmed about and what was going on ("error_rate during blip"), reopened incidents counted again. */
  readonly opened_for: Readonly<Record<string, number>>;
  /** Stretches of ten minutes in which an alarm was raised: what would have "found" a fault there. */
  readonly hit_stretch_count: number;
  /** Share of the time, 0 to 1, in which an alarm was on. */
  readonly open_share: number;
}

const STRETCH_S = 600;
const NEAR_S = 120;

export function runHealthyLife(
  set: SeedSet,
  cell: HealthyCell,
  index: number,
  days: number,
  contenders: readonly string[],
): HealthyOutcome[] {
  // With and without marks the same things happen.
  const seed = seedOf(set, `${cell.kind.replace(/-marked$/, "")} ${cell.rate} ${cell.base_error}`, index);
  const random = randomFor(seed, 3);
  const from_s = beginningAt(random.unit());
  const to_s = from_s + Math.round(days * DAY_S);
  const { profile, effects, known_after_s, isMarked } = draw(random, seed, cell, index, from_s, to_s);
  const counted_from_s = from_s + known_after_s;
  return live({ seed, profile, effects, from_s, to_s, marked_until_s: isMarked ? to_s : 0 }, contenders).map(
    ({ contender, alarms }) => {
      const counted = alarms.filter((alarm) => alarm.kind === "opened" && alarm.at_s >= counted_from_s);
      const opened_for: Record<string, number> = {};
      for (const { metric, at_s } of counted) {
        const key = `${metric} ${circumstance(effects, at_s)}`;
        opened_for[key] = (opened_for[key] ?? 0) + 1;
      }
      return {
        contender,
        days: (to_s - counted_from_s) / DAY_S,
        incident_count: new Set(counted.map((alarm) => alarm.id)).size,
        opened_for,
        hit_stretch_count: new Set(counted.map((alarm) => Math.floor((alarm.at_s - from_s) / STRETCH_S))).size,
        open_share: openSeconds(alarms, counted_from_s, to_s) / (to_s - counted_from_s),
      };
    },
  );
}

/** What went on in the two minutes before an alarm. */
function circumstance(effects: readonly Effect[], at_s: number): string {
  const near = effects.filter(({ from_s, to_s }) => from_s < at_s && to_s > at_s - NEAR_S);
  return near.length === 0 ? "out of the blue" : `during ${[...new Set(near.map(({ label }) => label))].join(", ")}`;
}

interface HealthyPlan {
  readonly profile: ServiceProfile;
  readonly effects: readonly Effect[];
  /** Alarms before this age of the service do not count. */
  readonly known_after_s: number;
  readonly isMarked: boolean;
}

function draw(
  random: Random,
  seed: number,
  cell: HealthyCell,
  index: number,
  from_s: number,
  to_s: number,
): HealthyPlan {
  const { kind, rate, base_error } = cell;
  const complaint = COMPLAINTS.find((candidate) => candidate.name === kind);
  if (complaint !== undefined) {
    const { known_after_days = 0, marks } = complaint;
    const drawn = complaint.draw(random, seed, index, from_s, to_s);
    return { ...drawn, known_after_s: known_after_days * DAY_S, isMarked: marks === "first three" };
  }
  const shape = LATENCY_SHAPES[index % LATENCY_SHAPES.length]!;
  const profile = ordinaryService(seed, index, { rate, base_error, shape });
  return {
    profile,
    effects: kind === "benign" ? benignEvents(random, from_s, to_s) : [],
    known_after_s: 0,
    isMarked: false,
  };
}

/** Seconds in which at least one incident was open. */
export function openSeconds(alarms: readonly Alarm[], from_s: number, to_s: number): number {
  const open = new Set<string>();
  let [since_s, sum_s] = [from_s, 0];
  for (const { kind, id, at_s } of alarms) {
    const wasOpen = open.size > 0;
    if (kind === "opened") open.add(id);
    else open.delete(id);
    if (!wasOpen && open.size > 0) since_s = Math.max(from_s, at_s);
    else if (wasOpen && open.size === 0) sum_s += Math.max(0, Math.min(to_s, at_s) - since_s);
  }
  return open.size > 0 ? sum_s + Math.max(0, to_s - since_s) : sum_s;
}
