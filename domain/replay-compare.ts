/** What two replays of one stream under different settings told: incidents gained, lost, moved, or told alike. */
import type { IncidentLine } from "./replay-line.ts";

/** One incident as a subscriber would have known it. Times are RFC 3339 in event time. */
export interface ToldIncident {
  readonly id: string;
  readonly service: string;
  /** When it was first told. */
  readonly at: string;
  readonly onset: string;
  /** Null while it was open at the end. */
  readonly resolved_at: string | null;
  readonly metric_name: IncidentLine["metric_name"];
  readonly endpoint: string | null;
  /** The worst it became. */
  readonly severity: IncidentLine["severity"];
  readonly score: number;
  readonly reason: string;
}

export type ComparedChange = "gained" | "lost" | "moved" | "same";

/** `before` is what the first settings told, `after` what the second did. */
export interface ComparedIncident {
  readonly change: ComparedChange;
  readonly before: ToldIncident | null;
  readonly after: ToldIncident | null;
}

/** Gathers an incident from its lines. */
export class ToldIncidents {
  readonly #incidents = new Map<string, ToldIncident>();

  add(line: IncidentLine): void {
    const { id, service, onset, metric_name, endpoint, severity, score, reason } = line;
    const at = this.#incidents.get(id)?.at ?? line.at;
    const resolved_at = line.action === "resolved" ? line.at : null;
    this.#incidents.set(id, {
      id,
      service,
      at,
      onset,
      resolved_at,
      metric_name,
      endpoint,
      severity,
      score,
      reason,
    });
  }

  /** In the order in which they were first told. */
  get all(): readonly ToldIncident[] {
    return [...this.#incidents.values()];
  }
}

/**
 * Pairs incidents of one service whose times touch, the earliest first; each belongs to one pair at most. In order of the
 * time at which either was told.
 */
export function compareIncidents(
  before: readonly ToldIncident[],
  after: readonly ToldIncident[],
): readonly ComparedIncident[] {
  const left = new Set(after);
  const pairs = before.map((own): ComparedIncident => {
    const other = [...left].find((candidate) => touches(own, candidate));
    if (other === undefined) return { change: "lost", before: own, after: null };
    left.delete(other);
    return { change: isSame(own, other) ? "same" : "moved", before: own, after: other };
  });
  const gained = [...left].map((own): ComparedIncident => ({ change: "gained", before: null, after: own }));
  return [...pairs, ...gained].toSorted((a, b) => toldAt(a) - toldAt(b));
}

function touches(a: ToldIncident, b: ToldIncident): boolean {
  return a.service === b.service && begin(a) <= end(b) && begin(b) <= end(a);
}

function begin({ at, onset }: ToldIncident): number {
  return Math.min(Date.parse(at), Date.parse(onset));
}

function end({ resolved_at }: ToldIncident): number {
  return resolved_at === null ? Infinity : Date.parse(resolved_at);
}

function toldAt({ before, after }: ComparedIncident): number {
  return Math.min(...[before, after].filter((own) => own !== null).map((own) => Date.parse(own.at)));
}

const COMPARED_FIELDS = ["at", "onset", "resolved_at", "metric_name", "endpoint", "severity"] as const;

function isSame(a: ToldIncident, b: ToldIncident): boolean {
  return COMPARED_FIELDS.every((field) => a[field] === b[field]);
}

/** How many of each. */
export function countChanges(compared: readonly ComparedIncident[]): Readonly<Record<ComparedChange, number>> {
  const count = (change: ComparedChange): number => compared.filter((own) => own.change === change).length;
  return { gained: count("gained"), lost: count("lost"), moved: count("moved"), same: count("same") };
}
