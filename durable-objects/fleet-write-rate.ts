/**
 * How often administrators may change who hears of incidents, and how often the links of messages act: a script gone wrong must not fill
 * the audit log, and a link that somebody has passed on must keep nobody else from acting.
 */
import type { ClickedLink } from "../domain/subscriber.ts";

const SPAN_MS = 60_000;
const WRITES_MAX = 60;
/** One click does it, a few more do no harm: twice is once. */
const CLICKS_MAX = 10;
/** Of all links of a subscription. */
const SUBSCRIPTION_CLICKS_MAX = 60;
/** Links and subscriptions that are counted at once; of more, those that were clicked longest ago are forgotten. */
const COUNTED_MAX = 5_000;

/** In memory alone: an eviction forgets a minute. */
export class WriteRates {
  /** By what is counted: when it was admitted in the last minute. What was asked for last comes last. */
  readonly #at_ms = new Map<string, readonly number[]>();

  /** Counts a write, or a click on a link: 0 where it may be made, else after how many seconds (1 to 60) one may. */
  admit(now_ms: number, link?: ClickedLink): number {
    if (link === undefined) return this.#admit("writes", WRITES_MAX, now_ms);
    const { subscription, incident_id, act } = link;
    const own_s = this.#admit(JSON.stringify([subscription, incident_id, act]), CLICKS_MAX, now_ms);
    return own_s > 0 ? own_s : this.#admit(JSON.stringify([subscription]), SUBSCRIPTION_CLICKS_MAX, now_ms);
  }

  #admit(what: string, count_max: number, now_ms: number): number {
    const before = (this.#at_ms.get(what) ?? []).filter((at) => at > now_ms - SPAN_MS && at <= now_ms);
    const [oldest] = before;
    const isFull = oldest !== undefined && before.length >= count_max;
    this.#at_ms.delete(what);
    this.#at_ms.set(what, isFull ? before : [...before, now_ms]);
    if (this.#at_ms.size > COUNTED_MAX) this.#at_ms.delete(this.#at_ms.keys().next().value!);
    return isFull ? Math.ceil((oldest + SPAN_MS - now_ms) / 1000) : 0;
  }
}
