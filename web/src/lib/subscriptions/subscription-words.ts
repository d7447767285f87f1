/** How a subscription is doing, and what came of a message, in words. */
import { formatSince } from "../format/time.ts";
import type { Change, DeliveryAttempt, MessageLogItem } from "../../../../domain/delivery.ts";
import type { Severity } from "../../../../domain/incident.ts";
import type { SendOutcome } from "../../../../domain/subscriber.ts";
import type { SubscriptionHealth, SubscriptionItem } from "../../../../domain/subscription.ts";

export const CHANGE_LABELS: Readonly<Record<Change, string>> = {
  opened: "opens",
  escalated: "gets worse",
  narrated: "has new words",
  resolved: "is over",
};

export interface HealthWords {
  readonly text: string;
  /** How bad it is that its target does not take what it should; null: nothing is wrong. */
  readonly severity: Severity | null;
}

export const SEVERITY_LABELS: Readonly<Record<Severity, string>> = {
  medium: "medium and worse",
  high: "high and worse",
  critical: "critical only",
};

/** `health` null: its object does not answer. */
export function healthWords(item: Pick<SubscriptionItem, "enabled" | "health">, now_ms: number): HealthWords {
  if (!item.enabled) return { text: "Switched off", severity: null };
  const { health } = item;
  if (health === null) return { text: "Not known: its object does not answer", severity: "medium" };
  const since = health.since === null ? "" : ` since ${formatSince(Date.parse(health.since), now_ms)}`;
  const why = health.reason === null ? "" : `: ${health.reason}`;
  switch (health.state) {
    case "healthy":
      return { text: deliveredWords(health, now_ms), severity: null };
    case "failing":
      return { text: `The newest attempt failed${why}`, severity: "medium" };
    case "unhealthy":
      return { text: `Unhealthy${since}${why}`, severity: "high" };
    case "disabled":
      return { text: `Disabled by its target${since}${why}`, severity: "high" };
  }
}

function deliveredWords({ delivered_at }: SubscriptionHealth, now_ms: number): string {
  return delivered_at === null ? "Nothing delivered yet" : `Delivered ${formatSince(Date.parse(delivered_at), now_ms)}`;
}

/** "200 within 43 ms"; or what was wrong, and after how long. */
export function outcomeWords({ delivered, http_status, latency_ms, error }: SendOutcome): string {
  const took = `${Math.round(latency_ms)} ms`;
  if (delivered) return `Taken, with ${http_status ?? "no"} status, within ${took}.`;
  return `Not taken, after ${took}: ${error ?? `status ${http_status ?? "none"}`}`;
}

export function attemptWords({ http_status, latency_ms, error }: DeliveryAttempt): string {
  const status = http_status === null ? "no answer" : `status ${http_status}`;
  const took = `${Math.round(latency_ms)} ms`;
  return error === null ? `${status}, ${took}` : `${status}, ${took}: ${error}`;
}

const STATUS_WORDS: Readonly<Record<MessageLogItem["status"], string>> = {
  waiting: "waiting",
  delivered: "delivered",
  failed: "given up",
  withheld: "withheld",
};

export function statusWords({ status, next_attempt_at }: MessageLogItem, now_ms: number): string {
  if (status !== "waiting" || next_attempt_at === null) return STATUS_WORDS[status];
  return `next attempt ${formatSince(Date.parse(next_attempt_at), now_ms)}`;
}

/** Whose incidents: "any service", "checkout or pay-*", "a, b, c or 9 more". */
export function servicesWords({ services }: Pick<SubscriptionItem, "services">): string {
  if (services.includes("*")) return "any service";
  const more = services.length - SERVICES_SHOWN;
  return more > 1 ? joined([...services.slice(0, SERVICES_SHOWN), `${more} more`]) : joined(services);
}

/** Of more a line would be nothing else; all stand in its form. */
const SERVICES_SHOWN = 3;

/** "opens, gets worse or is over" */
export function changesWords({ changes }: Pick<SubscriptionItem, "changes">): string {
  return joined(changes.map((change) => CHANGE_LABELS[change]));
}

/** Whether anything is sent at all: it is switched on, and its target has not said that it is gone. */
function isTold({ enabled, health }: SubscriptionItem): boolean {
  return enabled && health?.state !== "disabled";
}

/** The page's first sentence, and what of it is wrong: "6 subscriptions, " and "2 not delivering". */
export function subscriptionsSentence(
  items: readonly SubscriptionItem[],
  now_ms: number,
): { readonly text: string; readonly wrong: string; readonly severity: Severity | null } {
  if (items.length === 0) return { text: "Nobody is told of incidents yet.", wrong: "", severity: null };
  const found = items.map((item) => healthWords(item, now_ms).severity).filter((severity) => severity !== null);
  const severity = found.includes("high") ? "high" : (found[0] ?? null);
  if (!items.some(isTold)) return { text: "Nobody is told of incidents now.", wrong: "", severity };
  const count = `${items.length} ${items.length === 1 ? "subscription" : "subscriptions"}`;
  if (found.length === 0) return { text: `${count}.`, wrong: "", severity };
  return { text: `${count}, `, wrong: `${found.length} not delivering`, severity };
}

/** What does not deliver first, then by name. */
export function sortedSubscriptions(items: readonly SubscriptionItem[], now_ms: number): readonly SubscriptionItem[] {
  const isWrong = (item: SubscriptionItem): number => (healthWords(item, now_ms).severity === null ? 1 : 0);
  return items.toSorted((a, b) => isWrong(a) - isWrong(b) || a.name.localeCompare(b.name));
}

/** Whether a search finds it: by its name, its services or where it goes; whatever case. @param where in words */
export function isFound(item: SubscriptionItem, where: string, search: string): boolean {
  const text = [item.name, where, ...item.services].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function joined(words: readonly string[]): string {
  const [last = ""] = words.slice(-1);
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}
