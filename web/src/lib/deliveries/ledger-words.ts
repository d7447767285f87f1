/** An incident's ledger in words: for each subscription what became of each change. */
import { formatSpan } from "../format/time.ts";
import type { DeliveredChange, Delivery, WithheldReason } from "../../../../domain/delivery.ts";

/** The lines of one subscription, oldest first. */
export interface SubscriptionLedger {
  readonly id: string;
  readonly name: string;
  readonly lines: readonly Delivery[];
}

const CHANGE_WORDS: Readonly<Record<DeliveredChange, string>> = {
  opened: "Opened",
  escalated: "Escalated",
  narrated: "New words",
  resolved: "Resolved",
  reopened: "Came back",
  acknowledged: "Acknowledged",
  flapping: "Comes and goes",
  repeated: "Still open",
};

const REASON_WORDS: Readonly<Record<WithheldReason, string>> = {
  severity: "not as bad as it wants to hear of",
  change: "it does not want to hear of this",
  silence: "a silence holds",
  acknowledged: "somebody has it in hand",
  grouped: "told within another message",
  flapping: "it was said that the incident comes and goes",
  historical: "caught up: told in one message with others",
  rate: "more messages than it may have in an hour: told in a digest",
  disabled: "the subscription, or its target, is switched off",
};

export function changeWords(change: DeliveredChange): string {
  return CHANGE_WORDS[change];
}

/** Each subscription by its name, its lines in the order in which it heard. */
export function ledgers(deliveries: readonly Delivery[]): SubscriptionLedger[] {
  const bySubscription = Map.groupBy(deliveries, ({ subscription_id }) => subscription_id);
  return [...bySubscription]
    .map(([id, lines]) => {
      const ordered = lines.toSorted((a, b) => a.heard_at.localeCompare(b.heard_at) || compareIds(a.id, b.id));
      // Its name may have changed meanwhile: the newest counts.
      return { id, name: ordered.at(-1)!.subscription_name, lines: ordered };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

/** `SUBSCRIPTION:INCIDENT:SEQ`: of two that were heard at once the number decides. */
function compareIds(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** A line, and how many there are of its kind: who wants no new words says so once, and not with every one. */
export interface LedgerRow {
  readonly line: Delivery;
  readonly times: number;
}

/** What was withheld alike, in all words, is one row in the place of the first; everything else has its own. */
export function rowsOf(lines: readonly Delivery[]): LedgerRow[] {
  const alike = Map.groupBy(lines, ({ id, status, change, reason, detail }) =>
    status === "withheld" ? JSON.stringify([change, reason, detail]) : id,
  );
  return [...alike.values()].map((same) => ({ line: same[0]!, times: same.length }));
}

/** The detail as it goes on after the name of the silence, where one held; all of it where none did. */
export function detailWords({ detail, silence_id }: Delivery): string {
  if (detail === null || silence_id === null) return detail ?? "";
  return detail.startsWith(`${silence_id} `) ? detail.slice(silence_id.length) : `: ${detail}`;
}

/** What became of it, in words that go on after the change: "delivered within 6 s". */
export function outcomeWords(line: Delivery, times = 1): string {
  const tries = line.attempts > 1 ? `, at attempt ${line.attempts}` : "";
  switch (line.status) {
    case "delivered":
      return `delivered${line.delivered_at === null ? "" : ` ${quick(line.heard_at, line.delivered_at)}`}${tries}`;
    case "waiting":
      return line.attempts === 0 ? "on its way" : `not taken yet, ${attempts(line.attempts)}; it is tried again`;
    case "failed":
      return `given up after ${attempts(line.attempts)}`;
    case "withheld":
      return `withheld${times === 1 ? "" : ` ${times} times`}: ${line.reason === null ? "no reason was kept" : REASON_WORDS[line.reason]}`;
  }
}

function attempts(count: number): string {
  return count === 1 ? "1 attempt" : `${count} attempts`;
}

/** From when the subscription heard of it to when the target had it, to a tenth of a second where it was quick. */
function quick(heard_at: string, delivered_at: string): string {
  const span_ms = Math.max(0, Date.parse(delivered_at) - Date.parse(heard_at));
  return span_ms < 10_000 ? `within ${(span_ms / 1000).toFixed(1)} s` : `within ${formatSpan(span_ms)}`;
}
