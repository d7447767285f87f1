/** One fault in one service's life, and what each contender made of it. */
import { randomFor } from "../../generator/random.ts";
import type { Alarm } from "./contender.ts";
import { benignEvents } from "./benign.ts";
import { Closing } from "./closing.ts";
import { DAY_S, gcStorm, JOB_S, morningJobs } from "./complaints.ts";
import { cycleFactor } from "./cycle.ts";
import type { Effect } from "./effect.ts";
import type { Fault, FaultKind } from "./faults.ts";
import { LATENCY_SHAPES } from "./latency-shape.ts";
import { beginningAt, type LifeRecord, live } from "./life.ts";
import { ordinaryService } from "./profile.ts";
import { seedOf, type SeedSet } from "./seeds.ts";

/**
 * `warm`: after an hour of life; `cold`: in the second minute of life; `late`: warm, and some seconds close late; `marked`: warm,
 * after three incidents of another kind were marked as false positives.
 */
export const VARIANTS = ["warm", "cold", "late", "marked"] as const;
export type Variant = (typeof VARIANTS)[number];

export interface FaultCell {
  readonly fault: string;
  readonly variant: Variant;
  readonly rate: number;
  readonly base_error: number;
}

export interface FaultOutcome {
  readonly contender: string;
  /** From the onset to the first alarm, s of event time; null: not found. */
  readonly found_after_s: number | null;
  /** Incidents told of from the onset to ten minutes after the end. */
  readonly incident_count: number;
  /** Estimated less true; null: not found. */
  readonly onset_error_s: number | null;
  /** Whether the first alarm named the failing endpoint; null: not found, or the whole service fails. */
  readonly isNamed: boolean | null;
  /** Whether the interval of harmed requests held the truth at the end of the incident; null: none was given. */
  readonly isImpactCovered: boolean | null;
  /** From the end of the fault to the end of the last incident; null: not found, or still open. */
  readonly resolved_after_s: number | null;
  /** What was told, in s after the onset: "opened high error_rate /pay +6.1 (since +1)". */
  readonly told: readonly string[];
}

interface Schedule {
  readonly from_s: number;
  readonly onset_s: number;
  /** What happens before the onset. */
  readonly before: readonly Effect[];
}

const WARM_UP_S = 3600;
/** Onset at cold start: in the second minute. */
const COLD_S: readonly [number, number] = [60, 120];
/** Nothing benign happens so close to the fault: an alarm that it raised could be taken for a find. */
const CLEAR_S = 900;
/** Days with a job at the same hour, before the one on which a fault comes at that hour instead. */
const USUAL_DAYS = 3;
/** Storms before the onset, each long enough to be alarmed about, an incident and a reopening time apart. */
const STORMS = 4;
const STORM_GAP_S = 600;
/** Life after the fault, to see the incident end and no other begin. */
const TAIL_S = 600;
/** An alarm may come this long after the end of a fault: the fault was found, if too late. */
const GRACE_S = 60;

export function runFault(
  set: SeedSet,
  kind: FaultKind,
  cell: FaultCell,
  index: number,
  contenders: readonly string[],
): FaultOutcome[] {
  const { variant, rate, base_error } = cell;
  const seed = seedOf(set, `${kind.name} ${variant} ${rate} ${base_error}`, index);
  const random = randomFor(seed, 3);
  const shape = LATENCY_SHAPES[index % LATENCY_SHAPES.length]!;
  const fault = kind.draw(random, ordinaryService(seed, index, { rate, base_error, shape }));
  const { from_s, onset_s, before } = schedule(seed, kind, variant, fault);
  // A cell's rate is the traffic that the fault meets, not a weekday's average: nights and weekends have a fifth of that.
  const profile = { ...fault.profile, rate: fault.profile.rate / cycleFactor(fault.profile.cycle, onset_s) };
  const end_s = onset_s + kind.duration_s;
  const effects = fault.effects.map(({ delay_s = 0, ...effect }) => ({
    ...effect,
    from_s: onset_s + delay_s,
    to_s: end_s,
    isFault: true,
  }));
  const records = live(
    {
      seed,
      profile,
      effects: [...before, ...effects],
      from_s,
      to_s: end_s + TAIL_S,
      closing: new Closing(rate, variant === "late" ? randomFor(seed, 4) : null),
      ...(variant === "marked" ? { marked_until_s: onset_s - CLEAR_S } : {}),
    },
    contenders,
  );
  return records.map((record) => judge(record, onset_s, end_s, fault.endpoint));
}

function schedule(seed: number, kind: FaultKind, variant: Variant, fault: Fault): Schedule {
  const random = randomFor(seed, 5);
  if (kind.atUsualHour) {
    const onset_s = nextHour(beginningAt(random.unit()), JOB_S) + random.index(20);
    const from_s = onset_s - USUAL_DAYS * DAY_S - WARM_UP_S;
    return { from_s, onset_s, before: morningJobs(random, fault.profile, from_s, onset_s - WARM_UP_S) };
  }
  const from_s = beginningAt(random.unit());
  if (variant === "cold") return { from_s, onset_s: from_s + Math.floor(random.between(...COLD_S)), before: [] };
  const first_s = from_s + WARM_UP_S + random.index(60);
  if (variant === "marked") {
    const storms = Array.from({ length: STORMS }, (_, i) => gcStorm(random, first_s + i * STORM_GAP_S));
    return { from_s, onset_s: first_s + STORMS * STORM_GAP_S + CLEAR_S, before: storms };
  }
  return { from_s, onset_s: first_s, before: benignEvents(random, from_s, first_s - CLEAR_S) };
}

function nextHour(after_s: number, of_day_s: number): number {
  return Math.ceil((after_s - of_day_s) / DAY_S) * DAY_S + of_day_s;
}

/** Only what is told anew after the onset counts: an alarm that was on already has found nothing. */
export function judge(record: LifeRecord, onset_s: number, end_s: number, endpoint: string | null): FaultOutcome {
  const told = record.alarms.filter((alarm) => alarm.kind === "opened" && alarm.at_s > onset_s);
  const first = told[0];
  const found = first !== undefined && first.at_s <= end_s + GRACE_S ? first : null;
  const ids = new Set(told.map((alarm) => alarm.id));
  const last = record.alarms.findLastIndex((alarm) => ids.has(alarm.id));
  return {
    contender: record.contender,
    found_after_s: found === null ? null : rounded(found.at_s - onset_s),
    incident_count: ids.size,
    onset_error_s: found === null ? null : rounded(found.onset_s - onset_s),
    isNamed: found === null || endpoint === null ? null : found.endpoint === endpoint,
    isImpactCovered: found === null ? null : isCovered(record.alarms[last], record.harmed_counts[last]),
    resolved_after_s: found === null ? null : resolvedAfter(record.alarms[last], end_s),
    told: record.alarms.map((alarm) => describe(alarm, onset_s)),
  };
}

function isCovered(alarm: Alarm | undefined, harmed_count: number | undefined): boolean | null {
  if (alarm?.kind !== "resolved" || alarm.excess === undefined || harmed_count === undefined) return null;
  return alarm.excess.low <= harmed_count && harmed_count <= alarm.excess.high;
}

function resolvedAfter(alarm: Alarm | undefined, end_s: number): number | null {
  return alarm?.kind === "resolved" ? rounded(alarm.at_s - end_s) : null;
}

function describe({ kind, metric, endpoint, severity, at_s, onset_s: since_s }: Alarm, onset_s: number): string {
  const signed = (seconds: number): string => `${seconds < 0 ? "" : "+"}${rounded(seconds)}`;
  return `${kind} ${severity} ${metric} ${endpoint ?? "*"} ${signed(at_s - onset_s)} (since ${signed(since_s - onset_s)})`;
}

/** To tenths of a second. */
function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
