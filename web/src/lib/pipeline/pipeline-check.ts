/** One thing of the pipeline that is normal or not, and what it is judged from. */
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
