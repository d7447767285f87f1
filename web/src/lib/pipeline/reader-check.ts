/** Whether those who carry history on (`GET /v1/changes`) keep up. */
import { formatNumber } from "../format/number.ts";
import { formatSpan } from "../format/time.ts";
import { normalWords, rangeOf } from "./pipeline-hour.ts";
import { newest, timeOf } from "./readings.ts";
import { READER_WAITING_MAX, type ReaderStanding } from "../../../../domain/pipeline.ts";
import { MINUTE_MS, type PipelineReading } from "../../../../domain/pipeline-reading.ts";
import type { PipelineCheck, PipelineHour } from "./pipeline-check.ts";

/** A page of changes is put away within so long, or its reader is stuck. */
const PAGE_MS = 15_000;

/** No check where nobody ever read. */
export function readerChecks(hour: PipelineHour): PipelineCheck[] {
  const now = newest(hour.readings);
  const readers = now.history?.readers ?? [];
  if (readers.length === 0) return [];
  const stuck = readers.filter((reader) => isStuck(reader, hour.minutes.at(-1), timeOf(now)));
  const [slowest] = readers.toSorted((a, b) => b.waiting - a.waiting);
  const { waiting } = slowest!;
  const since = stuck.map(({ acknowledged_at }) => Date.parse(acknowledged_at));
  const since_ms = since.length === 0 ? null : Math.min(...since);
  const range = rangeOf(now, "readers");
  const names = stuck.map(({ reader }) => reader).join(", ");
  const span = formatSpan(timeOf(now) - (since_ms ?? 0));
  return [
    {
      name: "Topics out",
      about: `changes that wait for the slowest reader, of ${formatNumber(readers.length)}`,
      figure: "readers",
      value: waiting,
      text: `${formatNumber(waiting)}${waiting >= READER_WAITING_MAX ? "+" : ""}`,
      unit: "changes",
      normal: normalWords(range, formatNumber, "few, and soon put away"),
      range,
      state: stuck.length > 0 ? "outside" : "normal",
      since_ms,
      wrong: stuck.length === 0 ? "" : `${names} has put nothing away for ${span}, and changes wait.`,
      advice:
        stuck.length === 0
          ? ""
          : "Nothing is lost: it goes on where it was. Look at whoever runs it; a reader that is gone for good is deleted by DELETE /v1/changes/readers/:reader.",
    },
  ];
}

/** Something waited at the end of the newest minute that is kept, and nothing was put away since, for longer than a page takes. */
function isStuck(
  { reader, waiting, acknowledged_at }: ReaderStanding,
  minute: PipelineReading | undefined,
  now_ms: number,
): boolean {
  if (waiting === 0 || minute === undefined || (minute.readers?.[reader] ?? 0) === 0) return false;
  const end_ms = Date.parse(minute.minute) + MINUTE_MS;
  return Date.parse(acknowledged_at) < end_ms && now_ms - end_ms >= PAGE_MS;
}
