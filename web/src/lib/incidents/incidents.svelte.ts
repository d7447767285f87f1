/** The incidents that the list shows: read from history page by page, and kept up to date by the fleet's events. */
import { SvelteMap } from "svelte/reactivity";
import { getJson, type Answer } from "../http.ts";
import { newerIncident } from "../severity.ts";
import { incidentsQuery, type IncidentFilter } from "./incident-filter.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { IncidentCause, IncidentItem, Page } from "../../../../domain/resource.ts";
import type { Span } from "../span.ts";

const PAGE_SIZE = 500;

/** No list that a person reads is longer, and a file that is says so. */
export const INCIDENTS_MAX = 10_000;

export class IncidentsView {
  readonly items = new SvelteMap<string, Incident>();
  /** What may have brought each, by its id; those without words are not in it. */
  readonly causes = new SvelteMap<string, IncidentCause>();
  /** History has answered at least once. */
  known = $state(false);
  /** Why it could not be read; null where it could. */
  trouble: string | null = $state(null);
  /** There are older ones that have not been read. */
  more = $state(false);
  /** A page is being read. */
  reading = $state(false);

  /** What the fleet has told: history may hear of it later. */
  readonly #heard = new Map<string, Incident>();
  readonly #causesHeard = new Map<string, IncidentCause>();
  #next: string | null = null;
  /** Counts what was asked for: an answer to an older question must not mix with a newer one. */
  #question = 0;
  #asked: URLSearchParams | null = null;

  /** Reads the newest page of what is wanted; what was read for another question is dropped once the answer is here. */
  async read(filter: Omit<IncidentFilter, "search">, span: Span): Promise<void> {
    this.#question += 1;
    const question = this.#question;
    this.#asked = incidentsQuery(filter, span, PAGE_SIZE);
    this.reading = true;
    const answer = await this.#ask(null);
    if (question !== this.#question) return;
    if (answer.ok) this.items.clear();
    this.#take(answer);
    for (const incident of this.#heard.values()) this.#put(incident);
  }

  /** Reads the next older page. */
  async readMore(): Promise<void> {
    const question = this.#question;
    this.reading = true;
    const answer = await this.#ask(this.#next);
    if (question === this.#question) this.#take(answer);
  }

  /** Reads all that is left, up to INCIDENTS_MAX: false where something could not be read. */
  async readAll(): Promise<boolean> {
    while (this.more && this.trouble === null && this.items.size < INCIDENTS_MAX) await this.readMore();
    return this.trouble === null;
  }

  /** An incident that the fleet has told of. */
  hear(incident: Incident): void {
    this.#heard.set(incident.id, incident);
    this.#put(incident);
  }

  /** What may have brought an incident, as the fleet has told since: history hears of it later. */
  hearCause(id: string, cause: IncidentCause): void {
    this.#causesHeard.set(id, cause);
    this.causes.set(id, cause);
  }

  #put(incident: Incident): void {
    this.items.set(incident.id, newerIncident(this.items.get(incident.id), incident));
  }

  #ask(cursor: string | null): Promise<Answer<Page<IncidentItem>>> {
    const query = new URLSearchParams(this.#asked ?? "");
    if (cursor !== null) query.set("cursor", cursor);
    return getJson<Page<IncidentItem>>(`/v1/incidents?${query.toString()}`);
  }

  #take(answer: Answer<Page<IncidentItem>>): void {
    this.reading = false;
    this.trouble = answer.ok ? null : answer.detail;
    if (!answer.ok) return;
    for (const { cause, ...incident } of answer.value.items) {
      this.#put(incident);
      const told = this.#causesHeard.get(incident.id) ?? cause;
      if (told !== null) this.causes.set(incident.id, told);
    }
    this.#next = answer.value.next;
    this.more = answer.value.next !== null;
    this.known = true;
  }
}
