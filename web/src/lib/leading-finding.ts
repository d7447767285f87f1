/** Which finding an incident's own numbers are of. */
import type { Anomaly, Incident } from "../../../domain/incident.ts";

/**
 * The metric and the kind that an incident's numbers belong to. Its own metric stays that of the anomaly that opened it, its
 * numbers are those of the worst one: an incident that opened for latency and is worst in errors would else be told as
 * "0.3 ms". The opening metric where it is the worst too, and where the worst is no longer among the anomalies.
 */
export function leadingFinding(incident: Incident): Pick<Anomaly, "metric_name" | "anomaly_type"> {
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
