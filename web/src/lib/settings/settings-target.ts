/** Whose settings are looked at: all services', or an entry of the document with its name or pattern. The address has it. */
import { isMatch } from "../../../../domain/name-pattern.ts";

/** `match` as in the document; null: what holds for every service. */
export interface SettingsTarget {
  readonly match: string | null;
}

type Query = Pick<URLSearchParams, "get" | "toString">;

/** What a document's entry may be for (settings-document.ts). */
const MATCH = /^[a-z0-9._*-]{1,100}$/;

/** All services' where the address names none, or nothing that an entry could be for. */
export function readTarget(query: Query): SettingsTarget {
  const match = query.get("for");
  return { match: match !== null && MATCH.test(match) ? match : null };
}

/** Null where the text can be neither a name nor a pattern. */
export function targetOf(text: string): SettingsTarget | null {
  const match = text.trim();
  return MATCH.test(match) ? { match } : null;
}

/** The address's query with this target in it. A service to try on goes: it may be none of the new target's. */
export function targetAddress(query: Query, { match }: SettingsTarget): string {
  const written = new URLSearchParams(query.toString());
  written.delete("try");
  if (match === null) written.delete("for");
  else written.set("for", match);
  return written.size === 0 ? "/settings" : `/settings?${written.toString()}`;
}

/** The address's query with a service to try on in it. */
export function tryAddress(query: Query, service: string): string {
  const written = new URLSearchParams(query.toString());
  written.set("try", service);
  return `/settings?${written.toString()}`;
}

export function isPattern({ match }: SettingsTarget): boolean {
  return match?.includes("*") === true;
}

/** "all services", "services like checkout-*", "checkout" */
export function targetWords(target: SettingsTarget): string {
  if (target.match === null) return "all services";
  return isPattern(target) ? `services like ${target.match}` : target.match;
}

/** The services that it is for, of those there are. */
export function servicesOf({ match }: SettingsTarget, services: readonly string[]): string[] {
  return services.filter((service) => match === null || isMatch(match, service)).toSorted();
}
