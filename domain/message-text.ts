/**
 * Sentences of messages, as a person would read them out. Names and narratives in them are text of events or of models: each is made
 * one line of printable characters here (`tidied`), and whoever shows it escapes it for what shows it.
 */
import { counted, duration, milliseconds, percent, rounded, whole } from "./fact-words.ts";
import type { Incident, MetricName, Severity } from "./incident.ts";
import type { CauseId, Certainty, Narrative } from "./narrative.ts";
import type { Message, MessageItem } from "./notification.ts";
import type { Spark } from "./subscriber.ts";

const UNPRINTABLE = /[\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

/** One line without controls, those of writing direction included, of at most `length_max` characters (code points). */
export function tidied(text: string, length_max: number): string {
  // A text of megabytes is not worked through for the few words that stay.
  const line = text
    .slice(0, 4 * length_max + 100)
    .replaceAll(UNPRINTABLE, " ")
    .trim();
  return cut(line, length_max);
}

/** The first `length_max` characters (code points), the last of them `…` where some are missing. */
export function cut(text: string, length_max: number): string {
  if (text.length <= length_max) return text;
  const characters = Array.from(text);
  return characters.length <= length_max ? text : `${characters.slice(0, length_max - 1).join("")}…`;
}

const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  medium: "Medium",
  high: "High",
  critical: "Critical",
};

/** What a message is called: its one sentence, or the number of its incidents and the sentence of the worst. */
export function messageTitle(message: Message): string {
  const { items, more, kind } = message;
  const [worst] = items;
  const count = items.length + more;
  const incidents = counted(count, "incident");
  const sentence = worst === undefined ? null : itemTitle(worst, message.at);
  const told = sentence === null ? "." : count === 1 ? `: ${sentence}` : `, the worst: ${sentence}`;
  if (kind === "digest") return `${incidents} held back by the limit of messages an hour${told}`;
  if (kind === "caught_up") return `Caught up, ${incidents} meanwhile${told}`;
  if (kind === "test") return `A test of Faultline, nothing has happened${told}`;
  return count === 1 && sentence !== null ? sentence : `${incidents}${told}`;
}

/** "Critical incident of checkout: 31.0 % of requests failed (normally 0.4 %, allowed 5.0 %)." `at`: when it is told, RFC 3339. */
export function itemTitle(item: MessageItem, at: string): string {
  return `${headOf(item, at)}: ${item.incident.description}`;
}

function headOf({ change, incident }: MessageItem, at: string): string {
  const subject = `${SEVERITY_WORDS[incident.severity]} incident of ${incident.service}`;
  const is_over = incident.status === "resolved";
  if (is_over && change !== "narrated") return resolvedHead(incident, subject);
  switch (change) {
    case "opened":
    case "resolved":
      return subject;
    case "escalated":
      return `Incident of ${incident.service} is ${incident.severity} now`;
    case "reopened":
      return `${subject} is back`;
    case "flapping":
      return `${subject} comes and goes`;
    case "narrated":
      return `New words on the ${incident.severity} incident of ${incident.service}${is_over ? ", which is over" : ""}`;
    case "acknowledged":
      return `${subject} is acknowledged${incident.acknowledged_by === null ? "" : ` by ${incident.acknowledged_by}`}`;
    case "repeated":
      return `${subject} is still open after ${duration(secondsBetween(incident.onset_at, at))}`;
  }
}

function resolvedHead(incident: Incident, subject: string): string {
  const after = ` after ${duration(secondsBetween(incident.onset_at, incident.resolved_at ?? incident.updated_at))}`;
  switch (incident.resolution) {
    case "manual":
      return `${subject} was resolved by hand${after}`;
    case "retired":
      return `${incident.service} is taken as retired${after}`;
    case "recovered":
    case null:
      return `${incident.service} has recovered${after} (was ${incident.severity})`;
  }
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
}

/** "310 of 1,000 requests failed, about 306 more than normal."; null where neither errors nor latency belong to it. */
export function impactText(incident: Incident): string | null {
  const types = new Set(incident.anomalies.map(({ anomaly_type }) => anomaly_type));
  const failed = types.has("error_rate") || types.has("slo");
  const slow = types.has("latency");
  if (!failed && !slow) return null;
  const { request_count, failed_count, slow_count, excess_count } = incident;
  const of = `of ${counted(request_count, "request")}`;
  const counts = failed
    ? `${whole(failed_count)} ${of} failed${slow ? `, ${whole(slow_count)} were slow` : ""}`
    : `${whole(slow_count)} ${of} were slow`;
  return excess_count > 0 ? `${counts}, about ${whole(excess_count)} more than normal.` : `${counts}.`;
}

/** The likeliest cause that a narrative has; null where facts do not tell. */
export function likelyCause(
  narrative: Narrative | null,
): { text: string; certainty: Certainty; cause: CauseId } | null {
  const [first] = narrative?.possible_causes ?? [];
  if (first === undefined || first.cause === "unknown") return null;
  return { text: first.text, certainty: first.certainty, cause: first.cause };
}

const BARS = "▁▂▃▄▅▆▇█";
/** Space would be swallowed where it begins or ends a line, and be no gap where letters have widths. */
const GAP = "·";
const BARS_MAX = 60;

/** Bars from zero to the largest of the newest values; `·` where no request came. */
export function sparkline({ values }: Pick<Spark, "values">): string {
  const shown = values
    .slice(-BARS_MAX)
    .map((value) => (value !== null && Number.isFinite(value) ? Math.max(0, value) : null));
  const top = Math.max(0, ...shown.map((value) => value ?? 0));
  const bar = (value: number) =>
    BARS[top === 0 ? 0 : Math.min(BARS.length - 1, Math.floor((value / top) * BARS.length))];
  return shown.map((value) => (value === null ? GAP : bar(value))).join("");
}

const METRIC_WORDS: Readonly<Record<MetricName, string>> = {
  error_rate: "error rate",
  avg_latency_ms: "average latency",
  p95_latency_ms: "p95 latency",
  request_rate: "requests",
  burn_rate: "burn rate",
};

/** "error rate ▁▁▂▇█ over 5 min, at most 31 %"; null where nothing is known. */
export function sparkText(spark: Spark | null): string | null {
  const shown = spark?.values.slice(-BARS_MAX) ?? [];
  const known = shown.filter((value): value is number => value !== null && Number.isFinite(value));
  if (spark === null || known.length === 0) return null;
  const span = duration(shown.length * spark.step_s);
  const top = metricValue(spark.metric_name, Math.max(...known));
  return `${METRIC_WORDS[spark.metric_name]} ${sparkline(spark)} over ${span}, at most ${top}`;
}

function metricValue(metric_name: MetricName, value: number): string {
  switch (metric_name) {
    case "error_rate":
      return percent(value);
    case "avg_latency_ms":
    case "p95_latency_ms":
      return milliseconds(value);
    case "request_rate":
      return `${rounded(value)}/s`;
    case "burn_rate":
      return `${rounded(value)} times`;
  }
}
