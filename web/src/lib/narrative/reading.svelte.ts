/** The narrative that a page shows: the newest, but what somebody is reading the evidence of stays until they are done. */
import type { Narrative } from "../../../../domain/narrative.ts";

export class Reading {
  readonly #newest: () => Narrative | null;
  /** Facts that are being read: a pointer and the focus may each show some. */
  #count = $state(0);
  #held: Narrative | null = $state.raw(null);

  constructor(newest: () => Narrative | null) {
    this.#newest = newest;
  }

  get shown(): Narrative | null {
    return this.#count > 0 && this.#held !== null ? this.#held : this.#newest();
  }

  /** Somebody begins to read facts, or has done so. */
  asked(is: boolean): void {
    if (is && this.#count === 0) this.#held = this.#newest();
    this.#count = Math.max(0, this.#count + (is ? 1 : -1));
  }
}
