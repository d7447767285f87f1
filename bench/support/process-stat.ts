/** What the kernel says of one process in /proc/PID/stat. */
import { readFileSync } from "node:fs";

const PAGE_BYTES = 4096;
/** The unit of times in /proc, the same on every Linux of today (USER_HZ). */
const TICKS_PER_S = 100;

export interface ProcessStat {
  readonly parent: number;
  readonly command: string;
  /** Resident now. */
  readonly bytes: number;
  /** User and system so far. */
  readonly cpu_s: number;
}

/** @throws with the code ENOENT or ESRCH where there is no such process */
export function statOf(pid: number): ProcessStat {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command stands in parentheses and may hold some itself.
  const end = stat.lastIndexOf(")");
  const fields = stat.slice(end + 2).split(" ");
  return {
    parent: Number(fields[1]),
    command: stat.slice(stat.indexOf("(") + 1, end),
    bytes: Number(fields[21]) * PAGE_BYTES,
    cpu_s: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
  };
}
