/**
 * What of the pipeline is normal and what is not, and since when: judged from one reading, and from those that the page has taken
 * before where only growth tells. Without a clock or a request.
 */
import { bridgeChecks } from "./bridge-checks.ts";
import { countChecks } from "./count-checks.ts";
import { outboxChecks } from "./outbox-checks.ts";
import { narratorChecks } from "./narrator-checks.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";

/** `unknown`: nothing can be said now, which is not the same as well. */
export type CheckState = "normal" | "outside" | "unknown";

export interface PipelineCheck {
  readonly name: string;
  /** What it counts or measures. */
  readonly about: string;
  /** The number now; null where there is none. It is drawn over time too. */
  readonly value: number | null;
  readonly text: string;
  readonly unit: string;
  /** "0", "at most 10": follows "normally". */
  readonly normal: string;
  /** Numbers that are normal, where there are such. */
  readonly range: { readonly low: number; readonly high: number } | null;
  readonly state: CheckState;
  /** Since when it is as it is, epoch ms; null where nobody knows. */
  readonly since_ms: number | null;
  /** What is wrong, as a sentence, and what to do; empty where nothing is. */
  readonly wrong: string;
  readonly advice: string;
}

/** The readings that the page has taken, the oldest first; the last is the newest. */
export type Readings = readonly PipelineItem[];

/** Those that tell of a loss or a standstill first. */
export function pipelineChecks(readings: Readings): PipelineCheck[] {
  return [...bridgeChecks(readings), ...outboxChecks(readings), ...countChecks(readings), ...narratorChecks(readings)];
}
