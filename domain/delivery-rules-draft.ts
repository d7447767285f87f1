/** What a decision changes while it is made: reads see what was written before, and what follows from a row is kept with it. */
import { lineId } from "./delivery-rules-id.ts";
import type {
  ChangeRef,
  GroupState,
  IncidentState,
  LineDraft,
  MessageDraft,
  RulesContext,
  RulesDecision,
  RulesMemory,
  RulesStore,
  Why,
} from "./delivery-rules-state.ts";

const MINUTE_MS = 60_000;

/** Why something is withheld, and the message that tells it instead. */
export interface Withholding extends Why {
  readonly message_id?: string | null;
}

export class RulesDraft {
  readonly context: RulesContext;
  private readonly store: RulesStore;
  private kept_memory: RulesMemory | null = null;
  private readonly incidents = new Map<string, IncidentState>();
  private readonly groups = new Map<string, GroupState>();
  private readonly lines = new Map<string, LineDraft>();
  private readonly messages: MessageDraft[] = [];

  constructor(store: RulesStore, context: RulesContext) {
    this.store = store;
    this.context = context;
  }

  get memory(): RulesMemory {
    return this.kept_memory ?? this.store.memory();
  }

  incident(incident_id: string): IncidentState | null {
    return this.incidents.get(incident_id) ?? this.store.incident(incident_id);
  }

  group(key: string): GroupState | null {
    return this.groups.get(key) ?? this.store.group(key);
  }

  members(key: string): readonly IncidentState[] {
    const unchanged = this.store.members(key).filter(({ incident_id }) => !this.incidents.has(incident_id));
    return [...unchanged, ...[...this.incidents.values()].filter(({ group_key }) => group_key === key)];
  }

  /** Its group counts it from now on as it is now; a group has to be there before its incidents. */
  putIncident(incident: IncidentState): void {
    const before = this.incident(incident.incident_id);
    this.incidents.set(incident.incident_id, incident);
    const [from, to] = [before === null ? null : countedIn(before), countedIn(incident)];
    if (from === to) return;
    this.count(from, -1);
    this.count(to, 1);
  }

  putGroup(group: GroupState): void {
    const over_ms = group.open === 0 ? (group.over_ms ?? this.context.now_ms) : null;
    this.groups.set(group.key, { ...group, over_ms, due_ms: dueOf(group, this.context) });
  }

  /** When it is due anew, if the wish changed since its row was written. */
  refreshGroup(key: string | null): void {
    const group = key === null ? null : this.group(key);
    if (group !== null && dueOf(group, this.context) !== group.due_ms) this.putGroup(group);
  }

  keptBack(): readonly IncidentState[] {
    return this.store.keptBack();
  }

  silenced(): readonly IncidentState[] {
    return this.store.silenced();
  }

  /** While nothing can be delivered, nothing of it is due. */
  putMemory(memory: RulesMemory): void {
    const earliest_ms = earliest(memory.digest?.due_ms ?? null, memory.caught_up?.due_ms ?? null);
    const due_ms = this.context.disabled === null ? earliest_ms : null;
    this.kept_memory = { ...memory, due_ms };
  }

  /** `nth`: of a repetition. */
  withhold(incident: IncidentState, ref: ChangeRef, why: Withholding, nth: number | null = null): void {
    const { reason, detail, silence_id = null, message_id = null } = why;
    this.line(incident, ref, nth, { status: "withheld", reason, detail, silence_id, message_id });
  }

  await(incident: IncidentState, ref: ChangeRef, message_id: string, nth: number | null = null): void {
    this.line(incident, ref, nth, { status: "waiting", reason: null, detail: null, silence_id: null, message_id });
  }

  send(message: MessageDraft): void {
    this.messages.push(message);
  }

  decision(): RulesDecision {
    return {
      memory: this.kept_memory,
      incidents: [...this.incidents.values()],
      groups: [...this.groups.values()],
      lines: [...this.lines.values()],
      messages: this.messages,
    };
  }

  private line(
    { incident_id, service }: IncidentState,
    { seq, change, event_at }: ChangeRef,
    nth: number | null,
    fate: Pick<LineDraft, "status" | "reason" | "detail" | "silence_id" | "message_id">,
  ): void {
    const own = lineId(this.context.subscription_id, incident_id, seq);
    const id = nth === null ? own : `${own}:repeated:${nth}`;
    this.lines.set(id, { id, incident_id, service, change, ...fate, event_at });
  }

  private count(key: string | null, by: number): void {
    const group = key === null ? null : this.group(key);
    if (group !== null) this.putGroup({ ...group, open: group.open + by });
  }
}

/** The group that counts it among its open ones. */
function countedIn({ status, stand, group_key }: IncidentState): string | null {
  return status === "open" && (stand.kind === "told" || stand.kind === "waiting") ? group_key : null;
}

function dueOf(group: GroupState, context: RulesContext): number | null {
  return earliest(group.flush_ms, repeatDue(group, context));
}

function earliest(a_ms: number | null, b_ms: number | null): number | null {
  return a_ms === null || b_ms === null ? (a_ms ?? b_ms) : Math.min(a_ms, b_ms);
}

/** When it is to be said again that the group's incidents are open; null where that is not wished or nothing is. */
export function repeatDue(group: GroupState, { wish }: RulesContext): number | null {
  if (wish.repeat_min === null || group.open === 0 || group.told_ms === null) return null;
  return group.told_ms + wish.repeat_min * MINUTE_MS;
}
