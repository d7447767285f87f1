/** How far a replay is: one line of a terminal that is written over. */
import { number } from "../plain-text.ts";

const WIDTH_MAX = 78;
const PAUSE_MS = 200;

export interface ProgressFigures {
  readonly read_bytes: number;
  readonly size_bytes: number | null;
  readonly events: number;
  readonly event_time_s: number;
  readonly wall_s: number;
}

/** Where standard error is no terminal, nothing is written. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #shown_s = -Infinity;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(figures: ProgressFigures): void {
    if (!this.#stream.isTTY || (figures.wall_s - this.#shown_s) * 1000 < PAUSE_MS) return;
    this.#shown_s = figures.wall_s;
    this.#isShown = true;
    this.#stream.write(`\r${progressText(figures).slice(0, WIDTH_MAX).padEnd(WIDTH_MAX)}`);
  }

  /** Gives the terminal's line back before anything else is written to it. */
  clear(): void {
    if (this.#isShown) this.#stream.write(`\r${" ".repeat(WIDTH_MAX)}\r`);
    this.#isShown = false;
  }
}

export function progressText({ read_bytes, size_bytes, events, event_time_s, wall_s }: ProgressFigures): string {
  const part = size_bytes === null || size_bytes === 0 ? "" : `${Math.floor((100 * read_bytes) / size_bytes)} %  `;
  const rate = wall_s === 0 ? 0 : Math.round(events / wall_s);
  const counts = `${number(events)} events, ${number(rate)}/s`;
  return `replay: ${part}${counts}, ${number(Math.floor(event_time_s / 60))} min of event time`;
}
