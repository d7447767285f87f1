/** Turns "above the rule now" of rules that know no incidents into alarms: one from the first such judgement to the last. */
import type { Alarm } from "./contender.ts";

export class AlarmState {
  readonly #prefix: string;
  /** By metric, while it is above its rule. */
  readonly #open = new Map<string, Alarm>();
  #opened_count = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** `window_s`: how far back the rule looked; its start is the best guess of the onset that it has. */
  judge(at_s: number, metric: string, isAbove: boolean, window_s: number): Alarm[] {
    const open = this.#open.get(metric);
    if (isAbove === (open !== undefined)) return [];
    if (open !== undefined) {
      this.#open.delete(metric);
      return [{ ...open, kind: "resolved", at_s }];
    }
    this.#opened_count += 1;
    const id = `${this.#prefix}-${this.#opened_count}`;
    const alarm: Alarm = {
      at_s,
      kind: "opened",
      id,
      onset_s: at_s - window_s,
      metric,
      endpoint: null,
      severity: "page",
    };
    this.#open.set(metric, alarm);
    return [alarm];
  }
}
