/** What one process has used so far, from /proc. */
import { readFileSync } from "node:fs";

/** The unit of times in /proc, the same on every Linux of today (USER_HZ). */
const TICKS_PER_S = 100;

export interface ProcessUsage {
  /** The most that was resident at once. */
  readonly peak_mb: number;
  readonly cpu_s: number;
}

export function usageOf(pid: number): ProcessUsage {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    peak_mb: Math.round((Number(kilobytes) * 1024) / 1e6),
    cpu_s: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
  };
}
