/** What happened to an incident, in order: from the incident itself, and in detail from its events as far as they are held. */
import { findingWords } from "./incident-facts.ts";
import { changeWords } from "./deliveries/ledger-words.ts";
import { formatSpan } from "./format/time.ts";
import { neighbourOnset } from "./narrative/neighbour-rules.ts";
import { raisedSeverity } from "./severity.ts";
import type { Delivery } from "../../../domain/delivery.ts";
import type { Incident, Severity } from "../../../domain/incident.ts";
import type { DurableEvent } from "../../../domain/message.ts";
import type { Narrative } from "../../../domain/narrative.ts";

export interface TimelineEntry {
  readonly key: string;
  /** Epoch ms. */
  readonly at_ms: number;
  /** Names and words of people in it are data: render it as text. */
  readonly text: string;
  /** A change of how bad it is has its mark; everything else a dot. */
  readonly severity: Severity | null;
}

/** Oldest first. `narrative`: the newest, which is shown where its event is not held. `deliveries`: as far as history has them. */
export function incidentTimeline(
  incident: Incident,
  events: readonly DurableEvent[],
  narrative: Narrative | null,
  deliveries: readonly Delivery[] = [],
): TimelineEntry[] {
  const changes = events.filter((event) => event.type === "incident").map((event) => event.incident);
  const narratives = events.filter((event) => event.type === "narrative").map((event) => event.narrative);
  if (narrative !== null && narratives.every(({ revision }) => revision < narrative.revision))
    narratives.push(narrative);
  const entries = [
    ...before(incident),
    ...neighbours(narrative),
    ...opening(incident, changes),
    ...severityChanges(changes),
    ...findings(incident),
    ...written(narratives),
    ...acts(incident, changes),
    ...delivered(deliveries),
    ...ending(incident),
  ];
  return entries.toSorted((a, b) => a.at_ms - b.at_ms);
}

const entry = (key: string, at_ms: number, text: string, severity: Severity | null = null): TimelineEntry => ({
  key,
  at_ms,
  text,
  severity,
});

function before(incident: Incident): TimelineEntry[] {
  const { deployed_version, deployed_at, onset_at } = incident;
  const onset = entry("onset", Date.parse(onset_at), "Onset");
  if (deployed_version === null || deployed_at === null) return [onset];
  return [entry("deploy", Date.parse(deployed_at), `Version ${deployed_version} deployed`), onset];
}

/** Other services' incidents, as the evidence tells them: each with the moment of its onset. */
function neighbours(narrative: Narrative | null): TimelineEntry[] {
  return (narrative?.evidence ?? []).flatMap((fact) => {
    const at = neighbourOnset(fact);
    return at === null ? [] : [entry(fact.id, at * 1000, untimed(fact.text))];
  });
}

/** The sentence without its moment, which stands before it, and in the zone that is shown. */
function untimed(text: string): string {
  return text.replace(/\.$/, "").replace(/ at \d{2}:\d{2}:\d{2} UTC(?=,)/, "");
}

function opening(incident: Incident, changes: readonly Incident[]): TimelineEntry[] {
  const opened_ms = Date.parse(incident.opened_at);
  const first = changes.find(({ updated_at, opened_at }) => updated_at === opened_at);
  const after = `${formatSpan(opened_ms - Date.parse(incident.onset_at))} after the onset`;
  if (first === undefined) return [entry("opened", opened_ms, `Told, ${after}`)];
  return [entry("opened", opened_ms, `Told as ${first.severity}, ${after}`, first.severity)];
}

/** An incident only ever gets worse until it is over. */
function severityChanges(changes: readonly Incident[]): TimelineEntry[] {
  return changes.flatMap((change, index) => {
    const { severity } = change;
    if (!raisedSeverity(changes[index - 1]?.severity ?? severity, severity)) return [];
    return [entry(`severity ${change.revision}`, Date.parse(change.updated_at), `Raised to ${severity}`, severity)];
  });
}

/** Each metric that joined later, once: an incident that comes and goes has dozens of findings. */
function findings(incident: Incident): TimelineEntry[] {
  const oldest = incident.anomalies.toSorted((a, b) => a.detected_at.localeCompare(b.detected_at));
  const seen = new Set<string>();
  return oldest.flatMap((anomaly, index) => {
    const { kind } = findingWords(anomaly);
    const known = seen.has(kind);
    seen.add(kind);
    if (index === 0 || known) return [];
    return [entry(`finding ${anomaly.detected_at} ${kind}`, Date.parse(anomaly.detected_at), `Also found: ${kind}`)];
  });
}

/**
 * One entry for each that was written: what only says that the model waits or writes is none, and of the template's words on one
 * version, which become fuller as others are asked, the last.
 */
function written(narratives: readonly Narrative[]): TimelineEntry[] {
  const byVersion = [...Map.groupBy(narratives, ({ version, source }) => `${version} ${source}`).values()];
  const told = byVersion.map(
    (same) => same.findLast(({ reason }) => reason !== "waiting" && reason !== "writing") ?? same[0]!,
  );
  const apart = told.filter((narrative, index) => !followsAtOnce(told[index - 1], narrative));
  return apart.map((narrative, index) => {
    const isFirst = apart.findIndex(({ source }) => source === narrative.source) === index;
    const what = narrative.source === "llm" ? `Narrative by ${narrative.llm_model}, checked` : templateWords(narrative);
    return entry(
      `narrative ${narrative.revision}`,
      Date.parse(narrative.written_at),
      isFirst ? what : `${what}, written anew`,
    );
  });
}

/** While an incident takes shape, and while one is caught up with, the template writes every few seconds: that is told once. */
const ANEW_AFTER_MS = 10_000;

function followsAtOnce(earlier: Narrative | undefined, { source, reason, written_at }: Narrative): boolean {
  if (earlier === undefined || source === "llm" || earlier.source === "llm" || reason !== earlier.reason) return false;
  return Date.parse(written_at) - Date.parse(earlier.written_at) < ANEW_AFTER_MS;
}

function templateWords({ reason }: Narrative): string {
  if (reason === "ungrounded") return "Narrative of the model refused: the evidence did not bear it out";
  if (reason === "unavailable") return "No narrative by the model: it does not answer";
  return "Narrative from the template";
}

function acts(incident: Incident, changes: readonly Incident[]): TimelineEntry[] {
  return [...takenOn([...changes, incident]), ...reopened(changes), ...said(changes)];
}

/** An incident that came back has lost who had taken it on: that stands in what it was before. */
function takenOn(changes: readonly Incident[]): TimelineEntry[] {
  const byTime = Map.groupBy(changes, ({ acknowledged_at }) => acknowledged_at);
  return [...byTime].flatMap(([acknowledged_at, [change]]) => {
    if (acknowledged_at === null) return [];
    const by = change?.acknowledged_by == null ? "" : ` by ${change.acknowledged_by}`;
    return [entry(`acknowledged ${acknowledged_at}`, Date.parse(acknowledged_at), `Acknowledged${by}`)];
  });
}

/** One entry for each message that its target has: what was withheld stands in the ledger, with its reason. */
function delivered(deliveries: readonly Delivery[]): TimelineEntry[] {
  const taken = deliveries.filter(({ status, delivered_at }) => status === "delivered" && delivered_at !== null);
  const messages = Map.groupBy(
    taken,
    ({ subscription_id, message_id, id }) => `${subscription_id} ${message_id ?? id}`,
  );
  return [...messages].map(([key, lines]) => {
    const told = [...new Set(lines.map(({ change }) => changeWords(change).toLowerCase()))].join(", ");
    const [line] = lines as [Delivery];
    return entry(`delivery ${key}`, Date.parse(line.delivered_at!), `Told ${line.subscription_name}: ${told}`);
  });
}

function reopened(changes: readonly Incident[]): TimelineEntry[] {
  return changes.flatMap((change, index) => {
    const earlier = changes[index - 1];
    if (earlier === undefined || change.reopened_count <= earlier.reopened_count) return [];
    return [entry(`again ${change.revision}`, Date.parse(change.updated_at), "Came back")];
  });
}

const SAID = { false_positive: "Marked as a false alarm", useful: "Marked as useful" } as const;

function said(changes: readonly Incident[]): TimelineEntry[] {
  return changes.flatMap((change, index) => {
    const earlier = changes[index - 1];
    if (earlier === undefined || change.feedback === earlier.feedback) return [];
    // Nobody took it back: what comes back is to be judged anew.
    if (change.feedback === null && change.reopened_count > earlier.reopened_count) return [];
    const text = change.feedback === null ? "Mark taken back" : SAID[change.feedback];
    return [entry(`feedback ${change.revision}`, Date.parse(change.updated_at), text)];
  });
}

const ENDS = {
  recovered: "Recovered",
  manual: "Resolved by hand",
  retired: "Over: the service is taken as retired",
} as const;

function ending({ resolved_at, resolution }: Incident): TimelineEntry[] {
  if (resolved_at === null) return [];
  return [entry("resolved", Date.parse(resolved_at), resolution === null ? "Over" : ENDS[resolution])];
}
