/** Facts of what did not change while something else did, and of traffic that is above usual: they tell causes apart. */
import type { Fact } from "./evidence.ts";
import { fact, milliseconds, perSecond, share, times } from "./evidence-values.ts";
import { newestOf } from "./endpoint-harm.ts";
import { typicalErrors, typically } from "./evidence-symptoms.ts";
import { inWords } from "./fact-words.ts";
import { endpointSpan, type FaultSpan, totalsOf } from "./fault-span.ts";
import type { Incident } from "./incident.ts";
import type { MonitorState } from "./monitor-state.ts";
import { sumOf } from "./second-ring.ts";

/** So many requests, expected or seen, before anything can be called steady. */
const REQUESTS_MIN = 50;
/** Traffic is as usual within these parts of it, and above usual from the last one on. */
const TRAFFIC_LEAST = 0.75;
const TRAFFIC_MOST = 1.3;
const TRAFFIC_RISEN = 1.5;
/** So many standard deviations of chance a rise must be above usual. */
const DEVIATIONS_MIN = 4;
/** Errors have not risen up to half as many more, or so many points more where they are few. */
const ERRORS_FACTOR = 1.5;
const ERRORS_POINTS = 0.003;
/** Latency has not risen where neither its average nor the share of slow requests has. */
const LATENCY_FACTOR = 1.2;
const SLOW_FACTOR = 1.5;
const SLOW_POINTS = 0.03;

/** Their numbers stay: 1 is traffic, 2 latency, 3 errors. */
export function steadyFacts(incident: Incident, state: MonitorState, span: FaultSpan | null): Fact[] {
  if (span === null) return [];
  const found = [
    newestOf(incident, "request_rate") === null ? trafficFact(incident, state, span) : null,
    newestOf(incident, "p95_latency_ms") === null && newestOf(incident, "avg_latency_ms") === null
      ? steadyLatency(state, span)
      : null,
    newestOf(incident, "error_rate") === null && newestOf(incident, "burn_rate") === null
      ? steadyErrors(incident, state, span)
      : null,
  ];
  return found.filter((own) => own !== null);
}

/** The mean since the onset against what is ordinary now; a rise of hours is one against the last hour. */
function trafficFact({ status }: Incident, state: MonitorState, span: FaultSpan): Fact | null {
  const is = status === "resolved" ? "was" : "is";
  const { sequential, reference, surge } = state.detectors;
  const usual = sequential.usualRate;
  if (usual === null) return null;
  const length_s = span.to - span.from + 1;
  const rate = totalsOf(span, state).request_count / length_s;
  const most = surge?.usual ?? usual.most;
  const hour = reference.baseline.point.request_rate ?? most;
  const risen = [most, hour].find((normal) => normal > 0 && isRisen(rate, normal, length_s));
  if (risen !== undefined) return risingFact(rate, risen, is);
  const isSteady = rate >= usual.least * TRAFFIC_LEAST && rate <= most * TRAFFIC_MOST;
  if (!isSteady || usual.least * length_s < REQUESTS_MIN) return null;
  const [actual, typical] = [perSecond("actual", rate), perSecond("typical", usual.least)];
  return fact("steady", `Traffic ${is} as usual: ${inWords(actual)}${typically(typical)}.`, [actual, typical], [], 1);
}

function isRisen(rate: number, normal: number, length_s: number): boolean {
  const isByChance = (rate - normal) * length_s < DEVIATIONS_MIN * Math.sqrt(normal * length_s);
  return rate >= normal * TRAFFIC_RISEN && !isByChance;
}

function risingFact(rate: number, normal: number, is: string): Fact {
  const [actual, typical] = [perSecond("actual", rate), perSecond("typical", normal)];
  const ratio = times("ratio", rate / normal);
  const text = `Traffic ${is} ${inWords(ratio)} what is usual: ${inWords(actual)}${typically(typical)}.`;
  return fact("rising", text, [actual, typical, ratio]);
}

function steadyLatency(state: MonitorState, span: FaultSpan): Fact | null {
  const { reference, impactBasis } = state.detectors;
  const [held, usual] = [endpointSpan(span, state), reference.baseline.avg_latency_ms];
  if (held === null || usual === null || impactBasis.slow === null) return null;
  const sums = sumOf(reference.ring.since(held.from, held.to).map(({ closed }) => closed));
  const { request_count, slow_count } = totalsOf(span, state);
  if (sums.request_count < REQUESTS_MIN) return null;
  const mean_ms = sums.latency_sum_us / sums.request_count / 1000;
  const { share: slow } = impactBasis.slow;
  const isSlower = slow_count / request_count > Math.max(slow * SLOW_FACTOR, slow + SLOW_POINTS);
  if (isSlower || mean_ms > usual * LATENCY_FACTOR) return null;
  const [actual, typical] = [milliseconds("actual", mean_ms), milliseconds("typical", usual)];
  const text = `Latency did not rise: ${inWords(actual)} on average${typically(typical)}.`;
  return fact("steady", text, [actual, typical], [], 2);
}

function steadyErrors(incident: Incident, state: MonitorState, span: FaultSpan): Fact | null {
  const usual = typicalErrors(incident, state);
  const { request_count, failed_count } = totalsOf(span, state);
  if (usual === null || request_count < REQUESTS_MIN) return null;
  const part = failed_count / request_count;
  if (part > Math.max(usual * ERRORS_FACTOR, usual + ERRORS_POINTS)) return null;
  const [actual, typical] = [share("actual", part), share("typical", usual)];
  const text = `Errors did not rise: ${inWords(actual)} of requests failed${typically(typical)}.`;
  return fact("steady", text, [actual, typical], [], 3);
}
