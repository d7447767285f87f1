/** One subscription over the rules of delivery alone: incidents that the test changes, a clock that it moves, a ledger that it reads. */
import { decide } from "../domain/delivery-rules.ts";
import { seqOf } from "../domain/delivery-rules-id.ts";
import {
  EMPTY_MEMORY,
  type GroupState,
  type IncidentState,
  type LineDraft,
  type MessageDraft,
  type RulesContext,
  type RulesDecision,
  type RulesInput,
  type RulesMemory,
  type RulesStore,
  type ToldChange,
} from "../domain/delivery-rules-state.ts";
import type { DeliveredChange } from "../domain/delivery.ts";
import type { ServiceEvent } from "../domain/fleet.ts";
import type { Incident } from "../domain/incident.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { Silence } from "../domain/silencing.ts";
import { type SubscriptionWish, WISH_DEFAULTS } from "../domain/subscription.ts";
import { incidentRow, narrativeRow } from "./history-rows.ts";

export const START_MS = Date.parse("2026-11-24T10:00:00Z");

/** A message with when it was made, and which of its incidents were open then. */
export type SentMessage = MessageDraft & { readonly at_ms: number; readonly open: readonly string[] };

export function silence(changes: Partial<Silence> = {}): Silence {
  return {
    id: "sil_1",
    revision: 1,
    services: ["*"],
    endpoint: null,
    severities: null,
    incident_id: null,
    starts_at: new Date(START_MS - 3_600_000).toISOString(),
    ends_at: new Date(START_MS + 3_600_000).toISOString(),
    weekly: null,
    comment: "",
    created_at: new Date(START_MS).toISOString(),
    created_by: "admin",
    ...changes,
  };
}

export class DeliveryWorld implements RulesStore {
  now_ms = START_MS;
  wish: SubscriptionWish;
  silences: readonly Silence[] = [];
  #disabled: string | null = null;
  tells_acknowledged = false;
  /** As the services have them. */
  readonly truth = new Map<string, Incident>();
  readonly events: ServiceEvent[] = [];
  readonly lines = new Map<string, LineDraft>();
  readonly messages: SentMessage[] = [];
  /** Those of the messages that were taken back. */
  readonly unsent = new Set<string>();
  readonly incidents = new Map<string, IncidentState>();
  readonly groups = new Map<string, GroupState>();
  #memory = EMPTY_MEMORY;
  readonly #seqs = new Map<string, number>();

  constructor(wish: Partial<SubscriptionWish> = {}) {
    this.wish = { ...WISH_DEFAULTS, name: "on call", ...wish };
  }

  get disabled(): string | null {
    return this.#disabled;
  }

  /** Null: it can be delivered again. */
  set disabled(why: string | null) {
    this.#disabled = why;
    if (why !== null) return;
    this.#ask({ kind: "enabled" });
    this.#proceed(this.now_ms);
  }

  memory(): RulesMemory {
    return this.#memory;
  }

  incident(incident_id: string): IncidentState | null {
    return this.incidents.get(incident_id) ?? null;
  }

  group(key: string): GroupState | null {
    return this.groups.get(key) ?? null;
  }

  members(key: string): readonly IncidentState[] {
    return [...this.incidents.values()].filter((incident) => incident.group_key === key);
  }

  keptBack(): readonly IncidentState[] {
    return [...this.incidents.values()].filter(({ kept_back, due_ms }) => kept_back !== null && due_ms === null);
  }

  silenced(): readonly IncidentState[] {
    return [...this.incidents.values()].filter(({ kept_back, due_ms }) => kept_back !== null && due_ms !== null);
  }

  /** The silences are looked at for what they hold back. */
  look(): void {
    this.#ask({ kind: "silences" });
    this.#proceed(this.now_ms);
  }

  /** Opens an incident of a service, whose name is its id too if nothing else is said. */
  open(service: string, changes: Partial<Incident> = {}): string {
    const at = new Date(this.now_ms).toISOString();
    const incident = incidentRow({ id: service, service, severity: "high", opened_at: at, updated_at: at, ...changes });
    this.#happens("opened", incident);
    return incident.id;
  }

  change(id: string, changes: Partial<Incident>): void {
    this.#happens("updated", { ...this.truth.get(id)!, ...changes, updated_at: new Date(this.now_ms).toISOString() });
  }

  resolve(id: string): void {
    const at = new Date(this.now_ms).toISOString();
    const before = this.truth.get(id)!;
    this.#happens("resolved", {
      ...before,
      status: "resolved",
      resolved_at: at,
      updated_at: at,
      resolution: "recovered",
    });
  }

  reopen(id: string, changes: Partial<Incident> = {}): void {
    const { reopened_count } = this.truth.get(id)!;
    const again = { status: "open", resolved_at: null, resolution: null, reopened_count: reopened_count + 1 } as const;
    this.change(id, { ...again, ...changes });
  }

  acknowledge(id: string): void {
    this.change(id, { acknowledged_at: new Date(this.now_ms).toISOString(), acknowledged_by: "ada" });
  }

  /** Words of the model, if nothing else is said. */
  narrate(id: string, changes: Partial<Narrative> = {}): void {
    const { service, severity } = this.truth.get(id)!;
    const by_model = { source: "llm", reason: null, llm_model: "m", latency_ms: 900 };
    const narrative = narrativeRow({ incident_id: id, service, ...by_model, ...changes } as Partial<Narrative>);
    this.#hear({ service, seq: this.#nextSeq(service), severity, narrative });
  }

  /** Messages that were made are taken back before they are sent. */
  unsend(...message_ids: string[]): void {
    const messages = message_ids.map((message_id) => ({ message_id, changes: this.#changesOf(message_id) }));
    const why = { status: "withheld", reason: "disabled", detail: "not sent" } as const;
    for (const line of this.lines.values()) {
      const isOwn = line.status === "waiting" && message_ids.includes(line.message_id ?? "");
      if (isOwn) this.lines.set(line.id, { ...line, ...why });
    }
    for (const id of message_ids) this.unsent.add(id);
    this.#ask({ kind: "unsent", messages });
  }

  /** One of them is handed over by hand. */
  handOver(message_id: string): void {
    this.#ask({ kind: "sent", changes: this.#changesOf(message_id) });
  }

  #changesOf(message_id: string): ToldChange[] {
    const own = [...this.lines.values()].filter((line) => line.message_id === message_id && line.reason !== "grouped");
    return own.flatMap(({ id, incident_id, change, event_at }) =>
      change === "repeated" ? [] : [{ incident_id, seq: seqOf(id), change, event_at }],
    );
  }

  /** Delivers an event again. */
  repeat(event: ServiceEvent): void {
    this.#ask({ kind: "event", event });
    this.#proceed(this.now_ms);
  }

  /** Moves the clock, and asks about whatever is due when it is due. */
  advance(ms: number): void {
    const until_ms = this.now_ms + ms;
    this.#proceed(until_ms);
    this.now_ms = until_ms;
  }

  /** Another clock, which may be behind. */
  stepClock(ms: number): void {
    this.now_ms += ms;
    this.#proceed(this.now_ms);
  }

  /** Of an incident, in order: each change and what became of it. What is queued is taken at once here. */
  ledger(id: string): string[] {
    return this.linesOf(id).map(({ change, status, reason, message_id }) => {
      if (status === "withheld") return `${change}: ${reason}`;
      return `${change}: ${this.messages.some((message) => message.id === message_id) ? "told" : "waiting"}`;
    });
  }

  linesOf(id: string): LineDraft[] {
    return [...this.lines.values()].filter(({ incident_id }) => incident_id === id);
  }

  /** Messages since the start: kind, seconds after it, and what they say of which incident. */
  told(): string[] {
    return this.messages.map(({ kind, at_ms, items, more }) => {
      const said = items.map(({ incident_id, change }) => (change === kind ? incident_id : `${incident_id} ${change}`));
      return `${(at_ms - START_MS) / 1000} s ${kind}: ${said.join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
    });
  }

  kinds(): DeliveredChange[] {
    return this.messages.map(({ kind }) => kind as DeliveredChange);
  }

  #happens(action: "opened" | "updated" | "resolved", changed: Incident): void {
    const incident = { ...changed, revision: (this.truth.get(changed.id)?.revision ?? 0) + 1 };
    this.truth.set(incident.id, incident);
    const { service } = incident;
    this.#hear({ service, seq: this.#nextSeq(service), action, incident });
  }

  #nextSeq(service: string): number {
    const seq = (this.#seqs.get(service) ?? 0) + 1;
    this.#seqs.set(service, seq);
    return seq;
  }

  #hear(event: ServiceEvent): void {
    this.events.push(event);
    this.repeat(event);
  }

  #proceed(until_ms: number): void {
    for (;;) {
      const next = this.#dueRows().sort((a, b) => a.due_ms - b.due_ms)[0];
      if (next === undefined || next.due_ms > until_ms) return;
      this.now_ms = Math.max(this.now_ms, next.due_ms);
      this.#ask(next.input);
      const still = this.#dueRows().find(({ input }) => JSON.stringify(input) === JSON.stringify(next.input));
      if (still !== undefined && still.due_ms <= this.now_ms && still.due_ms <= next.due_ms)
        throw new Error(`${JSON.stringify(next.input)} was asked about when it was due, and is due still`);
    }
  }

  #dueRows(): { input: RulesInput; due_ms: number }[] {
    const rows: { input: RulesInput; due_ms: number | null }[] = [
      { input: { kind: "memory_due" }, due_ms: this.#memory.due_ms },
      ...[...this.groups.values()].map(({ key, due_ms }) => ({ input: { kind: "group_due", key } as const, due_ms })),
      ...[...this.incidents.values()].map(({ incident_id, due_ms }) => ({
        input: { kind: "incident_due", incident_id } as const,
        due_ms,
      })),
    ];
    return rows.flatMap(({ input, due_ms }) => (due_ms === null ? [] : [{ input, due_ms }]));
  }

  #ask(input: RulesInput): void {
    const { wish, disabled, tells_acknowledged, silences, now_ms } = this;
    const context: RulesContext = { subscription_id: "sub_1", wish, disabled, tells_acknowledged, silences, now_ms };
    // Only what JSON can carry comes back from storage.
    this.#keep(JSON.parse(JSON.stringify(decide(this, input, context))) as RulesDecision);
  }

  #keep({ memory, incidents, groups, lines, messages }: RulesDecision): void {
    this.#memory = memory ?? this.#memory;
    for (const incident of incidents) this.incidents.set(incident.incident_id, incident);
    for (const group of groups) this.groups.set(group.key, group);
    for (const line of lines) this.lines.set(line.id, line);
    for (const message of messages) {
      const ids = message.items.map(({ incident_id }) => incident_id);
      const open = ids.filter((id) => this.incidents.get(id)!.status === "open");
      this.messages.push({ ...message, at_ms: this.now_ms, open });
    }
  }
}
