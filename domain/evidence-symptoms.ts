/** Facts of what is wrong: the share that failed, latency, missing requests, the error budget; each against what is typical. */
import { newestOf } from "./endpoint-harm.ts";
import type { Fact, FactValue } from "./evidence.ts";
import { at, fact, milliseconds, perSecond, share, times } from "./evidence-values.ts";
import { inWords, quoted } from "./fact-words.ts";
import { type FaultSpan, totalsOf } from "./fault-span.ts";
import { onsetSecond } from "./incident-change.ts";
import type { Anomaly, Incident, MetricName } from "./incident.ts";
import type { MonitorState } from "./monitor-state.ts";
import { LATENCY_SLA_FACTOR } from "./reference-detector.ts";

/** Of a service whose first event was less than this before the onset nothing is known but the fault. */
const KNOWN_S = 60;
/** What a fault is for longer is what the detectors take for normal: then what was normal when it began counts. */
const LEARNED_ANEW_S = 3600;

export function symptoms(incident: Incident, state: MonitorState, span: FaultSpan | null): Fact[] {
  const has = (metric: MetricName): Anomaly | null => newestOf(incident, metric);
  const latency = has("p95_latency_ms") ?? has("avg_latency_ms");
  const missing = has("request_rate");
  const burn = has("burn_rate");
  return [
    has("error_rate") === null && burn === null ? null : errors(incident, state, span),
    latency === null ? null : latencyFact(latency, state),
    missing === null ? null : missingFact(missing, incident, span),
    burn === null ? null : budget(burn),
  ].filter((found) => found !== null);
}

/** The share of requests that usually fail, of all or of an endpoint, as far as it is known. */
export function typicalErrors(incident: Incident, state: MonitorState, endpoint: string | null = null): number | null {
  const { detectors, tracker, first_event_ms } = state;
  const onset = onsetSecond(incident);
  if (first_event_ms !== null && onset < first_event_ms / 1000 + KNOWN_S) return null;
  const seen = detectors.sequential.typicalErrors(endpoint);
  if (endpoint !== null) return seen;
  const lasted_s = detectors.newest_second - onset;
  const before = tracker.incident?.id === incident.id ? tracker.basis : null;
  return seen !== null && before !== null && lasted_s > LEARNED_ANEW_S ? before.errors.share : seen;
}

/** ` (typically 0.4 %)`; empty where nothing is known. */
export function typically(typical: FactValue | null): string {
  return typical === null ? "" : ` (typically ${inWords(typical)})`;
}

function errors(incident: Incident, state: MonitorState, span: FaultSpan | null): Fact | null {
  const totals = span === null ? null : totalsOf(span, state);
  const { request_count, failed_count } = totals !== null && totals.request_count > 0 ? totals : incident;
  if (request_count === 0) return null;
  const isMeasured = totals !== null && totals.request_count > 0;
  const known = typicalErrors(incident, state);
  const actual = share("actual", failed_count / request_count);
  const typical = known === null ? null : share("typical", known);
  const when = isMeasured ? span!.when : "";
  const values = [actual, typical, ...(isMeasured ? span!.values : [])];
  return fact("errors", `${inWords(actual)} of requests failed${when}${typically(typical)}.`, values);
}

function latencyFact(anomaly: Anomaly, { settings }: MonitorState): Fact {
  const { metric_name, metric_value, baseline_value, threshold_value, endpoint } = anomaly;
  const actual = milliseconds("actual", metric_value);
  const typical = baseline_value === null ? null : milliseconds("typical", baseline_value);
  const ratio = baseline_value === null || baseline_value === 0 ? null : metric_value / baseline_value;
  const factor = ratio === null || ratio < 1.1 ? null : times("ratio", ratio);
  const longer = factor === null ? "" : `, ${inWords(factor)} as long as usual`;
  if (metric_name === "p95_latency_ms") {
    const text = `The slowest twentieth of requests took ${inWords(actual)} or longer${typically(typical)}${longer}.`;
    return fact("latency", text, [actual, typical, factor]);
  }
  const promised =
    endpoint !== null && Object.hasOwn(settings.endpoints, endpoint) ? settings.endpoints[endpoint] : null;
  const isOwn = promised?.sla_ms != null && promised.sla_ms * LATENCY_SLA_FACTOR === threshold_value;
  const allowed = milliseconds("allowed", threshold_value);
  const whose = isOwn ? `Requests to ${quoted(endpoint!)}` : "Requests";
  const text = `${whose} took ${inWords(actual)} on average${typically(typical)}${longer}; up to ${inWords(allowed)} is allowed.`;
  return fact("latency", text, [actual, typical, factor, allowed], isOwn ? [endpoint!] : []);
}

/** Its value is the mean since requests began to be missed. */
function missingFact(anomaly: Anomaly, incident: Incident, span: FaultSpan | null): Fact {
  const actual = perSecond("actual", anomaly.metric_value);
  const typical = anomaly.baseline_value === null ? null : perSecond("typical", anomaly.baseline_value);
  if (anomaly.anomaly_type !== "down") {
    const when = span === null || span.isCut ? "" : span.when;
    return fact("traffic", `Requests came at ${inWords(actual)}${when}${typically(typical)}.`, [actual, typical]);
  }
  const since = at("since", Date.parse(anomaly.window_start) / 1000);
  const came = incident.status === "resolved" ? "came" : "has come";
  const text = `No request ${came} since ${inWords(since)}${typically(typical)}.`;
  return fact(
    "down",
    incident.status === "resolved" ? text.replace("since", "from").replace(" UTC", " UTC on") : text,
    [actual, typical, since],
  );
}

function budget({ metric_value, threshold_value }: Anomaly): Fact {
  const [actual, limit] = [times("actual", metric_value), times("limit", threshold_value)];
  const text = `The error budget was spent ${inWords(actual)} as fast as allowed, which is told from ${inWords(limit)} on.`;
  return fact("budget", text, [actual, limit]);
}
