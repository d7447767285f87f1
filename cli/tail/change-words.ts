/** A change of an incident, and its narrative, as a person reads it: a sentence a change. Whatever events said is made printable. */
import type { Incident } from "../../domain/incident.ts";
import type { Narrative } from "../../domain/narrative.ts";
import { counted, number, printable } from "../plain-text.ts";
import { duration } from "../replay/incident-table.ts";

/** `before`: the incident as it was told last; undefined where nothing is known of it. `opens`: it is new. */
export function changeWords(before: Incident | undefined, incident: Incident, opens = false): string {
  return printable(sentences(before, incident, opens).join(" "));
}

function sentences(before: Incident | undefined, incident: Incident, opens: boolean): readonly string[] {
  if (incident.status === "resolved") {
    const later = before?.status === "resolved" ? acts(before, incident) : [];
    return later.length > 0 ? later : ending(incident);
  }
  if (before === undefined) return opening(incident, opens);
  if (before.status === "resolved" || incident.reopened_count > before.reopened_count)
    return [`came back: ${incident.description}`, ...acts({ ...before, feedback: null }, incident)];
  const changes = [...worse(before, incident), ...acts(before, incident)];
  return changes.length > 0 ? changes : [`goes on: ${harmOf(incident)}.`];
}

function opening(incident: Incident, opens: boolean): readonly string[] {
  return [
    `${opens ? "opened" : "is open"}: ${incident.description}`,
    `Began ${duration(Date.parse(incident.updated_at) - Date.parse(incident.onset_at))} before.`,
    ...(incident.historical ? ["Found while catching up with old events."] : []),
    ...acts(null, incident),
  ];
}

function ending(incident: Incident): readonly string[] {
  const { onset_at, resolved_at, updated_at, resolution } = incident;
  const lasted = duration(Date.parse(resolved_at ?? updated_at) - Date.parse(onset_at));
  const how = {
    recovered: `over after ${lasted}`,
    manual: `ended by an administrator after ${lasted}`,
    retired: `retired after ${lasted} without requests`,
  }[resolution ?? "recovered"];
  return [`${how}: ${harmOf(incident)}.`];
}

function worse(before: Incident, incident: Incident): readonly string[] {
  const { severity, description } = incident;
  if (severity !== before.severity) return [`now ${severity}, was ${before.severity}: ${description}`];
  const known = new Set(before.anomalies.map(({ metric_name }) => metric_name));
  const joined = incident.anomalies.filter(({ metric_name }) => !known.has(metric_name));
  if (joined.length > 0) return joined.map((anomaly) => `also: ${anomaly.description}`);
  return description === before.description ? [] : [`worse: ${description}`];
}

/** What people did, and what is said of it as a whole. */
function acts(before: Incident | null, incident: Incident): readonly string[] {
  const { acknowledged_at, acknowledged_by, feedback, flapping } = incident;
  const taken = acknowledged_at !== null && (before === null || before.acknowledged_at === null);
  const marks = { false_positive: "Marked as a false positive.", useful: "Marked as useful." };
  return [
    ...(taken ? [`${acknowledged_by ?? "Somebody"} has it in hand.`] : []),
    ...(flapping && before?.flapping !== true ? ["It comes and goes: held open until five minutes are quiet."] : []),
    ...(feedback !== null && feedback !== before?.feedback ? [marks[feedback]] : []),
    ...(feedback === null && before !== null && before.feedback !== null ? ["Its mark was taken back."] : []),
  ];
}

function harmOf({ excess_count, excess_low, excess_high, request_count }: Incident): string {
  if (request_count === 0) return "no request came";
  if (excess_count < 1) return `${counted(request_count, "request")}, none failed or slow beyond normal`;
  const range = `${number(Math.round(excess_low))} to ${number(Math.round(excess_high))}`;
  return `${counted(Math.round(excess_count), "request")} of ${number(request_count)} failed or slow beyond normal (${range})`;
}

/** One line each: what happened, what may be the cause, what to do first. */
export function narrativeLines(narrative: Narrative): readonly string[] {
  const { summary, possible_causes, recommended_actions, source, llm_model } = narrative;
  const by = source === "llm" ? `in words of ${llm_model}` : "in words";
  return [
    `${by}: ${summary.map(({ text }) => text).join(" ")}`,
    ...possible_causes.map(({ certainty, text }) => `${certainty.toLowerCase()}: ${text}`),
    ...recommended_actions.map(({ text, url }) => `do: ${text}${url === null ? "" : ` ${url}`}`),
  ].map(printable);
}
