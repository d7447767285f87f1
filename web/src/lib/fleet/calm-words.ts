/** The second line of a calm page: how long it has been calm, and what was before. */
import { formatSpan } from "../format/time.ts";
import { incidentSentence, type Sentence } from "../sentence.ts";
import type { Incident } from "../../../../domain/incident.ts";

/** "No incident for 3 days 4 h. The last one: search was slow: 690 ms p95 at worst, from 05:51:00 for 6 min." Null where there was none. */
export function lastIncidentSentence(last: Incident | null, now_ms: number): Sentence | null {
  if (last === null || last.resolved_at === null) return null;
  const calm = formatSpan(now_ms - Date.parse(last.resolved_at));
  const { phrases } = incidentSentence(last, null, now_ms);
  // Nothing of it is true any more: only the name stands out.
  const told = phrases.map(({ text, tone }) => ({ text, tone: tone === "name" ? tone : ("quiet" as const) }));
  return { severity: null, phrases: [{ text: `No incident for ${calm}. The last one: `, tone: "quiet" }, ...told] };
}
