/** Facts of what surrounds an incident: other services' incidents near it in time, and earlier ones of its own like it. */
import type { AnomalyType, Resolution } from "./incident.ts";
import type { Evidence, Fact, FactKind, NeighbourIncident, PastIncident, Surroundings } from "./evidence.ts";
import { at, count, fact, seconds } from "./evidence-values.ts";
import { counted, inWords } from "./fact-words.ts";
import { serviceName } from "./known-names.ts";
import { inOrder } from "./take-evidence.ts";

const NEIGHBOURS_MAX = 3;
/** Whoever is asked tells so many at most: then there may be more. */
const ASKED_MAX = 8;

/** The evidence with them; a part that could not be asked adds nothing. The same surroundings twice are the same as once. */
export function withSurroundings(evidence: Evidence, { neighbours, alike }: Surroundings): Evidence {
  let { facts } = evidence;
  if (neighbours !== null) facts = replaced(facts, "neighbour", neighbourFacts(evidence, neighbours));
  if (alike !== null) facts = replaced(facts, "alike", alikeFacts(evidence, alike));
  return { ...evidence, facts };
}

function replaced(facts: readonly Fact[], kind: FactKind, by: readonly Fact[]): readonly Fact[] {
  return inOrder([...facts.filter((own) => own.kind !== kind), ...by]);
}

function secondOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

const BEGAN: Readonly<Record<AnomalyType, string>> = {
  error_rate: "had more errors",
  latency: "became slow",
  traffic: "lost traffic",
  down: "fell silent",
  slo: "began to spend its error budget too fast",
};

/** Nearest onset first: `neighbour.1` to `neighbour.3`, and `neighbour` with their number where there are more. */
function neighbourFacts({ subject }: Evidence, neighbours: readonly NeighbourIncident[]): Fact[] {
  const onset = secondOf(subject.onset_at);
  const distance = ({ onset_at }: NeighbourIncident): number => Math.abs(secondOf(onset_at) - onset);
  const nearest = neighbours.toSorted((a, b) => distance(a) - distance(b) || (a.incident_id < b.incident_id ? -1 : 1));
  const facts = nearest.slice(0, NEIGHBOURS_MAX).map((other, i) => neighbourFact(other, onset, i + 1));
  if (nearest.length <= NEIGHBOURS_MAX) return facts;
  const number = count("incidents", nearest.length);
  const least = nearest.length >= ASKED_MAX ? "At least " : "";
  return [
    ...facts,
    fact("neighbour", `${least}${inWords(number)} incidents of other services began near it in time.`, [number]),
  ];
}

function neighbourFact(
  { service, anomaly_type, onset_at, status }: NeighbourIncident,
  onset: number,
  rank: number,
): Fact {
  const began = at("began", secondOf(onset_at));
  const after_s = began.value - onset;
  const distance = seconds(after_s > 0 ? "after" : "before", Math.abs(after_s));
  const apart = after_s === 0 ? "at the same second" : `${inWords(distance)} ${distance.name} this onset`;
  const end = status === "resolved" ? ", and is over" : "";
  const text = `${serviceName(service)} ${BEGAN[anomaly_type]} at ${inWords(began)}, ${apart}${end}.`;
  return fact("neighbour", text, [distance, began], [service], rank);
}

const ENDED: Readonly<Record<Resolution, string>> = {
  recovered: "by itself",
  manual: "by hand",
  retired: "as a service that is retired",
};

function alikeFacts({ subject }: Evidence, alike: readonly PastIncident[]): Fact[] {
  const newest = alike.toSorted((a, b) => (a.onset_at < b.onset_at ? 1 : -1));
  const [last] = newest;
  if (last === undefined) return [];
  const number = count("incidents", newest.length);
  const began = at("newest_onset", secondOf(last.onset_at));
  const before = seconds("newest_before", Math.max(0, secondOf(subject.onset_at) - began.value));
  const least = newest.length >= ASKED_MAX ? "At least " : "";
  const many = `${least}${counted(number.value, "earlier incident")} like it in a month`;
  const values = [number, before, began];
  const lasted = last.resolved_at === null ? null : seconds("newest_lasted", secondOf(last.resolved_at) - began.value);
  const how = last.resolution === null ? "" : ` and ended ${ENDED[last.resolution]}`;
  const end = lasted === null ? "is not over" : `lasted ${inWords(lasted)}${how}`;
  const verdict = last.feedback === "false_positive" ? "; it was called a false positive" : "";
  const text = `${many}; the newest began ${inWords(before)} before and ${end}${verdict}.`;
  const same = subject.endpoint === null ? 0 : newest.filter(({ endpoint }) => endpoint === subject.endpoint).length;
  const shared = same === 0 ? null : count("same_endpoint", same);
  const where = shared === null ? "" : ` ${inWords(shared)} of them on the same endpoint.`;
  return [fact("alike", `${text}${where}`, [...values, lasted, shared])];
}
