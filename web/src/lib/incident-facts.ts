/** What is known of an incident beside its sentence: each a few words, and all of it for whoever asks. */
import { formatNumber } from "./format/number.ts";
import { formatClockMinute, formatMoment, formatSpan } from "./format/time.ts";
import { zoneName } from "./format/zone.ts";
import type { Anomaly, AnomalyType, DetectorName, Incident } from "../../../domain/incident.ts";

export interface Fact {
  /** A few words without a full stop. Versions and names in it are data: render it as text. */
  readonly text: string;
  /** The same in full; a screen reader hears this one. */
  readonly about: string;
}

/** A version has up to 100 characters, a service up to 63: a commit's hash is known by its beginning. */
const NAME_SHOWN_MAX = 24;

/** "critical", "critical, acknowledged", "high, over": how bad it is or was, and where it stands. */
export function stateFact(incident: Incident): Fact {
  const { severity, acknowledged_at, acknowledged_by } = incident;
  if (incident.status === "resolved") {
    const { word, about } = endOf(incident);
    return { text: `${severity}, ${word}`, about: `${severity}, ${about}` };
  }
  if (acknowledged_at === null) return { text: severity, about: `${severity}, open, acknowledged by nobody so far` };
  const by = acknowledged_by === null ? "" : ` by ${acknowledged_by}`;
  const about = `${severity}, acknowledged${by} at ${formatMoment(Date.parse(acknowledged_at))}`;
  return { text: `${severity}, acknowledged${by}`, about };
}

function endOf({ resolution, resolved_at }: Incident): { word: string; about: string } {
  const at = resolved_at === null ? "" : ` at ${formatMoment(Date.parse(resolved_at))}`;
  switch (resolution) {
    case "recovered":
      return { word: "recovered", about: `over: it recovered by itself${at}` };
    case "manual":
      return { word: "resolved by hand", about: `over: resolved by hand${at}` };
    case "retired":
      return { word: "retired", about: `over: the service was down for a day and is taken as retired${at}` };
    case null:
      return { word: "over", about: `over${at}` };
  }
}

/** "open for 2 min", "lasted 9 min". */
export function durationFact({ onset_at, resolved_at }: Incident, now_ms: number): Fact {
  const onset_ms = Date.parse(onset_at);
  const since = `from ${formatMoment(onset_ms)}`;
  if (resolved_at === null) {
    const text = `open for ${formatSpan(now_ms - onset_ms)}`;
    return { text, about: `${text}, ${since}` };
  }
  const end_ms = Date.parse(resolved_at);
  const text = `lasted ${formatSpan(end_ms - onset_ms)}`;
  return { text, about: `${text}, ${since} to ${formatMoment(end_ms)}` };
}

/** What helps to tell where it comes from, what matters most first. */
export function contextFacts(incident: Incident): Fact[] {
  const facts = [deployFact(incident), wanderFact(incident), usualFact(incident), historicalFact(incident)];
  return facts.filter((fact) => fact !== null);
}

/** The one that a single line has room for, shorter still; null where there is none. */
export function briefFact(incident: Incident): Fact | null {
  if (incident.flapping) return wanderFact(incident);
  const deploy = deployFact(incident);
  if (deploy !== null) return { ...deploy, text: `after ${shortName(incident.deployed_version ?? "")}` };
  return usualFact(incident);
}

function deployFact({ deployed_version, previous_version, deployed_at, onset_at }: Incident): Fact | null {
  if (deployed_version === null || deployed_at === null) return null;
  const at_ms = Date.parse(deployed_at);
  const before = previous_version === null ? "" : ` (before: ${previous_version})`;
  const ahead = `${formatSpan(Date.parse(onset_at) - at_ms)} before the onset`;
  return {
    text: `follows the deploy of ${shortName(deployed_version)}`,
    about: `follows the deploy of ${deployed_version}${before} at ${formatClockMinute(at_ms)} ${zoneName(at_ms)}, ${ahead}`,
  };
}

/** A version, or the name of a service, as far as a line that holds other words too has room for it. */
export function shortName(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= NAME_SHOWN_MAX) return name;
  return `${characters.slice(0, NAME_SHOWN_MAX - 1).join("")}…`;
}

/** Whether it comes and goes: three times within half an hour is a pattern, once or twice is a count. */
function wanderFact({ flapping, reopened_count, status }: Incident): Fact | null {
  if (flapping && status === "open") {
    const about = "flapping: it comes and goes, and stays open until it has been quiet for five minutes";
    return { text: "flapping", about };
  }
  if (flapping) return { text: "flapped", about: "flapped: it came at least three times within half an hour" };
  if (reopened_count === 0) return null;
  const text = reopened_count === 1 ? "came back once" : `came back ${formatNumber(reopened_count)} times`;
  return { text, about: `${text}, each within five minutes of its end` };
}

function usualFact({ usual_at }: Incident): Fact | null {
  if (usual_at === null) return null;
  const text = `usual at ${usual_at} UTC`;
  return {
    text,
    about: `${text}: the same has happened then on at least three of the last days, so that it weighs less`,
  };
}

function historicalFact({ historical }: Incident): Fact | null {
  if (!historical) return null;
  const text = "found while catching up";
  return { text, about: `${text}, more than ten minutes after its onset: nobody was notified` };
}

/** What was said of it; for those who may say it themselves the buttons tell. */
export function feedbackFact({ feedback }: Incident): Fact | null {
  switch (feedback) {
    case "false_positive":
      return {
        text: "marked as a false alarm",
        about: "marked as a false alarm: the like of it has to last longer before it is told",
      };
    case "useful":
      return { text: "marked as useful", about: "marked as useful" };
    case null:
      return null;
  }
}

/**
 * "310 of 1,000 requests failed, about 306 more than normal". Counted is what belongs to the incident, as its excess is
 * (domain/incident-change.ts); null where that is neither errors nor latency.
 */
export function impactFact(incident: Incident): Fact | null {
  const { request_count, failed_count, slow_count, excess_count, excess_low, excess_high } = incident;
  const types = new Set(incident.anomalies.map((anomaly) => anomaly.anomaly_type));
  const failed = types.has("error_rate") || types.has("slo");
  const slow = types.has("latency");
  if (!failed && !slow) return null;
  const counts = failed
    ? `${formatNumber(failed_count)} of ${formatNumber(request_count)} requests failed${
        slow ? `, ${formatNumber(slow_count)} were slow` : ""
      }`
    : `${formatNumber(slow_count)} of ${formatNumber(request_count)} requests were slow`;
  if (excess_high === 0) return { text: counts, about: `${counts} since the onset, no more than normal` };
  if (excess_count === 0) {
    // An error budget burns also where as many fail as ever: "about 0 more" would be read as "nothing is wrong".
    const about = `${counts} since the onset: that is normal, or up to ${formatNumber(excess_high)} more, with 95 % certainty`;
    return { text: counts, about };
  }
  const more = `about ${formatNumber(excess_count)} `;
  const harmed = failed && slow ? "failed or were slow" : failed ? "failed" : "were slow";
  const range = `${formatNumber(excess_low)} to ${formatNumber(excess_high)}`;
  return {
    text: `${counts}, ${more}more than normal`,
    about: `${counts} since the onset: ${more}requests more than normal ${harmed} (${range}, with 95 % certainty)`,
  };
}

/** What kind of finding it is: one of these stands before its description. */
const KINDS: Readonly<Record<AnomalyType, string>> = {
  error_rate: "errors",
  latency: "latency",
  traffic: "fewer requests",
  down: "no requests",
  slo: "error budget",
};

const DETECTORS: Readonly<Record<DetectorName, Fact>> = {
  sequential: {
    text: "second by second",
    about: "found by weighing each second against what is normal for this service",
  },
  reference: { text: "fixed rule", about: "found by a fixed rule over the last minute" },
  slo: { text: "burn rate", about: "found by how fast the service spends its error budget" },
};

interface FindingWords {
  readonly kind: string;
  readonly detector: Fact;
  readonly span: Fact;
}

/** The words of one anomaly around its own description. */
export function findingWords(anomaly: Anomaly): FindingWords {
  const from_ms = Date.parse(anomaly.detected_at);
  const end_ms = anomaly.resolved_at === null ? null : Date.parse(anomaly.resolved_at);
  const about = `found at ${formatMoment(from_ms)}, ${end_ms === null ? "it lasts" : `over at ${formatMoment(end_ms)}`}`;
  const text =
    end_ms === null
      ? `since ${formatClockMinute(from_ms)}`
      : `${formatClockMinute(from_ms)} to ${formatClockMinute(end_ms)}`;
  return { kind: KINDS[anomaly.anomaly_type], detector: DETECTORS[anomaly.detector], span: { text, about } };
}
