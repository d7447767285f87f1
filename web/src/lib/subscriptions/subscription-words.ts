/** How a subscription is doing, and what came of a message, in words. */
import { formatSince } from "../format/time.ts";
import type { Change, DeliveryAttempt, MessageLogItem } from "../../../../domain/delivery.ts";
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
  /** Something is wrong with its target now. */
  readonly wrong: boolean;
}

/** `health` null: its object does not answer. */
export function healthWords(item: Pick<SubscriptionItem, "enabled" | "health">, now_ms: number): HealthWords {
  if (!item.enabled) return { text: "Switched off", wrong: false };
  const { health } = item;
  if (health === null) return { text: "Not known: its object does not answer", wrong: true };
  const since = health.since === null ? "" : ` since ${formatSince(Date.parse(health.since), now_ms)}`;
  const why = health.reason === null ? "" : `: ${health.reason}`;
  switch (health.state) {
    case "healthy":
      return { text: deliveredWords(health, now_ms), wrong: false };
    case "failing":
      return { text: `The newest attempt failed${why}`, wrong: true };
    case "unhealthy":
      return { text: `Unhealthy${since}${why}`, wrong: true };
    case "disabled":
      return { text: `Disabled by its target${since}${why}`, wrong: true };
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

/** "when an incident of checkout-* opens or is over, high and worse" */
export function wishWords({ services, min_severity, changes }: SubscriptionItem): string {
  const what = joined(changes.map((change) => CHANGE_LABELS[change]));
  const whose = services.includes("*") ? "any service" : joined([...services]);
  const how = min_severity === "critical" ? "critical only" : `${min_severity} and worse`;
  return `When an incident of ${whose} ${what}, ${how}`;
}

function joined(words: readonly string[]): string {
  const [last = ""] = words.slice(-1);
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}
