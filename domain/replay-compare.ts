/** What two replays of one stream under different settings told: incidents gained, lost, moved, or told alike. */
import type { ComparedChange, ComparedIncident, IncidentLine, ToldIncident } from "./replay-line.ts";

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
