/** Earlier incidents of a service that were like one. */
import type { PastPort } from "../domain/narrator.ts";
import { parsePastRow, type PastRow, SELECT_ALIKE, storedTime } from "./history-sql.ts";
import { asked } from "./history.ts";

const DAYS = 30;
const PAST_MAX = 8;
/** Incidents of the service that are looked at: it may have had many of other metrics, and each row read is paid for. */
const LOOKED_AT_MAX = 200;

/** History as the Narrator asks it. Rejects with HistoryUnavailable where D1 does not answer. */
export function d1Past(db: D1Database): PastPort {
  return {
    async alike({ service, incident_id, metric_name, onset_at }) {
      const onset_ms = Date.parse(onset_at);
      const from = storedTime(onset_ms - DAYS * 86_400_000);
      const statement = db
        .prepare(SELECT_ALIKE)
        .bind(service, from, LOOKED_AT_MAX, metric_name, storedTime(onset_ms), incident_id, PAST_MAX);
      const { results } = await asked(statement.all<PastRow>());
      return results.map(parsePastRow);
    },
  };
}
