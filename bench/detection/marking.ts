/** A person who marks the first incidents of a service as false positives, two minutes after each was told. */
import type { Alarm, Contender } from "./contender.ts";

/** So many marks of one pattern must be enough. */
const MARKS_MAX = 3;
const REACTION_S = 120;

export class Marking {
  readonly #contender: Contender;
  readonly #until_s: number;
  #marks = 0;
  #waiting: { readonly id: string; readonly due_s: number }[] = [];

  /** Only incidents told before `until_s` are marked. */
  constructor(contender: Contender, until_s: number) {
    this.#contender = contender;
    this.#until_s = until_s;
  }

  /** Before each second. */
  step(second: number): void {
    const next = this.#waiting[0];
    if (next === undefined || next.due_s > second) return;
    this.#waiting.shift();
    this.#contender.markFalsePositive?.(next.id);
  }

  hear({ kind, id, at_s }: Alarm): void {
    if (kind !== "opened" || at_s >= this.#until_s || this.#marks === MARKS_MAX) return;
    this.#marks += 1;
    this.#waiting.push({ id, due_s: at_s + REACTION_S });
  }
}
