/** Which finding an incident is told under. */
import { harmOfMetric } from "../../../domain/endpoint-harm.ts";
import type { Anomaly, Incident } from "../../../domain/incident.ts";

/**
 * The metric and the kind that an incident's numbers belong to. Its own metric stays that of the anomaly that opened it, its
 * numbers are those of the worst one: an incident that opened for latency and is worst in errors would else be told as
 * "0.3 ms". The opening metric where it is the worst too, and where the worst is no longer among the anomalies.
 */
function worstFinding(incident: Incident): Pick<Anomaly, "metric_name" | "anomaly_type"> {
  const { metric_name, anomaly_type, metric_value, baseline_value, threshold_value } = incident;
  const worst = incident.anomalies.filter(
    (anomaly) =>
      anomaly.metric_value === metric_value &&
      anomaly.baseline_value === baseline_value &&
      anomaly.threshold_value === threshold_value,
  );
  const leading = worst.find((anomaly) => anomaly.metric_name === metric_name) ?? worst[0];
  return leading ?? { metric_name, anomaly_type };
}

/**
 * The incident under the metric and with the numbers that it is told by: those of the worst finding, unless that is over while
 * another metric is still wrong. A service that was down for a minute and is slow since is slow, not "recovering".
 *
 * @param isWrongNow whether the present figures are still beyond a finding's threshold
 */
export function asTold(incident: Incident, isWrongNow: (finding: Anomaly) => boolean): Incident {
  const worst = worstFinding(incident);
  const told = { ...incident, metric_name: worst.metric_name, anomaly_type: worst.anomaly_type };
  if (incident.status !== "open") return told;
  const rank = (finding: Anomaly): number => (finding.resolved ? 0 : isWrongNow(finding) ? 2 : 1);
  const ranked = incident.anomalies.toSorted((a, b) => rank(b) - rank(a) || b.score - a.score);
  const [first] = ranked;
  // Of the same metric the worst value is known already: a burst that flaps is as bad as the worst one was.
  const same = ranked.find((finding) => finding.metric_name === worst.metric_name);
  if (first === undefined || rank(first) <= (same === undefined ? 0 : rank(same))) return told;
  const { metric_name, anomaly_type, metric_value, baseline_value, threshold_value, endpoint } = first;
  const numbers = { metric_name, anomaly_type, metric_value, baseline_value, threshold_value };
  // The share is the worst finding's: of another endpoint, or of another harm, it says nothing.
  const isSame = endpoint === incident.endpoint && harmOfMetric(metric_name) === harmOfMetric(worst.metric_name);
  const endpoint_share = isSame ? incident.endpoint_share : null;
  return { ...told, ...numbers, endpoint, endpoint_share };
}
