/** What history knows of the fleet over the chosen time: its figures, its incidents, and the last one before a calm. */
import { SvelteMap } from "svelte/reactivity";
import { getJson } from "../http.ts";
import { session } from "../session.svelte.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { Page } from "../../../../domain/resource.ts";
import type { FleetSummary } from "../../../../domain/summary.ts";
import type { Span } from "../span.ts";

/** A strip of more would show nothing any more. */
const INCIDENTS_MAX = 1000;

export class FleetHistory {
  summary: FleetSummary | null = $state.raw(null);
  readonly incidents = new SvelteMap<string, Incident>();
  /** The newest incident that is over; null where there was none, or it is not known yet. */
  last: Incident | null = $state.raw(null);
  /** Why it cannot be read, and since when (epoch ms); null where it can. */
  trouble: { readonly detail: string; readonly since_ms: number } | null = $state.raw(null);

  /** Counts what was asked for: an answer about another span must not stand under this one. */
  #question = 0;

  /** Reads a span (epoch seconds). What was read before stays on the page until the answer is here. */
  async read({ from, until }: Span, now_ms: number): Promise<void> {
    this.#question += 1;
    const question = this.#question;
    const span = `from=${rfc3339(from)}&to=${rfc3339(until)}`;
    const [summary, incidents, last] = await Promise.all([
      getJson<FleetSummary>(`/v1/summary?${span}`),
      getJson<Page<Incident>>(`/v1/incidents?${span}&limit=${INCIDENTS_MAX}`),
      getJson<Page<Incident>>("/v1/incidents?status=resolved&limit=1"),
    ]);
    if (question !== this.#question) return;
    const failed = [summary, incidents, last].find((answer) => !answer.ok);
    if (failed !== undefined && !failed.ok) {
      this.trouble = { detail: failed.detail, since_ms: this.trouble?.since_ms ?? now_ms };
      if (failed.status === 401) void session.check();
      return;
    }
    this.trouble = null;
    if (summary.ok) this.summary = summary.value;
    if (last.ok) this.last = last.value.items[0] ?? null;
    if (!incidents.ok) return;
    this.incidents.clear();
    for (const incident of incidents.value.items) this.incidents.set(incident.id, incident);
  }
}

function rfc3339(at: number): string {
  return `${new Date(Math.floor(at) * 1000).toISOString().slice(0, 19)}Z`;
}
