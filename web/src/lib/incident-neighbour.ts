/** The other service that went wrong first: which it is, which incident of it, and which of its figures shows that. */
import { earlierNeighbours, NEIGHBOUR_LIKELY_S } from "../../../domain/signals.ts";
import { formatLastData } from "./format/time.ts";
import { staleSince } from "./freshness.ts";
import { incidentFigures } from "./incident-figures.ts";
import { incidentPath } from "./incident-id.ts";
import { neighbourOnset } from "./narrative/neighbour-rules.ts";
import { figureOfMetric, figureSeverity } from "./severity.ts";
import type { Fact } from "../../../domain/evidence.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { BaselinePoint } from "../../../domain/message.ts";
import type { NeighbourChart } from "./chart/neighbour-chart.ts";
import type { Citation } from "./narrative/citations.ts";
import type { Point } from "./point.ts";
import type { Figures } from "./sentence.ts";

export interface EarlierNeighbour {
  readonly service: string;
  /** Epoch seconds of its onset. */
  readonly began: number;
  /** The fact that tells of it. */
  readonly fact_id: string;
}

/**
 * The one whose onset is the nearest before the incident's, by more than onsets are off, and so near that it may be why; null where
 * none is.
 */
export function earlierNeighbour(facts: readonly Fact[]): EarlierNeighbour | null {
  const nearest = earlierNeighbours(facts).find(({ lead_s }) => lead_s <= NEIGHBOUR_LIKELY_S);
  const began = nearest === undefined ? null : neighbourOnset(nearest.fact);
  if (nearest === undefined || began === null) return null;
  return { service: nearest.service, began, fact_id: nearest.fact.id };
}

/** Of the neighbour's incidents the one that the fact speaks of, by its onset to the second; null while it is not known. */
export function neighbourIncident(incidents: Iterable<Incident>, { began }: EarlierNeighbour): Incident | null {
  const told = [...incidents].filter(({ onset_at }) => Math.floor(Date.parse(onset_at) / 1000) === began);
  return told.toSorted((a, b) => a.opened_at.localeCompare(b.opened_at))[0] ?? null;
}

/** What is known of the other service over the time of the incident. */
export interface SeenNeighbour {
  readonly points: readonly Point[];
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly baseline: BaselinePoint | null;
  readonly figures: Figures | null;
  /** Event time, epoch ms. */
  readonly last_data_ms: number | null;
  readonly known: boolean;
  readonly history_trouble: unknown;
}

export interface NeighbourSource {
  readonly earlier: EarlierNeighbour;
  readonly seen: SeenNeighbour;
  /** The incident that the page is of: its figures are of now or, once it is over, of its time. */
  readonly incident: Incident;
  readonly cited: ReadonlyMap<string, Citation>;
  readonly now_ms: number;
}

/** Its chart: of the figure that its incident opened on, whatever else becomes wrong with it. */
export function neighbourChart({ earlier, seen, incident, cited, now_ms }: NeighbourSource): NeighbourChart {
  const its = neighbourIncident(seen.incidents.values(), earlier);
  const name = its === null ? null : figureOfMetric(its.metric_name);
  const isOpen = incident.status === "open";
  const stale = isOpen ? staleSince(seen.last_data_ms, now_ms) : null;
  const figures = isOpen ? (stale === null ? seen.figures : null) : incidentFigures(incident, seen.points);
  const number = cited.get(earlier.fact_id)?.number;
  return {
    service: earlier.service,
    href: its === null ? `/services/${encodeURIComponent(earlier.service)}` : incidentPath(its.id),
    name,
    points: seen.points,
    incidents: [...seen.incidents.values()],
    baseline: isOpen ? seen.baseline : (figures?.baseline ?? null),
    figures,
    severity: isOpen && name !== null ? figureSeverity(its, name, figures) : null,
    note: stale === null ? noteOf(seen) : `last data ${formatLastData(stale, now_ms)}`,
    numbers: number === undefined ? [] : [number],
  };
}

function noteOf({ known, history_trouble }: SeenNeighbour): string | null {
  if (history_trouble !== null) return "cannot be read now";
  return known ? null : "being read";
}
