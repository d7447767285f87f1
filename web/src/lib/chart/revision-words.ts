/** What is told of a window that changed after it had closed. */
import { formatNumber } from "../format/number.ts";
import { formatClock } from "../format/time.ts";
import type { Revision } from "../revisions.ts";

/** "10:02:00, revised by late requests: 1,540 before, 1,590 now". */
export function revisionWords({ at, before, after }: Revision): string {
  const counts = before === null ? `${formatNumber(after)} requests now` : beforeAndAfter(before, after);
  return `${formatClock(at * 1000)}, revised by late requests: ${counts}`;
}

function beforeAndAfter(before: number, after: number): string {
  return `${formatNumber(before)} requests before, ${formatNumber(after)} now`;
}
