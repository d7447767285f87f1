/** Resident memory and CPU time of everything that descends from a process, from /proc. */
import { readdirSync } from "node:fs";
import { type ProcessStat, statOf } from "./process-stat.ts";

interface ProcessEntry extends ProcessStat {
  readonly pid: number;
}

function processes(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const pid = Number(name);
      entries.push({ pid, ...statOf(pid) });
    } catch (error) {
      // A process can end between the listing and the reading.
      if (!(error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")))
        throw error;
    }
  }
  return entries;
}

/** MB by command name, for the process and all below it. */
export function memoryOf(root_pid: number): Readonly<Record<string, number>> {
  const megabytes = Object.entries(totalsOf(root_pid, ({ bytes }) => bytes / 1e6));
  return Object.fromEntries(megabytes.map(([command, total]) => [command, Math.round(total)]));
}

/** Seconds of CPU so far by command name: unlike the time that passes they do not depend on who else uses the machine. */
export function cpuOf(root_pid: number): Readonly<Record<string, number>> {
  return totalsOf(root_pid, ({ cpu_s }) => cpu_s);
}

function totalsOf(root_pid: number, amountOf: (entry: ProcessEntry) => number): Record<string, number> {
  const all = processes();
  const wanted = new Set([root_pid]);
  for (let grew = true; grew;) {
    grew = false;
    for (const { pid, parent } of all) {
      if (!wanted.has(parent) || wanted.has(pid)) continue;
      wanted.add(pid);
      grew = true;
    }
  }
  const total: Record<string, number> = {};
  for (const entry of all) {
    if (wanted.has(entry.pid)) total[entry.command] = (total[entry.command] ?? 0) + amountOf(entry);
  }
  return total;
}
