/** Whether what was found gets on: what waits in the services' objects for history, for the Fleet, for the Narrator and for subscriptions. */
import { formatNumber } from "../format/number.ts";
import { formatSpan } from "../format/time.ts";
import { normalWords, rangeOf } from "./pipeline-hour.ts";
import { newest, timeOf } from "./readings.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { PipelineCheck, PipelineHour } from "./pipeline-check.ts";

/** A call takes a moment, and one that failed is tried again after a second: longer is a target that is away. */
const OVERDUE_MS = 10_000;

const TARGETS = [
  {
    target: "d1",
    figure: "outbox_d1",
    name: "History outbox",
    about: "rows that wait for D1",
    behind: "History",
    advice:
      "Charts older than the live window may end early. Detection and incidents go on; the rows go once D1 answers.",
  },
  {
    target: "fleet",
    figure: "outbox_fleet",
    name: "Fleet outbox",
    about: "incidents that wait for the overview",
    behind: "The overview",
    advice: "Incidents show on their services' pages meanwhile. The Worker's log says why the Fleet takes none.",
  },
  {
    target: "narrator",
    figure: "outbox_narrator",
    name: "Narrator outbox",
    about: "incidents that wait to be put into words",
    behind: "The Narrator",
    advice: "Incidents have the template's words meanwhile. The Worker's log says why.",
  },
  {
    target: "subscribers",
    figure: "outbox_subscribers",
    name: "Subscription outbox",
    about: "changes of incidents that wait for subscriptions",
    behind: "Telling subscribers",
    advice:
      "Some messages may be late. The Worker's log says which subscription's object takes none; the others hear all the same.",
  },
] as const;

export function outboxChecks({ readings }: PipelineHour): PipelineCheck[] {
  const reading = newest(readings);
  return TARGETS.map(({ target, figure, name, about, behind, advice }) => {
    const range = rangeOf(reading, figure);
    const { rows, overdue_ms } = waitingFor(reading, target);
    const behind_ms = overdue_ms === null ? 0 : timeOf(reading) - overdue_ms;
    const outside = behind_ms > OVERDUE_MS;
    const none = reading.asked.length === 0;
    return {
      name,
      about,
      figure,
      value: none ? null : rows,
      text: none ? "–" : formatNumber(rows),
      unit: none ? "" : "rows",
      normal: normalWords(range, formatNumber, "none for more than 10 s"),
      range,
      state: outside ? "outside" : none ? "unknown" : "normal",
      since_ms: outside ? overdue_ms : null,
      wrong: outside ? `${behind} lags by ${formatSpan(behind_ms)}: ${formatNumber(rows)} rows wait.` : "",
      advice: outside ? advice : "",
    };
  });
}

/** Of all services that were asked: how many rows, and since when the oldest is overdue. */
function waitingFor({ asked }: PipelineItem, target: string): { rows: number; overdue_ms: number | null } {
  const rows = asked.reduce((sum, { outbox }) => sum + (outbox[target] ?? 0), 0);
  const overdue = asked.flatMap(({ outbox_since }) => outbox_since[target] ?? []).map((at) => Date.parse(at));
  return { rows, overdue_ms: overdue.length === 0 ? null : Math.min(...overdue) };
}
