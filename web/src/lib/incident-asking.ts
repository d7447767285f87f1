/** When history is asked for a service's incidents: its socket brings each as it is, so that only what it may have missed is to be read. */

/** What nobody was told of, as after a loss that the socket did not notice, is found within this time. */
const ASK_EVERY_MS = 30_000;

export class IncidentAsking {
  #asked_ms = -Infinity;
  #isChanged = false;

  /** The socket began, or told that something happened: history may know more of it than was heard. */
  changed(): void {
    this.#isChanged = true;
  }

  /** Whether it is time to ask, at `now_ms`; whoever is told so asks. */
  takeDue(now_ms: number): boolean {
    if (!this.#isChanged && now_ms - this.#asked_ms < ASK_EVERY_MS) return false;
    this.#isChanged = false;
    this.#asked_ms = now_ms;
    return true;
  }
}
