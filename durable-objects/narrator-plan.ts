/** What the Narrator does next with each incident that waits, and when it has to look again: decided from what is stored. */
import type { TemplateReason } from "../domain/narrative.ts";
import type { CircuitState } from "../domain/narrator.ts";
import type { Job } from "./narrator-job.ts";

/** Calls to the model at once: a small one on a laptop answers two about as fast as one. */
const CALLS_MAX = 2;
/** Other steps at once, so that services that hang hold up some of them and not all. */
const LANES_MAX = 32;
/** Calls for one version while the model answers others: then it is this one that it cannot do. */
const ATTEMPTS_MAX = 5;
/** Nobody waits for words about what ended longer ago. */
const RESOLVED_MS_MAX = 10 * 60_000;
/** A service's object that takes no words for a day is not coming back for them. */
const UNTAKEN_MS_MAX = 24 * 3_600_000;

export interface Circumstances {
  readonly now_ms: number;
  readonly has_model: boolean;
  readonly circuit: CircuitState;
  /** When an open circuit lets a call try; null while it is closed. */
  readonly trial_ms: number | null;
  /** The day's tokens are spent: no call before; null while they are not. */
  readonly spent_until_ms: number | null;
  /** Incidents with a step under way, calls among those steps, and whether one of these calls tries a circuit. */
  readonly under_way: ReadonlySet<string>;
  readonly calls: number;
  readonly is_trying: boolean;
}

/**
 * `prepare`: ask for its surroundings. `tell`: the template with this reason; `is_last`: no other words will follow. `deliver`:
 * its last words. `call`: ask the model. `drop`: nobody takes its words.
 */
export type Step =
  | { readonly kind: "prepare" | "deliver" | "drop"; readonly job: Job }
  | { readonly kind: "tell"; readonly job: Job; readonly reason: TemplateReason; readonly is_last: boolean }
  | { readonly kind: "call"; readonly job: Job; readonly is_trial: boolean };

export interface Plan {
  readonly steps: readonly Step[];
  /** When to look again (ms) if nothing else happens; null when there is nothing to wait for but steps under way. */
  readonly due_ms: number | null;
}

/** @param jobs in the order of their priority */
export function plan(jobs: readonly Job[], now: Circumstances): Plan {
  const idle = jobs.filter((job) => !now.under_way.has(job.incident_id));
  const calls = callsOf(idle, now);
  const called = new Set(calls.map(({ job }) => job));
  const others = idle.filter((job) => !called.has(job));
  const due = others.flatMap((job) => (job.tell_ms > now.now_ms ? [] : (stepOf(job, now) ?? [])));
  const lanes = LANES_MAX - (now.under_way.size - now.calls);
  const waits = others.map((job) => dueOf(job, now)).filter((due_ms) => due_ms > now.now_ms);
  return {
    steps: [...calls, ...due.slice(0, Math.max(0, lanes))],
    due_ms: waits.length === 0 ? null : Math.min(...waits),
  };
}

function callsOf(idle: readonly Job[], now: Circumstances): { kind: "call"; job: Job; is_trial: boolean }[] {
  const free = CALLS_MAX - now.calls;
  if (free <= 0 || !maySpend(now)) return [];
  const waiting = idle.filter(
    (job) => job.stage === "ready" && lastReason(job, now) === null && job.tell_ms <= now.now_ms,
  );
  if (now.circuit === "closed") {
    const due = waiting.filter((job) => job.call_ms <= now.now_ms).slice(0, free);
    return due.map((job) => ({ kind: "call", job, is_trial: false }));
  }
  if (now.circuit === "open" || now.is_trying) return [];
  // The one that was tried least, so that an incident that the model cannot do does not keep the circuit open for all; and only
  // once its object has heard that it has to wait, since a trial is not told.
  const trial = waiting.filter((job) => job.told === "unavailable").toSorted((a, b) => a.attempts - b.attempts)[0];
  return trial === undefined ? [] : [{ kind: "call", job: trial, is_trial: true }];
}

function stepOf(job: Job, now: Circumstances): Step | null {
  if (job.tell_failures > 0 && now.now_ms - job.received_ms > UNTAKEN_MS_MAX) return { kind: "drop", job };
  if (job.stage === "fresh") return { kind: "prepare", job };
  if (job.stage === "written") return { kind: "deliver", job };
  const last = lastReason(job, now);
  if (last !== null) return { kind: "tell", job, reason: last, is_last: true };
  const reason = waitsFor(job, now);
  return job.told === reason ? null : { kind: "tell", job, reason, is_last: false };
}

/** Why it will have no other words than the template's; null where the model may still write some. */
function lastReason(job: Job, now: Circumstances): TemplateReason | null {
  if (job.historical) return "historical";
  if (!now.has_model) return "no_model";
  if (job.resolved_ms !== null && now.now_ms - job.resolved_ms > RESOLVED_MS_MAX) return "resolved";
  return now.circuit === "closed" && job.attempts >= ATTEMPTS_MAX ? "unavailable" : null;
}

/** Why it has no other words yet. */
function waitsFor(job: Job, now: Circumstances): TemplateReason {
  if (now.circuit !== "closed") return "unavailable";
  if (!maySpend(now)) return "budget";
  return job.attempts > 0 ? "unavailable" : "waiting";
}

function maySpend({ spent_until_ms, now_ms }: Circumstances): boolean {
  return spent_until_ms === null || spent_until_ms <= now_ms;
}

/** When it has a step, or another one than now (ms); not in the future where only the end of other steps can bring it one. */
function dueOf(job: Job, now: Circumstances): number {
  if (job.tell_ms > now.now_ms) return job.tell_ms;
  if (stepOf(job, now) !== null) return now.now_ms;
  const call_ms = Math.max(now.trial_ms ?? job.call_ms, now.spent_until_ms ?? 0);
  const late_ms = job.resolved_ms === null ? Infinity : job.resolved_ms + RESOLVED_MS_MAX + 1;
  return call_ms > now.now_ms ? Math.min(call_ms, late_ms) : late_ms;
}
