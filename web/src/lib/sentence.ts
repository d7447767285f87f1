/** The line each page opens with: one that a person could read out on the phone. */
import { harmOfMetric, harmsOf } from "../../../domain/endpoint-harm.ts";
import type { Incident, Severity } from "../../../domain/incident.ts";
import type { FleetService } from "../../../domain/message.ts";
import { asTold } from "./leading-finding.ts";
import { formatMilliseconds, formatRate, formatSpokenPercent } from "./format/number.ts";
import { formatSince, formatSpan } from "./format/time.ts";

/** How a run of words is set: a name in mono, what matters in ink, the value in its severity, the rest quiet. */
export interface Phrase {
  readonly text: string;
  readonly tone: "name" | "strong" | "value" | "quiet";
}

/** The figures a sentence may name: what a service does now beside what is normal for it. */
export type Figures = Pick<FleetService, "request_rate" | "error_rate" | "p95_latency_ms" | "baseline">;

export interface Sentence {
  readonly severity: Severity | null;
  /** Somebody is at it: its mark is hollow. */
  readonly acknowledged?: boolean;
  readonly phrases: readonly Phrase[];
}

/** What an endpoint carries of the excess. */
export interface EndpointShare {
  readonly endpoint: string;
  /** 0 to 1. */
  readonly share: number;
}

const strong = (text: string): Phrase => ({ text, tone: "strong" });
const quiet = (text: string): Phrase => ({ text, tone: "quiet" });
const value = (text: string): Phrase => ({ text, tone: "value" });
const name = (text: string): Phrase => ({ text, tone: "name" });

/**
 * "checkout is failing: 31 % errors, normally 0.4 %, since 10:04:12 (2 min). /cart/pay carries 92 % of the excess."
 * @param beside the incident that the page tells before it: "since 10:03:58, 14 s before checkout"
 * @param shares what the page shows endpoints to carry: the sentence then has the same number, and not the one of its newest change
 */
export function incidentSentence(
  incident: Incident,
  now: Figures | null,
  now_ms: number,
  beside: Incident | null = null,
  shares: readonly EndpointShare[] = [],
): Sentence {
  const told = asTold(incident, (finding) => now !== null && isBeyond(finding, now));
  return {
    severity: incident.status === "open" ? incident.severity : null,
    acknowledged: incident.acknowledged_at !== null,
    phrases: [
      name(incident.service),
      ...whatIsWrong(told, now),
      ...sinceWhen(incident, now_ms, beside),
      ...driver(told, shownShare(told, shares)),
    ],
  };
}

function whatIsWrong(incident: Incident, now: Figures | null): Phrase[] {
  switch (incident.metric_name) {
    case "error_rate":
      return errorPhrases(incident, now);
    case "avg_latency_ms":
    case "p95_latency_ms":
      return latencyPhrases(incident, now);
    case "request_rate":
      return trafficPhrases(incident, now);
    case "burn_rate":
      return budgetPhrases(incident);
  }
}

/** Nothing comes at all, or far less than normal; how much, only now tells, since the worst is no number to read out. */
function trafficPhrases(incident: Incident, now: Figures | null): Phrase[] {
  const normally = normallyPhrases(incident.baseline_value, (rate) => `${formatRate(rate)}/s`);
  const isDown = incident.anomaly_type === "down";
  if (incident.status === "resolved") {
    return [strong(isDown ? " was down: no requests" : " had far fewer requests"), ...normally];
  }
  if (now !== null && now.request_rate >= incident.threshold_value) {
    return [strong(`${easing(incident)}${formatRate(now.request_rate)} requests/s`), quiet(" now"), ...normally];
  }
  if (isDown && (now === null || now.request_rate === 0)) {
    return [strong(" is down: "), value("no requests"), ...normally];
  }
  const rate = now?.request_rate ?? incident.metric_value;
  return [strong(" has far fewer requests: "), value(`${formatRate(rate)}/s`), ...normally];
}

function budgetPhrases(incident: Incident): Phrase[] {
  const worst = `${formatRate(incident.metric_value)} times`;
  const verdict =
    incident.status === "resolved"
      ? [strong(` spent its error budget ${worst} as fast as allowed`)]
      : [strong(" spends its error budget "), value(worst), strong(" as fast as allowed")];
  return [...verdict, quiet(" at worst")];
}

/** Once the value is back under its threshold the incident is still open, yet "is failing" would no longer be true. */
function errorPhrases(incident: Incident, now: Figures | null): Phrase[] {
  const normally = normallyPhrases(incident.baseline_value, (ratio) => `${formatSpokenPercent(ratio)} %`);
  const worst = `${formatSpokenPercent(incident.metric_value)} %`;
  if (incident.status === "resolved") return [strong(` was failing: ${worst} errors`), quiet(" at worst"), ...normally];
  if (now === null) return [strong(" is failing: "), value(worst), strong(" errors"), quiet(" at worst"), ...normally];
  const current = `${formatSpokenPercent(now.error_rate)} %`;
  if (now.error_rate <= incident.threshold_value) {
    return [strong(`${easing(incident)}${current} errors`), quiet(` now, ${worst} at worst`), ...normally];
  }
  return [strong(" is failing: "), value(current), strong(" errors"), ...normally];
}

/** Spoken as p95, the figure that stands everywhere; the average that a rule judged is named where there is no p95. */
function latencyPhrases(incident: Incident, now: Figures | null): Phrase[] {
  const p95 = now?.p95_latency_ms ?? null;
  if (incident.status === "resolved" || p95 === null) {
    const worst = spokenMilliseconds(incident.metric_value);
    const verdict =
      incident.status === "resolved" ? [strong(` was slow: ${worst}`)] : [strong(" is slow: "), value(worst)];
    const judged = incident.metric_name === "avg_latency_ms" ? " on average at worst" : " p95 at worst";
    return [...verdict, quiet(judged), ...normallyPhrases(incident.baseline_value, spokenMilliseconds)];
  }
  const normally = normallyPhrases(now?.baseline.p95_latency_ms ?? null, spokenMilliseconds);
  // A rule that judges the average judges what lies below p95: a p95 under its threshold means that the average is too.
  if (p95 <= incident.threshold_value) {
    return [strong(`${easing(incident)}p95 ${spokenMilliseconds(p95)}`), quiet(" now"), ...normally];
  }
  return [strong(" is slow: "), quiet("p95 "), value(spokenMilliseconds(p95)), ...normally];
}

/** Of an open incident whose value is normal now: what has come back three times will likely come back again. */
function easing({ flapping }: Incident): string {
  return flapping ? " is flapping: " : " is recovering: ";
}

function normallyPhrases(baseline: number | null, spoken: (value: number) => string): Phrase[] {
  return baseline === null ? [] : [quiet(`, normally ${spoken(baseline)}`)];
}

function spokenMilliseconds(ms: number): string {
  return `${formatMilliseconds(ms)} ms`;
}

/** What began so near another may belong to it. */
const NEAR_MS = 10 * 60_000;

function sinceWhen(incident: Incident, now_ms: number, beside: Incident | null): Phrase[] {
  const onset = Date.parse(incident.onset_at);
  if (incident.resolved_at !== null) {
    const span = formatSpan(Date.parse(incident.resolved_at) - onset);
    return [quiet(`, from ${formatSince(onset, now_ms)} for ${span}.`)];
  }
  const since = `, since ${formatSince(onset, now_ms)}`;
  const lead_ms = beside === null ? Infinity : Date.parse(beside.onset_at) - onset;
  if (beside === null || Math.abs(lead_ms) > NEAR_MS) return [quiet(`${since} (${formatSpan(now_ms - onset)}).`)];
  const order =
    lead_ms === 0 ? "together with" : `${formatSpan(Math.abs(lead_ms))} ${lead_ms > 0 ? "before" : "after"}`;
  return [quiet(`${since}, ${order} `), name(beside.service), quiet(".")];
}

function driver({ endpoint, status }: Incident, endpoint_share: number | null): Phrase[] {
  if (endpoint === null || endpoint_share === null) return [];
  const carries = status === "open" ? "carries" : "carried";
  const share = formatSpokenPercent(endpoint_share);
  return [quiet(" "), name(endpoint), quiet(` ${carries} ${share} % of the excess.`)];
}

/** Shares that are shown are of what is worst: of another harm that is told now they say nothing. */
function shownShare(told: Incident, shares: readonly EndpointShare[]): number | null {
  const [worst] = harmsOf(told);
  if (worst === undefined || harmOfMetric(told.metric_name) !== worst[0]) return told.endpoint_share;
  return shares.find(({ endpoint }) => endpoint === told.endpoint)?.share ?? told.endpoint_share;
}

/** "checkout is as usual: 318 requests/s, 0.4 % errors, p95 190 ms." */
export function calmServiceSentence(service: string, now: Figures | null): Sentence {
  if (now === null) return { severity: null, phrases: [name(service)] };
  const parts = [`${formatRate(now.request_rate)} requests/s`, `${formatSpokenPercent(now.error_rate)} % errors`];
  if (now.p95_latency_ms !== null) parts.push(`p95 ${formatMilliseconds(now.p95_latency_ms)} ms`);
  const known = now.baseline.request_rate !== null;
  const verdict = known ? " is as usual: " : " is new, its normal is being learned: ";
  return { severity: null, phrases: [name(service), strong(verdict), quiet(`${parts.join(", ")}.`)] };
}

/** "Nothing has come from checkout since 10:04:12 (5 min)." Whether it stopped or the pipeline did, its data does not tell. */
export function silentServiceSentence(service: string, last_ms: number, now_ms: number): Sentence {
  const since = ` since ${formatSince(last_ms, now_ms)} (${formatSpan(now_ms - last_ms)}).`;
  return { severity: null, phrases: [strong("Nothing has come from "), name(service), quiet(since)] };
}

/**
 * "Nothing is known of checkout since 10:04:12 (5 min): the pipeline that brings its events is silent." So it is not said that
 * the service stopped: nobody can know.
 */
export function stalledServiceSentence(service: string, last_ms: number, now_ms: number): Sentence {
  const since = ` since ${formatSince(last_ms, now_ms)} (${formatSpan(now_ms - last_ms)})`;
  const why = `${since}: the pipeline that brings its events is silent.`;
  return { severity: null, phrases: [strong("Nothing is known of "), name(service), quiet(why)] };
}

/**
 * Of an incident that was ended by hand while its fault lasts: the service is not as usual, though no incident is open. Null
 * where that is not so.
 */
export function lingeringSentence(over: Incident, now: Figures | null, now_ms: number): Sentence | null {
  const incident = asTold(over, () => false);
  if (incident.resolution !== "manual" || incident.resolved_at === null) return null;
  if (now === null || !isBeyond(incident, now)) return null;
  const by_hand = `. Its incident was resolved by hand at ${formatSince(Date.parse(incident.resolved_at), now_ms)}.`;
  const wrong = whatIsWrong({ ...incident, status: "open" }, now);
  return { severity: null, phrases: [name(incident.service), ...wrong, quiet(by_hand)] };
}

/** What the domain calls slow: the threshold of an average says little of a p95. */
const SLOW_FACTOR = 1.25;

function isBeyond(
  { metric_name, threshold_value }: Pick<Incident, "metric_name" | "threshold_value">,
  now: Figures,
): boolean {
  switch (metric_name) {
    case "error_rate":
      return now.error_rate > threshold_value;
    case "avg_latency_ms":
    case "p95_latency_ms":
      return (now.p95_latency_ms ?? 0) > Math.max(threshold_value, SLOW_FACTOR * (now.baseline.p95_latency_ms ?? 0));
    case "request_rate":
      return now.request_rate < threshold_value;
    case "burn_rate":
      // A budget is spent over hours: what the service does now does not tell.
      return false;
  }
}

/** "All 14 services are as usual.", "12 of 14 services are as usual. Nothing comes from 2." */
export function calmFleetSentence(services: number, silent: number): Sentence {
  if (silent === services) return { severity: null, phrases: [strong(nothingComes(services))] };
  if (silent > 0) {
    const usual = services - silent;
    const verdict = `${usual} of ${services} services ${usual === 1 ? "is" : "are"} as usual.`;
    return { severity: null, phrases: [strong(verdict), quiet(` Nothing comes from ${silent}.`)] };
  }
  const subject = services === 1 ? "The one service is" : `All ${services} services are`;
  return { severity: null, phrases: [strong(`${subject} as usual.`)] };
}

function nothingComes(services: number): string {
  return services === 1 ? "Nothing comes from the one service." : `Nothing comes from any of the ${services} services.`;
}

/** The sentence as plain text, for the page's title and for whoever listens. */
export function sentenceText(sentence: Sentence): string {
  return sentence.phrases.map((phrase) => phrase.text).join("");
}
