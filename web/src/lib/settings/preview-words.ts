/** What settings that are tried would have told, in words. */
import type { ComparedIncident, ToldIncident } from "../../../../domain/replay-line.ts";
import type { ComparedSpan } from "../../../../domain/settings-preview.ts";
import type { MetricName, Severity } from "../../../../domain/incident.ts";
import { formatSince, formatSpan } from "../format/time.ts";

const COUNTED = [
  ["gained", "more"],
  ["lost", "fewer"],
  ["moved", "told otherwise"],
] as const;

/** "checkout would have had 1 incident more and 2 fewer; 3 are the same." */
export function previewSentence(service: string, { counts }: ComparedSpan): string {
  const { same } = counts;
  const changed = COUNTED.filter(([change]) => counts[change] > 0);
  const changes = changed.map(([change, words], at) => {
    const count = counts[change];
    return at > 0 ? `${count} ${words}` : `${count} ${count === 1 ? "incident" : "incidents"} ${words}`;
  });
  const kept = same === 0 ? "" : ` ${same} ${same === 1 ? "is" : "are"} the same.`;
  if (changes.length > 0) return `${service} would have had ${listed(changes)}.${kept}`;
  return same === 0
    ? `${service} would have had no incident, as without the change.`
    : `Nothing would have changed for ${service}: the same ${same === 1 ? "incident" : `${same} incidents`}.`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** One side of a line: what was, or would have been, told. */
export interface ToldSide {
  readonly severity: Severity;
  /** "errors at /cart/pay" */
  readonly what: string;
  /** "10:04:12, told after 8 s, over after 3 min" */
  readonly when: string;
}

export interface PreviewLine {
  readonly key: string;
  readonly change: string;
  readonly before: ToldSide | null;
  readonly after: ToldSide | null;
}

const CHANGES: Readonly<Record<ComparedIncident["change"], string>> = {
  gained: "more",
  lost: "fewer",
  moved: "otherwise",
  same: "the same",
};

/** Changes first: what stays the same is the background. */
export function previewLines({ compared }: ComparedSpan, now_ms: number): PreviewLine[] {
  const ordered = [...compared.filter(({ change }) => change !== "same"), ...compared.filter(isSame)];
  return ordered.map(({ change, before, after }) => ({
    key: `${before?.id ?? ""} ${after?.id ?? ""}`,
    change: CHANGES[change],
    before: before === null ? null : sideOf(before, now_ms),
    after: after === null ? null : sideOf(after, now_ms),
  }));
}

const METRICS: Readonly<Record<MetricName, string>> = {
  error_rate: "errors",
  avg_latency_ms: "latency",
  p95_latency_ms: "latency",
  request_rate: "requests",
  burn_rate: "error budget",
};

function isSame({ change }: ComparedIncident): boolean {
  return change === "same";
}

function sideOf({ severity, metric_name, endpoint, onset, at, resolved_at }: ToldIncident, now_ms: number): ToldSide {
  const onset_ms = Date.parse(onset);
  const over = resolved_at === null ? "not over" : `over after ${formatSpan(Date.parse(resolved_at) - onset_ms)}`;
  return {
    severity,
    what: endpoint === null ? METRICS[metric_name] : `${METRICS[metric_name]} at ${endpoint}`,
    when: `${formatSince(onset_ms, now_ms)}, told after ${formatSpan(Date.parse(at) - onset_ms)}, ${over}`,
  };
}
