/** The line that the list of incidents opens with. */
import { formatSpan } from "../format/time.ts";
import { openIncidents } from "../severity.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { Sentence } from "../sentence.ts";

const WORDS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/**
 * "Two incidents are open, one critical; 29 were resolved in the last 7 days, half of them within 7 min." The numbers are of what
 * is listed. `span`: the listed time, as "the last 7 days".
 */
export function incidentsSentence(incidents: readonly Incident[], span: string): Sentence {
  const open = openIncidents(incidents);
  const over = incidents.filter(({ status }) => status === "resolved");
  const critical = open.filter(({ severity }) => severity === "critical").length;
  const verdict = `${WORDS[open.length] ?? open.length} ${open.length === 1 ? "incident is" : "incidents are"} open`;
  const worst = critical === 0 ? "" : critical === open.length ? ", critical" : `, ${worded(critical)} critical`;
  const ended = over.length === 0 ? `; none was resolved in ${span}.` : `; ${resolvedWords(over, span)}`;
  return {
    severity: null,
    phrases: [
      { text: verdict + worst, tone: "strong" },
      { text: ended, tone: "quiet" },
    ],
  };
}

const ONE: Readonly<Record<string, string>> = { h: "the last hour", day: "the last day" };

/** "the last 7 days", "the time shown". @param words as time-range.ts tells the range */
export function spanWords(words: string, isFixed: boolean): string {
  if (isFixed) return "the time shown";
  const one = /^Last 1\s(h|day)$/.exec(words)?.[1];
  return one === undefined ? `the ${words.charAt(0).toLowerCase()}${words.slice(1)}` : ONE[one]!;
}

function worded(count: number): string {
  return WORDS[count]?.toLowerCase() ?? String(count);
}

function resolvedWords(over: readonly Incident[], span: string): string {
  const spans_ms = over
    .map(({ onset_at, resolved_at }) => Date.parse(resolved_at ?? onset_at) - Date.parse(onset_at))
    .toSorted((a, b) => a - b);
  const count = over.length;
  const were = `${count} ${count === 1 ? "was" : "were"} resolved in ${span}`;
  // The upper of two middle ones: within it at least half were over.
  const half_ms = spans_ms[Math.floor((count - 1) / 2)] ?? 0;
  return count === 1
    ? `${were}, after ${formatSpan(half_ms)}.`
    : `${were}, half of them within ${formatSpan(half_ms)}.`;
}
