/** What one process has used so far, from /proc. */
import { readFileSync } from "node:fs";
import { statOf } from "./process-stat.ts";

export interface ProcessUsage {
  /** The most that was resident at once. */
  readonly peak_mb: number;
  readonly cpu_s: number;
}

export function usageOf(pid: number): ProcessUsage {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { peak_mb: Math.round((Number(kilobytes) * 1024) / 1e6), cpu_s: statOf(pid).cpu_s };
}
