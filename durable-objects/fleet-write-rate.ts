/** How often administrators may change who hears of incidents: a script gone wrong must not fill the audit log. */

const WRITES_MAX = 60;
const SPAN_MS = 60_000;

/** In memory alone: an eviction forgets a minute. */
export class WriteRate {
  #at_ms: readonly number[] = [];

  /** Counts a write: 0 where it may be made, else after how many seconds (1 to 60) one may. */
  admit(now_ms: number): number {
    this.#at_ms = this.#at_ms.filter((at) => at > now_ms - SPAN_MS && at <= now_ms);
    const [oldest] = this.#at_ms;
    if (oldest !== undefined && this.#at_ms.length >= WRITES_MAX) return Math.ceil((oldest + SPAN_MS - now_ms) / 1000);
    this.#at_ms = [...this.#at_ms, now_ms];
    return 0;
  }
}
