/** The incidents that wait for words, in the order of their priority. Never changed in place: who goes through them may change them meanwhile. */
import { SEVERITIES } from "../domain/incident.ts";
import type { Job } from "./narrator-job.ts";

/** The most severe first, then the one that has waited longest. */
export function ordered(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted(byPriority);
}

/** With the job in its place, whatever was there of its incident; without, where there is none (any more). */
export function replaced(jobs: readonly Job[], incident_id: string, job: Job | null): readonly Job[] {
  const others = jobs.filter((other) => other.incident_id !== incident_id);
  if (job === null) return others;
  const place = others.findIndex((other) => byPriority(job, other) < 0);
  others.splice(place === -1 ? others.length : place, 0, job);
  return others;
}

function byPriority(a: Job, b: Job): number {
  const by_severity = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  return by_severity || a.received_ms - b.received_ms || (a.incident_id < b.incident_id ? -1 : 1);
}
