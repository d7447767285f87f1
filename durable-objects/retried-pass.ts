/**
 * A pass over what waits to be handed on: one at a time, and again later where it failed. What waits is the caller's, in storage; this is
 * memory alone, so that after an eviction the next pass is due at once.
 */
import { backoffMs } from "./backoff.ts";

const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
/** A pass that an eviction ended unseen, or that hangs, is taken for lost after this. */
const FLIGHT_MS = 60_000;

export class RetriedPass {
  readonly #now: () => number;
  #started_ms: number | null = null;
  #failures = 0;
  /** No pass before, after a failure. */
  #blocked_until_ms = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** When the next may begin. Never before one under way is over. */
  due(): number {
    return this.#started_ms === null ? this.#blocked_until_ms : this.#started_ms + FLIGHT_MS;
  }

  /** What is new need not wait for what failed before. */
  hasten(): void {
    this.#blocked_until_ms = 0;
  }

  /**
   * Runs a pass, which says whether all that waited was taken. `failed` hears why one rejected, and in how many ms the next may begin.
   * Never rejects.
   */
  async run(pass: () => Promise<boolean>, failed: (error: unknown, backoff_ms: number) => void): Promise<void> {
    const started_ms = this.#now();
    this.#started_ms = started_ms;
    try {
      if (await pass()) this.#succeeded();
      else this.#failed();
    } catch (error) {
      failed(error, this.#failed());
    } finally {
      if (this.#started_ms === started_ms) this.#started_ms = null;
    }
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#blocked_until_ms = 0;
  }

  #failed(): number {
    this.#failures += 1;
    const backoff_ms = backoffMs(this.#failures, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
    this.#blocked_until_ms = this.#now() + backoff_ms;
    return backoff_ms;
  }
}
