/** Which changes of an incident deserve new words. */
import { type Incident, SEVERITIES } from "./incident.ts";

/**
 * When it opens, its severity rises, a new metric joins, it is resolved or comes back; not for mere growth, nor for what people
 * note on it. `before`: null, or another incident, when it opens.
 */
export function isNarrationDue(before: Incident | null, after: Incident): boolean {
  if (before?.id !== after.id) return true;
  if (before.status !== after.status) return true;
  if (SEVERITIES.indexOf(after.severity) > SEVERITIES.indexOf(before.severity)) return true;
  return after.anomalies.some(({ metric_name }) => !before.anomalies.some((own) => own.metric_name === metric_name));
}
