/**
 * The evidence of an incident, from the sums that its service's object holds. Where something is not known (what is typical
 * of a service that is new, an endpoint's numbers of hours ago) less is said; nothing is guessed.
 */
import { type Evidence, type EvidenceSubject, type Fact, FACT_KINDS } from "./evidence.ts";
import { carriers } from "./evidence-endpoints.ts";
import { statusFacts } from "./evidence-statuses.ts";
import { steadyFacts } from "./evidence-steady.ts";
import { newestOf } from "./endpoint-harm.ts";
import { symptoms } from "./evidence-symptoms.ts";
import { at, count, fact, seconds } from "./evidence-values.ts";
import { counted, duration, inWords, quoted } from "./fact-words.ts";
import { faultSpan } from "./fault-span.ts";
import { incidentLinks } from "./incident-links.ts";
import { onsetSecond } from "./incident-change.ts";
import { REOPEN_S } from "./incident-tracker.ts";
import type { Incident, Resolution } from "./incident.ts";
import type { MonitorState } from "./monitor-state.ts";
import { deployBefore } from "./version-table.ts";

const DAY_S = 86_400;

/**
 * The evidence of `incident` at its revision. `state`: the service's, right after the second (or the act) that changed it. A fact's id
 * is its kind, with a number where there may be several: `endpoint.1` carries the most, `steady.1` is traffic, `steady.2` latency,
 * `steady.3` errors, `statuses.5` the class 5xx; so the same id says the same thing in every version.
 */
export function takeEvidence(incident: Incident, state: MonitorState): Evidence {
  const span = faultSpan(incident, state);
  const facts = [
    ...symptoms(incident, state, span),
    ...steadyFacts(incident, state, span),
    onset(incident),
    ...carriers(incident, state, span),
    ...statusFacts(incident, state, span),
    impact(incident, state),
    deploy(incident),
    usual(incident),
    flapping(incident),
    pipeline(incident, state),
    resolved(incident, state),
  ];
  return {
    incident_id: incident.id,
    service: incident.service,
    version: incident.revision,
    subject: subjectOf(incident),
    affected_metrics: [...new Set(incident.anomalies.map(({ metric_name }) => metric_name))],
    facts: inOrder(facts.filter((found) => found !== null)),
    links: incidentLinks(incident, state.settings.links),
  };
}

/** By kind; within one as they are. */
export function inOrder(facts: readonly Fact[]): readonly Fact[] {
  return facts.toSorted((a, b) => FACT_KINDS.indexOf(a.kind) - FACT_KINDS.indexOf(b.kind));
}

function subjectOf(incident: Incident): EvidenceSubject {
  const { status, severity, metric_name, anomaly_type, endpoint } = incident;
  const { onset_at, opened_at, updated_at, resolved_at, resolution, historical } = incident;
  return {
    status,
    severity,
    metric_name,
    anomaly_type,
    endpoint,
    onset_at,
    opened_at,
    updated_at,
    resolved_at,
    resolution,
    historical,
  };
}

function secondOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

function onset(incident: Incident): Fact {
  const began = at("onset", onsetSecond(incident));
  const told = seconds("told_after", secondOf(incident.opened_at) - began.value);
  return fact("onset", `It began at ${inWords(began)} and was told ${inWords(told)} later.`, [began, told]);
}

/** The excess only where it is known what is normal. */
function impact(incident: Incident, { detectors, tracker }: MonitorState): Fact | null {
  const { request_count, failed_count, slow_count, excess_count, excess_low, excess_high } = incident;
  // Of an incident of missing requests those that come say nothing of what it costs.
  const isMissing = incident.anomalies.every(({ metric_name }) => metric_name === "request_rate");
  if (isMissing || (failed_count === 0 && slow_count === 0)) return null;
  const isTimed = slow_count > 0 || (tracker.incident?.id === incident.id && tracker.basis?.slow != null);
  const values = [
    count("requests", request_count),
    count("failed", failed_count),
    ...(isTimed ? [count("slow", slow_count)] : []),
  ];
  const slow = isTimed ? `, ${inWords(count("slow", slow_count))} ${slow_count === 1 ? "was" : "were"} slow` : "";
  const harm = `Of ${counted(request_count, "request")} since the onset ${inWords(values[1]!)} failed${slow}`;
  if (excess_count === 0 || detectors.sequential.typicalErrors() === null) return fact("impact", `${harm}.`, values);
  const excess = [
    count("excess", excess_count),
    count("excess_low", excess_low),
    count("excess_high", excess_high),
  ] as const;
  const [most_likely, low, high] = excess.map(inWords) as [string, string, string];
  return fact("impact", `${harm}; about ${most_likely} (${low} to ${high}) more than normal.`, [...values, ...excess]);
}

function deploy(incident: Incident): Fact | null {
  const { deployed_version: to, previous_version: from, deployed_at } = incident;
  if (to === null || from === null || deployed_at === null) return null;
  const seen = at("deployed", secondOf(deployed_at));
  const before = seconds("before", Math.max(0, onsetSecond(incident) - seen.value));
  const text = `Version ${quoted(to)} came after ${quoted(from)} at ${inWords(seen)}, ${inWords(before)} before the onset.`;
  return fact("deploy", text, [before, seen], [to, from]);
}

/** The time of day on the day of the onset, or the day beside it where that is nearer. */
function usual({ usual_at, onset_at }: Incident): Fact | null {
  if (usual_at === null) return null;
  const [hour, minute] = usual_at.split(":").map(Number) as [number, number];
  const began = secondOf(onset_at);
  const time_of_day = hour * 3600 + minute * 60;
  const second = Math.round((began - time_of_day) / DAY_S) * DAY_S + time_of_day;
  const time = at("usual", second);
  return fact("usual", `The same happens at about ${inWords(time)} on other days.`, [time]);
}

function flapping({ flapping: comes_and_goes, reopened_count }: Incident): Fact | null {
  if (!comes_and_goes && reopened_count === 0) return null;
  const times_back = count("reopened", reopened_count);
  const back = `it came back ${counted(reopened_count, "time")} after its end`;
  if (!comes_and_goes) return fact("flapping", `It is not the first time: ${back}.`, [times_back]);
  const quiet = seconds("quiet", REOPEN_S);
  const held = `It comes and goes: it is held open until ${duration(quiet.value)} have been quiet`;
  if (reopened_count === 0) return fact("flapping", `${held}.`, [quiet]);
  return fact("flapping", `${held}; ${back}.`, [quiet, times_back]);
}

/**
 * Seconds in which nobody could have heard of requests are never held against a service (silence.ts): where they are, what would
 * have come would have been heard.
 */
function pipeline(incident: Incident, state: MonitorState): Fact | null {
  const missing = newestOf(incident, "request_rate");
  if (missing === null) return null;
  const isAsked = state.silence.down_second !== null;
  const text = isAsked
    ? "The pipeline was asked and is whole: requests would have been heard."
    : "The pipeline is whole: what comes is heard.";
  return fact("pipeline", text, []);
}

const ENDED: Readonly<Record<Resolution, string>> = {
  recovered: "It ended by itself",
  manual: "It was ended by hand",
  retired: "It was ended because nothing came for a day, as a service that is retired,",
};

function resolved(incident: Incident, state: MonitorState): Fact | null {
  const { resolved_at, resolution } = incident;
  if (resolved_at === null || resolution === null) return null;
  const ended = at("ended", secondOf(resolved_at));
  const lasted = seconds("lasted", ended.value - onsetSecond(incident));
  const how = `${ENDED[resolution]} at ${inWords(ended)}, ${inWords(lasted)} after the onset`;
  const newer = deployBefore(state.versions, ended.value);
  if (newer === null || newer.second <= onsetSecond(incident)) return fact("resolved", `${how}.`, [ended, lasted]);
  const before_end = seconds("deployed_before_end", ended.value - newer.second);
  const text = `${how}; version ${quoted(newer.to)} came ${inWords(before_end)} before that.`;
  return fact("resolved", text, [ended, lasted, before_end], [newer.to]);
}
