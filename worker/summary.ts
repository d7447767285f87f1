/** The fleet's figures over a span, from minutes and whole hours of history. */
import type { FleetSummary } from "../domain/summary.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { asked } from "./history.ts";
import { storedTime } from "./history-sql.ts";
import {
  type AnomalyCounts,
  SELECT_ANOMALY_COUNTS,
  SELECT_FIRST_EVENT,
  selectWindowSums,
  type WindowSums,
} from "./summary-sql.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Below this span minutes are few enough, and their sums reach closer to now. */
const HOURS_FROM_MS = 2 * HOUR_MS;
/** How long an hour's row may be on its way to history: until then its minutes are summed. */
const HOUR_SETTLES_MS = 10 * MINUTE_MS;
/** What is usual is counted over these days. */
const USUAL_MS = 7 * DAY_MS;

/** Part of a span, read from one table. */
interface Part {
  readonly table: "service_metrics" | "service_metrics_hourly";
  readonly from_ms: number;
  readonly to_ms: number;
}

/**
 * Cuts a span of whole minutes into whole hours that have settled and the minutes around them: no window stands in two parts, and
 * none is left out.
 */
export function partsOf(from_ms: number, to_ms: number, now_ms: number): Part[] {
  const first_ms = Math.ceil(from_ms / HOUR_MS) * HOUR_MS;
  const last_ms = Math.floor(Math.min(to_ms, now_ms - HOUR_SETTLES_MS) / HOUR_MS) * HOUR_MS;
  if (to_ms - from_ms < HOURS_FROM_MS || last_ms <= first_ms) return [{ table: "service_metrics", from_ms, to_ms }];
  const parts: Part[] = [
    { table: "service_metrics", from_ms, to_ms: first_ms },
    { table: "service_metrics_hourly", from_ms: first_ms, to_ms: last_ms },
    { table: "service_metrics", from_ms: last_ms, to_ms },
  ];
  return parts.filter((part) => part.from_ms < part.to_ms);
}

/** @throws HistoryUnavailable */
export async function readSummary(
  db: D1Database,
  span: { readonly from_ms: number; readonly to_ms: number },
  now_ms: number,
): Promise<FleetSummary> {
  const [from_ms, to_ms] = [span.from_ms, span.to_ms].map((at) => Math.floor(at / MINUTE_MS) * MINUTE_MS) as [
    number,
    number,
  ];
  const sums = partsOf(from_ms, to_ms, now_ms).map(({ table, ...part }) =>
    db
      .prepare(selectWindowSums(table))
      .bind(
        storedTime(part.from_ms),
        storedTime(part.to_ms),
        (table === "service_metrics" ? MINUTE_MS : HOUR_MS) / 1000,
      ),
  );
  const counts = db
    .prepare(SELECT_ANOMALY_COUNTS)
    .bind(storedTime(from_ms - USUAL_MS), storedTime(from_ms), storedTime(to_ms));
  const answers = await asked(db.batch([db.prepare(SELECT_FIRST_EVENT), counts, ...sums]));
  const [first, anomalies, ...windows] = answers.map(({ results }) => results[0]);
  const total = (windows as WindowSums[]).reduce(addSums);
  const { first_event_at } = first as { readonly first_event_at: string | null };
  const { anomaly_count, earlier_count, active_count, active_incident_count } = anomalies as AnomalyCounts;
  const judged = total.judged_windows > 0 && total.normal_request_count > 0;
  return {
    from: formatRfc3339(from_ms),
    to: formatRfc3339(to_ms),
    until: total.newest_end === null ? null : formatRfc3339(Date.parse(total.newest_end)),
    request_count: total.request_count,
    error_count: total.error_count,
    error_rate: total.request_count === 0 ? null : total.error_count / total.request_count,
    normal_request_count: judged ? Math.round(total.normal_request_count) : null,
    normal_error_rate: judged ? total.normal_error_count / total.normal_request_count : null,
    anomaly_count,
    usual_anomaly_count: usualCount(earlier_count, first_event_at, from_ms, to_ms),
    active_anomaly_count: active_count,
    active_incident_count,
  };
}

function addSums(a: WindowSums, b: WindowSums): WindowSums {
  return {
    request_count: a.request_count + b.request_count,
    error_count: a.error_count + b.error_count,
    normal_request_count: a.normal_request_count + b.normal_request_count,
    normal_error_count: a.normal_error_count + b.normal_error_count,
    judged_windows: a.judged_windows + b.judged_windows,
    newest_end: [a.newest_end, b.newest_end].reduce((one, other) => ((one ?? "") > (other ?? "") ? one : other)),
  };
}

function usualCount(earlier: number, first_event_at: string | null, from_ms: number, to_ms: number): number | null {
  const known_ms = first_event_at === null ? 0 : Math.min(USUAL_MS, from_ms - Date.parse(first_event_at));
  return known_ms < DAY_MS ? null : earlier / (known_ms / (to_ms - from_ms));
}
