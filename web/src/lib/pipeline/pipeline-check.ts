/** One thing of the pipeline that is normal or not, and what it is judged from. */
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { FigureName, NormalRange } from "../../../../domain/pipeline-normal.ts";
import type { PipelineReading } from "../../../../domain/pipeline-reading.ts";

/** `unknown`: nothing can be said now, which is not the same as well. */
export type CheckState = "normal" | "outside" | "unknown";

export interface PipelineCheck {
  readonly name: string;
  /** What it counts or measures. */
  readonly about: string;
  /** The figure of the minutes' readings that is drawn; null where it is none. */
  readonly figure: FigureName | null;
  /** The number now, as it ends the line; null where there is none. */
  readonly value: number | null;
  readonly text: string;
  readonly unit: string;
  /** "0 to 40", "at most 10": follows "normally". */
  readonly normal: string;
  /** Numbers that are normal, where there are such. */
  readonly range: NormalRange | null;
  readonly state: CheckState;
  /** Since when it is as it is, epoch ms; null where nobody knows. */
  readonly since_ms: number | null;
  /** What is wrong, as a sentence, and what to do; empty where nothing is. */
  readonly wrong: string;
  readonly advice: string;
}

/** The readings that the page has taken, the oldest first; the last is the newest. */
export type Readings = readonly PipelineItem[];

/** What checks are judged from. */
export interface PipelineHour {
  readonly readings: Readings;
  /** The readings of the minutes of the last hour that are kept, the oldest first: the same for whoever looks. */
  readonly minutes: readonly PipelineReading[];
  /** The minute that is not over, as it is now. */
  readonly live: PipelineReading;
}
