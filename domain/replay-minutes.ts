/** The newest closed minutes of a service in a replay, so that late events find their window. Older ones are let go. */
import type { Minute } from "./minute.ts";
import type { StoredMinutes } from "./monitor-draft.ts";

/**
 * Minutes kept behind the open one. The object keeps a day of them in its storage; a replay has only memory, where a busy
 * minute takes some 60 KB, so that 2,000 busy services fit one process with five.
 */
export const HELD_MINUTES = 5;

export class ReplayMinutes implements StoredMinutes {
  readonly #minutes = new Map<number, Minute>();

  read(minute: number): Minute | undefined {
    return this.#minutes.get(minute);
  }

  next(minute: number): number | undefined {
    let next: number | undefined;
    for (const number of this.#minutes.keys())
      if (number > minute && (next === undefined || number < next)) next = number;
    return next;
  }

  range(from: number, to: number): Minute[] {
    const held = [...this.#minutes.values()].filter(({ minute }) => minute >= from && minute < to);
    return held.sort((a, b) => a.minute - b.minute);
  }

  save(minutes: readonly Minute[]): void {
    for (const minute of minutes) this.#minutes.set(minute.minute, minute);
  }

  /** Lets go of the minutes up to `minute`. */
  forget(minute: number): void {
    for (const number of this.#minutes.keys()) if (number <= minute) this.#minutes.delete(number);
  }
}
