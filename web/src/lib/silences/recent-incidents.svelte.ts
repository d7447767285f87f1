/** The incidents of the last seven days, for who wonders what a silence would have kept quiet: read once, when a form is opened. */
import { getJson } from "../http.ts";
import type { RecentIncidents } from "./silence-reach.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { Page } from "../../../../domain/resource.ts";

const SPAN_MS = 7 * 86_400_000;
/** More than a person would ever get: what is older is only counted as more. */
const READ_MAX = 500;

class RecentIncidentsStore {
  /** Null before they were read, and where they could not be. */
  current: RecentIncidents | null = $state.raw(null);
  /** Why they could not be read. */
  trouble: string | null = $state(null);

  async read(now_ms: number): Promise<void> {
    const from = new Date(now_ms - SPAN_MS).toISOString();
    const answer = await getJson<Page<Incident>>(`/v1/incidents?from=${from}&limit=${READ_MAX}`);
    this.trouble = answer.ok ? null : answer.detail;
    if (answer.ok) this.current = { items: answer.value.items, more: answer.value.next !== null };
  }
}

export const recentIncidents = new RecentIncidentsStore();
