/** What became of an incident's changes for those who want to hear of them: from history, which hears of it some seconds later. */
import { clock } from "../clock.svelte.ts";
import { type Answer, getJson } from "../http.ts";
import type { Delivery } from "../../../../domain/delivery.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { Page } from "../../../../domain/resource.ts";

/** While it is open, or something waits, another line is to come. */
const READ_EVERY_MS = 5_000;
/** What is over and done is read less often: a target that was down may still take what waits. */
const READ_LATER_MS = 60_000;
const SETTLED_AFTER_MS = 60_000;
const PAGE_MAX = 1_000;
/** A ledger that is longer is read up to here: 1,000 subscriptions have a few lines each. */
const PAGES_MAX = 10;

export class Ledger {
  items: readonly Delivery[] = $state.raw([]);
  /** It was read once. */
  known = $state(false);
  /** Why it could not be read; null where it could. */
  trouble: string | null = $state(null);

  #read_ms = -Infinity;
  #revision = -1;
  #reading = false;

  /** Reads where that is due. */
  async readIfDue(incident: Incident): Promise<void> {
    const isNew = incident.revision !== this.#revision;
    const every_ms = this.#isSettled(incident) ? READ_LATER_MS : READ_EVERY_MS;
    if (this.#reading || (!isNew && clock.now - this.#read_ms < every_ms)) return;
    this.#reading = true;
    this.#read_ms = clock.now;
    this.#revision = incident.revision;
    this.trouble = await this.#read(incident.id);
    this.#reading = false;
  }

  #isSettled({ resolved_at }: Incident): boolean {
    const over = resolved_at !== null && clock.now - Date.parse(resolved_at) > SETTLED_AFTER_MS;
    return over && this.items.every(({ status }) => status !== "waiting");
  }

  async #read(id: string): Promise<string | null> {
    const path = `/v1/incidents/${encodeURIComponent(id)}/deliveries`;
    const items: Delivery[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const from: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const answer: Answer<Page<Delivery>> = await getJson(`${path}?limit=${PAGE_MAX}${from}`);
      // An incident that is seen live may not be in history yet: then it is read again.
      if (!answer.ok) return answer.status === 404 ? null : answer.detail;
      items.push(...answer.value.items);
      cursor = answer.value.next;
      if (cursor === null) break;
    }
    this.items = items;
    this.known = true;
    return null;
  }
}
