/** The narrative that a page shows: the newest, but what somebody is reading the evidence of stays until they are done. */
import { SvelteMap } from "svelte/reactivity";
import type { Narrative } from "../../../../domain/narrative.ts";

/** @param numbers of the facts, as the chips have them */
export type OnAsked = (is: boolean, numbers: readonly number[]) => void;

export class Reading {
  readonly #newest: () => Narrative | null;
  /** Facts that are being read: a pointer and the focus may each show some. */
  #count = $state(0);
  /** By number, how many places show that fact. */
  readonly #numbers = new SvelteMap<number, number>();
  #held: Narrative | null = $state.raw(null);

  constructor(newest: () => Narrative | null) {
    this.#newest = newest;
  }

  get shown(): Narrative | null {
    return this.#count > 0 && this.#held !== null ? this.#held : this.#newest();
  }

  /** Whether somebody reads the fact with this number. */
  isRead(number: number): boolean {
    return (this.#numbers.get(number) ?? 0) > 0;
  }

  /** Somebody begins to read facts, or has done so. */
  asked(is: boolean, numbers: readonly number[]): void {
    for (const number of numbers)
      this.#numbers.set(number, Math.max(0, (this.#numbers.get(number) ?? 0) + (is ? 1 : -1)));
    if (is && this.#count === 0) this.#held = this.#newest();
    this.#count = Math.max(0, this.#count + (is ? 1 : -1));
  }
}
