/** What the rules for causes and the template's words read from evidence: the one place that knows the names of its values. */
import type { Evidence, Fact, FactKind, Unit } from "./evidence.ts";
import type { Resolution } from "./incident.ts";

/** An endpoint with this share of the excess carries it alone; the rest is what neighbours of it in the code suffer. */
const LONE_SHARE = 0.6;
/** A version that comes so shortly before the end may have brought it. */
const MENDED_S = 300;
/** Requests that clients got wrong carry a rise of errors from this share of its excess on. */
const CLIENT_SHARE = 0.5;
const CLIENT_CLASS = 4;
/**
 * Onsets are estimates that may be this many seconds off (impact.ts): incidents of two services within it began together, and
 * nobody can say which was first.
 */
const TOGETHER_S = 5;

/** What another service's incident brings about shows within so many seconds; after that it is near, and no more. */
export const NEIGHBOUR_LIKELY_S = 300;

export interface Neighbour {
  readonly fact: Fact;
  readonly service: string;
  /** By how many seconds its onset was before this one's; negative: after. */
  readonly lead_s: number;
}

export interface Signals {
  readonly of: (kind: FactKind) => readonly Fact[];
  readonly first: (kind: FactKind) => Fact | null;
  /** What is wrong: facts of `errors`, `latency`, `traffic`, `down` and `budget`, as the evidence orders them. */
  readonly symptoms: readonly Fact[];
  /** The endpoint that carries the excess alone. */
  readonly lone: Fact | null;
  /** What clients got wrong (4xx) carries the excess. */
  readonly client_errors: Fact | null;
  readonly steady_traffic: Fact | null;
  readonly deploy: { readonly fact: Fact; readonly before_s: number } | null;
  /** Other services' incidents that began earlier, the nearest first; together with this one. Later ones explain nothing. */
  readonly earlier: readonly Neighbour[];
  readonly together: readonly Neighbour[];
  /** It is known what is normal: else nobody can say what changed. */
  readonly isLearned: boolean;
  readonly isOver: boolean;
  /** The newest that is known of it is of another day (UTC) than its onset: a time of day alone would be read as today's. */
  readonly isOfDays: boolean;
  readonly resolution: Resolution | null;
  /** It ended by itself soon after a version that is newer than its onset. */
  readonly isMended: boolean;
}

const SYMPTOMS = ["down", "errors", "latency", "traffic", "budget"] as const satisfies readonly FactKind[];

export function signalsOf({ facts, subject }: Evidence): Signals {
  const byKind = Map.groupBy(facts, (fact) => fact.kind);
  const of = (kind: FactKind): readonly Fact[] => byKind.get(kind) ?? [];
  const first = (kind: FactKind): Fact | null => of(kind)[0] ?? null;
  const symptoms = SYMPTOMS.flatMap(of);
  const neighbours = of("neighbour").flatMap(neighbour);
  return {
    of,
    first,
    symptoms,
    lone: of("endpoint").find((fact) => (valueOf(fact, "share") ?? 0) >= LONE_SHARE) ?? null,
    client_errors: of("statuses").find(isClients) ?? null,
    steady_traffic: of("steady").find((fact) => hasUnit(fact, "per_s")) ?? null,
    deploy: of("deploy").flatMap(deploy)[0] ?? null,
    earlier: earlierNeighbours(facts),
    together: neighbours.filter(({ lead_s }) => Math.abs(lead_s) <= TOGETHER_S),
    isLearned: symptoms.some((fact) => valueOf(fact, "typical") !== null),
    isOver: subject.status === "resolved",
    isOfDays: dayOf(subject.onset_at) !== dayOf(subject.resolved_at ?? subject.updated_at),
    resolution: subject.resolution,
    isMended: subject.resolution === "recovered" && isMended(first("resolved")),
  };
}

/** Other services' incidents that began before this one, by more than the error of an onset; the nearest first. */
export function earlierNeighbours(facts: readonly Fact[]): readonly Neighbour[] {
  const neighbours = facts.filter(({ kind }) => kind === "neighbour").flatMap(neighbour);
  return neighbours.filter(({ lead_s }) => lead_s > TOGETHER_S).toSorted((a, b) => a.lead_s - b.lead_s);
}

/** `2026-11-24` of RFC 3339 in UTC. */
function dayOf(time: string): string {
  return time.slice(0, 10);
}

/** The value of that name; null where the fact has none. */
export function valueOf(fact: Fact, name: string): number | null {
  return fact.values.find((value) => value.name === name)?.value ?? null;
}

/** The first value in that unit; null where the fact has none. */
export function valueIn(fact: Fact | null, unit: Unit): number | null {
  return fact?.values.find((value) => value.unit === unit)?.value ?? null;
}

export function hasUnit(fact: Fact, unit: Unit): boolean {
  return fact.values.some((value) => value.unit === unit);
}

function isMended(resolved: Fact | null): boolean {
  const before_s = resolved === null ? null : valueOf(resolved, "deployed_before_end");
  return before_s !== null && before_s <= MENDED_S;
}

function isClients(fact: Fact): boolean {
  return valueIn(fact, "code") === CLIENT_CLASS && (valueOf(fact, "share") ?? 0) >= CLIENT_SHARE;
}

function deploy(fact: Fact): NonNullable<Signals["deploy"]>[] {
  const before_s = valueOf(fact, "before");
  return before_s === null ? [] : [{ fact, before_s }];
}

/** A fact that only counts further ones names no service. */
function neighbour(fact: Fact): Neighbour[] {
  const [service] = fact.names;
  const before_s = valueOf(fact, "before");
  const after_s = valueOf(fact, "after");
  if (service === undefined || (before_s === null && after_s === null)) return [];
  return [{ fact, service, lead_s: before_s ?? -after_s! }];
}
