/** What a silence would keep quiet, told by what is open and by what the last week brought, before anybody relies on it. */
import { bodyOf, type SilenceDraft } from "./silence-draft.ts";
import type { Incident } from "../../../../domain/incident.ts";
import { activeUntil, isAbout } from "../../../../domain/silence-match.ts";
import { silenceSchema, wholeSilence } from "../../../../domain/silence-schema.ts";
import type { Silence } from "../../../../domain/silencing.ts";
import { parseBySchema } from "../../../../domain/subscription-schema.ts";

/** Incidents of the last seven days. */
export interface RecentIncidents {
  readonly items: readonly Incident[];
  /** There were more than were read: `items` are the newest. */
  readonly more: boolean;
}

export interface SilenceReach {
  /** Open incidents that it is about, and how many are open. */
  readonly open: readonly Incident[];
  readonly open_total: number;
  /** How many of the last week's it is about, in its hours where it has some; null while that is not known. */
  readonly recent: number | null;
  /** Names, no patterns, that no service goes by; empty while services are not known. */
  readonly unknown: readonly string[];
}

/** Null while nobody can tell whose incidents it is for. @param services names of all; null: not known */
export function reachOf(
  draft: SilenceDraft,
  { open, recent, services }: ReachFacts,
  now_ms: number,
): SilenceReach | null {
  // How long it lasts is of no matter here, and may be wrong still.
  const body = {
    ...bodyOf({ ...draft, span: draft.span === "weekly" ? "weekly" : "1h" }, now_ms),
    starts_at: undefined,
  };
  const parsed = parseBySchema(silenceSchema, JSON.parse(JSON.stringify(body)));
  if (!parsed.ok) return null;
  const wish = wholeSilence(parsed.document, now_ms);
  const isMatch = (incident: Incident): boolean => isAbout(wish, { ...incident, incident_id: incident.id });
  const inHours = (incident: Incident): boolean =>
    activeUntil({ ...ALWAYS, weekly: wish.weekly }, Date.parse(incident.opened_at)) !== null;
  const names = wish.services.filter((name) => !name.includes("*"));
  return {
    open: open.filter(isMatch),
    open_total: open.length,
    recent: recent === null ? null : recent.items.filter((one) => isMatch(one) && inHours(one)).length,
    unknown: services === null ? [] : names.filter((name) => !services.includes(name)),
  };
}

export interface ReachFacts {
  readonly open: readonly Incident[];
  readonly recent: RecentIncidents | null;
  readonly services: readonly string[] | null;
}

const ALWAYS = { starts_at: "1970-01-01T00:00:00Z", ends_at: "9999-12-31T00:00:00Z" } as const;

/** Open incidents that one that is there keeps quiet now. */
export function heldBy(silence: Silence, open: readonly Incident[], now_ms: number): readonly Incident[] {
  if (activeUntil(silence, now_ms) === null) return [];
  return open.filter((incident) => isAbout(silence, { ...incident, incident_id: incident.id }));
}

/** "Open now: it matches 1 of 2. Last 7 days: 14 of 31." */
export function reachWords(reach: SilenceReach, recent: RecentIncidents | null): string {
  const open = reach.open_total === 0 ? "none" : `it matches ${reach.open.length} of ${reach.open_total}`;
  if (recent === null || reach.recent === null) return `Open now: ${open}.`;
  const those = recent.more ? `the newest ${recent.items.length}` : String(recent.items.length);
  return `Open now: ${open}. Last 7 days: ${recent.items.length === 0 ? "none" : `${reach.recent} of ${those}`}.`;
}

/** "No service that is known is called chekout."; null where each is known. */
export function unknownWords(unknown: readonly string[]): string | null {
  if (unknown.length === 0) return null;
  const [last = ""] = unknown.slice(-1);
  const names = unknown.length === 1 ? last : `${unknown.slice(0, -1).join(", ")} or ${last}`;
  return `No service that is known is called ${names}.`;
}
