/** The four figures of the fleet over the chosen time: each a number, its unit, what is normal for it, and what it is. */
import { formatNumber, formatRate } from "../format/number.ts";
import { formatClock, formatMoment, formatSince } from "../format/time.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { FleetSummary } from "../../../../domain/summary.ts";
import type { Span } from "../span.ts";

export interface FleetFigure {
  readonly label: string;
  readonly text: string;
  readonly unit: string;
  /** What is normal for it, or what it is made of. */
  readonly beside: string;
  /** What it is and over which span, for whoever asks. */
  readonly about: string;
}

/** Still true of the open incidents, which the socket tells at once; history hears of it seconds later. */
function activeFindings(open: readonly Incident[]): { readonly findings: number; readonly incidents: number } {
  const counts = open.map(({ anomalies }) => anomalies.filter(({ resolved }) => !resolved).length);
  return { findings: counts.reduce((sum, count) => sum + count, 0), incidents: open.length };
}

/**
 * @param summary of the span; null while it is not known
 * @param open the incidents that are open now; null where the span does not end now
 * @param found findings in the span as the page's own incidents have them: what the socket told is in them before it is in history
 * @param last the newest incident that is over; null where there is none
 */
export function fleetFigures(
  summary: FleetSummary | null,
  open: readonly Incident[] | null,
  found: number,
  last: Pick<Incident, "resolved_at"> | null,
  now_ms: number,
): FleetFigure[] {
  const span = summary === null ? "" : spanWords(summary);
  return [
    requestsFigure(summary, span),
    errorFigure(summary, span),
    foundFigure(summary, found, span),
    activeFigure(summary, open, last?.resolved_at ?? null, now_ms),
  ];
}

/** Findings of incidents that were detected in a span (epoch seconds). */
export function findingsIn(incidents: readonly Incident[], { from, until }: Span): number {
  const isIn = (time: string) => Date.parse(time) >= from * 1000 && Date.parse(time) <= until * 1000;
  return incidents.flatMap(({ anomalies }) => anomalies).filter(({ detected_at }) => isIn(detected_at)).length;
}

function requestsFigure(summary: FleetSummary | null, span: string): FleetFigure {
  const size = amount(summary?.request_count ?? null);
  const normal = summary?.normal_request_count ?? null;
  const usual = amount(normal);
  return {
    label: "Requests",
    ...size,
    beside: normal === null ? "" : `normally ${usual.text}${usual.unit === "" ? "" : ` ${usual.unit}`}`,
    about: `Requests of all services${span}${summary === null ? "" : `: ${formatNumber(summary.request_count)}`}`,
  };
}

function errorFigure(summary: FleetSummary | null, span: string): FleetFigure {
  const normal = summary?.normal_error_rate ?? null;
  const failed =
    summary === null ? "" : `: ${formatNumber(summary.error_count)} of ${formatNumber(summary.request_count)} requests`;
  return {
    label: "Average error rate",
    text: share(summary?.error_rate ?? null),
    unit: "%",
    beside: normal === null ? "" : `normally ${share(normal)} %`,
    about: `Failed requests among all of all services${span}${failed}`,
  };
}

function foundFigure(summary: FleetSummary | null, found: number, span: string): FleetFigure {
  const usual = summary?.usual_anomaly_count ?? null;
  return {
    label: "Anomalies",
    text: summary === null ? "–" : formatNumber(Math.max(summary.anomaly_count, found)),
    unit: "",
    beside: usual === null ? "" : `${formatRate(usual)} in an average span of this length`,
    about: `Findings of the detectors${span}; beside it the mean of the seven days before`,
  };
}

function activeFigure(
  summary: FleetSummary | null,
  open: readonly Incident[] | null,
  calm_since: string | null,
  now_ms: number,
): FleetFigure {
  const known =
    open !== null
      ? activeFindings(open)
      : summary === null
        ? null
        : { findings: summary.active_anomaly_count, incidents: summary.active_incident_count };
  const incidents = known?.incidents ?? 0;
  const when = open === null && summary !== null ? ` at ${formatMoment(Date.parse(summary.to))}` : " now";
  return {
    label: "Active anomalies",
    text: known === null ? "–" : formatNumber(known.findings),
    unit: "",
    beside: activeWords(incidents, open === null ? null : calm_since, now_ms),
    about: `Findings that are not over${when}`,
  };
}

/** "in 2 incidents", "none since 10:04:12". */
function activeWords(incidents: number, calm_since: string | null, now_ms: number): string {
  if (incidents > 0) return `in ${formatNumber(incidents)} ${incidents === 1 ? "incident" : "incidents"}`;
  return calm_since === null ? "" : `none since ${formatSince(Date.parse(calm_since), now_ms)}`;
}

function spanWords({ from, to, until }: FleetSummary): string {
  const words = ` from ${formatMoment(Date.parse(from))} to ${formatClock(Date.parse(to))}`;
  const lacks = until !== null && Date.parse(until) < Date.parse(to);
  return lacks ? `${words}, as far as history has it (${formatClock(Date.parse(until))})` : words;
}

/** From how many on a size is used. Half a step below a million: 999,960 is 1.0 M and not 1,000 k. */
const SIZES = [
  { from: 999_950_000, size: 1e9, unit: "G" },
  { from: 999_950, size: 1e6, unit: "M" },
  { from: 10_000, size: 1e3, unit: "k" },
] as const;

/** "20.9 M": as many digits as tell the size; below ten thousand the number itself. */
function amount(count: number | null): { readonly text: string; readonly unit: string } {
  if (count === null) return { text: "–", unit: "" };
  const sized = SIZES.find(({ from }) => count >= from);
  if (sized === undefined) return { text: formatNumber(count), unit: "" };
  const value = count / sized.size;
  return { text: formatNumber(value, value < 99.95 ? 1 : 0), unit: sized.unit };
}

/** A share in per cent, with two decimals where it is small: errors of a whole fleet are. */
function share(ratio: number | null): string {
  if (ratio === null) return "–";
  return formatNumber(ratio * 100, ratio < 0.0995 ? 2 : 1);
}
