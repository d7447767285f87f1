/** Which changes of an incident deserve new words. */
import { type Incident, SEVERITIES } from "./incident.ts";

/**
 * When it opens, its severity rises, a new metric joins, another endpoint than before, or none, is said to drive one of them (driver-watch.ts says how
 * seldom), it is resolved or comes back; not for mere growth, nor for what people note on it. `before`: null, or another incident, when
 * it opens.
 */
export function isNarrationDue(before: Incident | null, after: Incident): boolean {
  if (before?.id !== after.id) return true;
  if (before.status !== after.status) return true;
  if (SEVERITIES.indexOf(after.severity) > SEVERITIES.indexOf(before.severity)) return true;
  return after.anomalies.some((anomaly) => {
    const known = before.anomalies.filter(({ metric_name }) => metric_name === anomaly.metric_name);
    const own = known.find(({ detected_at }) => detected_at === anomaly.detected_at);
    if (own !== undefined) return own.endpoint !== anomaly.endpoint;
    // That a metric comes back before it is known where says nothing new.
    const last = known.at(-1);
    return last === undefined || (anomaly.endpoint !== null && anomaly.endpoint !== last.endpoint);
  });
}
