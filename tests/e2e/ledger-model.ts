/**
 * What one subscription has to hear of each change of an incident, and why not: a small model beside the rules of delivery, for
 * subscriptions with no wait and no reminders, that is told what holds when each change happens.
 */
import { type Change, type DeliveredChange, WITHHELD_REASONS, type WithheldReason } from "../../domain/delivery.ts";
import { type Incident, SEVERITIES, type Severity } from "../../domain/incident.ts";
import type { DurableEvent } from "../../domain/message.ts";

export interface ModelWish {
  readonly name: string;
  readonly services: readonly string[];
  readonly min_severity: Severity;
  readonly changes: readonly Change[];
  readonly max_per_hour: number;
}

/** What holds besides: services that a silence is about, and subscriptions that nothing can be delivered to, by name. */
export interface Circumstances {
  readonly silenced: ReadonlySet<string>;
  readonly disabled: ReadonlySet<string>;
}

export type Outcome = "delivered" | WithheldReason;

/** An incident as the subscription knows it. */
interface Known {
  incident: Incident | null;
  told: boolean;
  /** Why nobody was told that it is open; null where that was told. */
  why: WithheldReason | null;
  flapping_told: boolean;
  /** The newest event that a message tells. */
  told_seq: number;
  /** Line of what is told later, if it is open then. */
  kept: string | null;
}

export class LedgerModel {
  readonly wish: ModelWish;
  /** By `INCIDENT:SEQ`. */
  readonly lines = new Map<string, { readonly change: DeliveredChange; outcome: Outcome }>();
  readonly #known = new Map<string, Known>();
  #messages = 0;

  constructor(wish: ModelWish) {
    this.wish = wish;
  }

  hear(event: DurableEvent, now: Circumstances): void {
    const id = event.type === "incident" ? event.incident.id : event.narrative.incident_id;
    const fresh = { incident: null, told: false, why: null, flapping_told: false, told_seq: 0, kept: null };
    const known = this.#known.get(id) ?? fresh;
    this.#known.set(id, known);
    const before = known.incident;
    if (event.type === "incident") known.incident = event.incident;
    const change = changeOf(before, event);
    if (change === null) return;
    const outcome = this.#outcome(known, change, event, now);
    // To who does not know of it an incident that grew worse opens.
    const isWished = ["delivered", "rate"].includes(outcome) && !this.#isUnwished("opened");
    const isNews = change === "escalated" && !known.told && isWished;
    this.lines.set(`${id}:${event.seq}`, { change: isNews ? "opened" : change, outcome });
    if (change !== "narrated") this.#learn(known, change, `${id}:${event.seq}`, outcome);
    if (outcome === "delivered") known.told_seq = event.seq;
  }

  /** A silence is over, or the subscription can be delivered to again: what either kept back of these services and is open is told. */
  lookAgain(services: readonly string[], now: Circumstances): void {
    if (now.disabled.has(this.wish.name)) return;
    for (const known of this.#known.values()) {
      if (known.kept === null || known.incident?.status !== "open" || !services.includes(known.incident.service))
        continue;
      const { kept } = known;
      const outcome = now.silenced.has(known.incident.service) ? "silence" : "delivered";
      this.lines.set(kept, { ...this.lines.get(kept)!, outcome });
      this.#learn(known, "opened", kept, outcome);
    }
  }

  #outcome(known: Known, change: DeliveredChange, { seq }: DurableEvent, now: Circumstances): Outcome {
    const incident = known.incident!;
    const unwished = this.#isUnwished(known.told || change !== "escalated" ? change : "opened");
    if (change === "narrated" && known.told_seq === seq - 1) return unwished ? "change" : "grouped";
    const isOff = now.disabled.has(this.wish.name);
    if (change === "resolved") {
      if (known.why !== null) return known.why;
      return isOff ? "disabled" : unwished ? "change" : "delivered";
    }
    if (isOff) return "disabled";
    if (incident.historical) return "historical";
    if (now.silenced.has(incident.service)) return "silence";
    if (SEVERITIES.indexOf(incident.severity) < SEVERITIES.indexOf(this.wish.min_severity)) return "severity";
    if (unwished) return "change";
    if (change === "narrated" && known.why !== null) return known.why;
    if (known.told && known.flapping_told) return "flapping";
    const isSpared = change === "narrated" || (change === "escalated" && known.told);
    if (isSpared && incident.status === "open" && incident.acknowledged_at !== null) return "acknowledged";
    return this.#messages >= this.wish.max_per_hour ? "rate" : "delivered";
  }

  #isUnwished(change: DeliveredChange): boolean {
    const wanted = change === "reopened" ? "opened" : change;
    return wanted !== "flapping" && !this.wish.changes.includes(wanted as Change);
  }

  #learn(known: Known, change: DeliveredChange, line: string, outcome: Outcome): void {
    const isDelivered = outcome === "delivered";
    if (isDelivered && change !== "resolved") this.#messages += 1;
    if (change === "resolved") {
      if (known.told) known.why = null;
      known.told = false;
      known.kept = null;
    } else if (isDelivered) {
      known.told = true;
      known.why = null;
      known.kept = null;
      known.flapping_told ||= known.incident!.flapping;
    } else if (!known.told) {
      known.why = outcome;
      if (outcome === "silence" || outcome === "disabled") known.kept ??= line;
    }
  }
}

/** Of what a webhook tells: it has no word for an acknowledgement. */
function changeOf(before: Incident | null, event: DurableEvent): DeliveredChange | null {
  if (event.type === "narrative") return "narrated";
  const { incident } = event;
  if (before === null) return "opened";
  if (incident.status === "resolved") return before.status === "open" ? "resolved" : null;
  if (incident.flapping && !before.flapping) return "flapping";
  if (before.status === "resolved") return "reopened";
  return SEVERITIES.indexOf(incident.severity) > SEVERITIES.indexOf(before.severity) ? "escalated" : null;
}

export const OUTCOMES: readonly Outcome[] = ["delivered", ...WITHHELD_REASONS];
