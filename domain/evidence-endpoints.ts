/** Facts of which endpoints carry a fault: their share of what is beyond normal, and their own numbers against what is typical. */
import { type Harm, harmsOf } from "./endpoint-harm.ts";
import type { Fact, FactValue } from "./evidence.ts";
import { count, fact, milliseconds, share } from "./evidence-values.ts";
import { typicalErrors, typically } from "./evidence-symptoms.ts";
import { inWords, quoted } from "./fact-words.ts";
import { endpointSpan, faultSpan, type FaultSpan } from "./fault-span.ts";
import type { Anomaly, Incident } from "./incident.ts";
import type { MonitorState } from "./monitor-state.ts";
import { endpointSums } from "./reference-detector.ts";
import { RING_S, type Sums } from "./second-ring.ts";

const ENDPOINTS_MAX = 3;
/** Of an endpoint beside the one that stands out, less than this says nothing. */
const SHARE_MIN = 0.1;
/** So many requests of an endpoint show what it does. */
const REQUESTS_MIN = 5;

/** What can be said of an endpoint. */
interface Part {
  readonly harm: Harm;
  readonly endpoint: string;
  readonly share: number;
  /** Null where too little is held of it. */
  readonly sums: Sums | null;
}

/** The endpoints of what is worst first; `spread` where none stands out, nothing where endpoints have no part in it. */
export function carriers(incident: Incident, state: MonitorState, span: FaultSpan | null): Fact[] {
  const harms = harmsOf(incident);
  const parts = harms.flatMap(([harm, anomaly]) => partsOf(harm, anomaly, incident, state, span));
  const named = parts.filter(({ endpoint }, i) => parts.findIndex((other) => other.endpoint === endpoint) === i);
  const facts = named.slice(0, ENDPOINTS_MAX).map((part, i) => endpointFact(part, i + 1, state, incident, span));
  if (facts.length > 0 || harms.length === 0) return facts;
  const found = spreadFact(harms[0]![0], incident, state, span);
  return found === null ? [] : [found];
}

/**
 * By endpoint, its share (0 to 1) of what the open incident is worst in, up to now or to its present quiet, in which there is nothing
 * to share; empty where endpoints have no part in it, and once that is over. The same sums as those of the facts, so that a page has
 * one number for one thing.
 */
export function endpointShares(incident: Incident, state: MonitorState): ReadonlyMap<string, number> {
  const [harm, worst] = harmsOf(incident)[0] ?? [null, null];
  const span = faultSpan(incident, state);
  if (harm === null || worst.resolved || span === null) return new Map();
  const quiet = state.tracker.quiet_since[worst.metric_name] ?? null;
  const to = quiet === null ? state.detectors.newest_second : quiet - 1;
  const { rows } = rowsOf(harm, incident, state, { ...span, to });
  return new Map(rows.map(({ name, share: part }) => [name, part]));
}

/** Only where an endpoint stood out when it was worst: then those beside it that have a good part too. */
function partsOf(
  harm: Harm,
  { endpoint }: Anomaly,
  incident: Incident,
  state: MonitorState,
  span: FaultSpan | null,
): Part[] {
  if (endpoint === null) return [];
  const { rows, sums } = rowsOf(harm, incident, state, span);
  const first = rows.find(({ name }) => name === endpoint);
  const told = first?.share ?? (incident.endpoint === endpoint ? incident.endpoint_share : null);
  if (told === null) return [];
  const part = (name: string, own: number): Part => ({
    harm,
    endpoint: name,
    share: own,
    sums: sums.get(name) ?? null,
  });
  const others = rows.filter((row) => row.name !== endpoint && row.share >= SHARE_MIN);
  return [part(endpoint, told), ...others.map((row) => part(row.name, row.share))];
}

function rowsOf(harm: Harm, incident: Incident, state: MonitorState, span: FaultSpan | null) {
  const { reference } = state.detectors;
  const held = span === null ? null : endpointSpan(span, state);
  if (held === null) return { rows: [], sums: new Map<string, Sums>() };
  const [metric, normal] =
    harm === "errors"
      ? (["error_rate", typicalErrors(incident, state) ?? 0] as const)
      : (["avg_latency_ms", reference.baseline.avg_latency_ms ?? 0] as const);
  const rows = reference.excessByEndpoint(held.from, held.to, metric, normal).filter((row) => row.excess > 0);
  const sums = endpointSums(reference.ring.since(held.from, held.to).map(({ closed }) => closed));
  return { rows, sums };
}

function endpointFact(
  { harm, endpoint, share: part, sums }: Part,
  rank: number,
  state: MonitorState,
  incident: Incident,
  span: FaultSpan | null,
): Fact {
  const carried = share("share", part);
  const verb = incident.status === "resolved" ? "carried" : "carries";
  const of = harm === "errors" ? "failed requests beyond normal" : "time beyond normal";
  const head = `${quoted(endpoint)} ${verb} ${inWords(carried)} of the ${of}`;
  if (sums === null || sums.request_count < REQUESTS_MIN || span === null)
    return fact("endpoint", `${head}.`, [carried], [endpoint], rank);
  const actual =
    harm === "errors"
      ? share("actual", sums.error_count / sums.request_count)
      : milliseconds("actual", sums.latency_sum_us / sums.request_count / 1000);
  const typical = typicalOf(harm, endpoint, state, incident, span);
  const own =
    harm === "errors" ? `${inWords(actual)} of its requests failed` : `its requests took ${inWords(actual)} on average`;
  const isPart = state.detectors.newest_second - span.from >= RING_S;
  const when = isPart ? (incident.status === "resolved" ? " in its last seconds" : " in the last minute") : "";
  const text = `${head}: ${own}${when}${typically(typical)}.`;
  return fact("endpoint", text, [carried, actual, typical], [endpoint], rank);
}

function typicalOf(
  harm: Harm,
  endpoint: string,
  state: MonitorState,
  incident: Incident,
  span: FaultSpan,
): FactValue | null {
  const { reference, newest_second } = state.detectors;
  // The plain rules' baseline takes a fault that they do not see for normal, once its first second has left their minute.
  const before = newest_second - span.from < RING_S ? reference.baseline.endpoint(endpoint) : undefined;
  if (harm === "latency")
    return before === undefined ? null : milliseconds("typical", before.latency_sum_us / before.request_count / 1000);
  const known = typicalErrors(incident, state, endpoint);
  const learned = before === undefined ? null : before.error_count / before.request_count;
  return known === null && learned === null ? null : share("typical", known ?? learned!);
}

function spreadFact(harm: Harm, incident: Incident, state: MonitorState, span: FaultSpan | null): Fact | null {
  const { rows } = rowsOf(harm, incident, state, span);
  const [largest] = rows;
  if (largest === undefined || rows.length < 2) return null;
  const [endpoints, most] = [count("endpoints", rows.length), share("largest", largest.share)];
  const isOver = incident.status === "resolved";
  const have = isOver ? "No endpoint stood out" : "No endpoint stands out";
  const part = `${inWords(endpoints)} endpoints ${isOver ? "had" : "have"} a part in it, none more than ${inWords(most)}`;
  const text = `${have}: ${part}.`;
  return fact("spread", text, [endpoints, most]);
}
