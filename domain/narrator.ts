/** What is said between a service's object, the Narrator and those it asks. */
import type { Evidence, NeighbourIncident, PastIncident } from "./evidence.ts";
import type { AnomalyType, MetricName } from "./incident.ts";
import type { Narrative } from "./narrative.ts";

/** What the Narrator is asked to put into words: the newest state of an incident replaces older ones that still wait. */
export interface NarrationRequest {
  readonly service: string;
  readonly evidence: Evidence;
}

/** Where a service's outbox hands its evidence. Durable once it resolves. */
export interface NarratorPort {
  narrate(requests: readonly NarrationRequest[]): Promise<void>;
}

/** A narrative before its object has numbered it. */
export type NarrativeDraft = Narrative extends infer N ? (N extends Narrative ? Omit<N, "revision"> : never) : never;

/**
 * `taken`: stored and told, or the same words were already. `superseded`: the incident has moved on, a newer version is coming.
 * `unknown`: the object knows no such incident (any more).
 */
export type NarrativeVerdict = "taken" | "superseded" | "unknown";

/** A service's object as the Narrator sees it. */
export interface NarratedPort {
  takeNarrative(service: string, draft: NarrativeDraft): Promise<NarrativeVerdict>;
}

/** What is asked about the surroundings of an incident. */
export interface SurroundingsQuestion {
  readonly service: string;
  readonly incident_id: string;
  readonly anomaly_type: AnomalyType;
  readonly metric_name: MetricName;
  readonly endpoint: string | null;
  readonly onset_at: string;
}

/** The Fleet as the Narrator sees it: other services' incidents whose onset is within 15 min of this one's. */
export interface NeighboursPort {
  neighbours(question: SurroundingsQuestion): Promise<readonly NeighbourIncident[]>;
}

/** History as the Narrator sees it: earlier incidents of the service and metric within 30 days. */
export interface PastPort {
  alike(question: SurroundingsQuestion): Promise<readonly PastIncident[]>;
}

/** Tokens of a day (UTC) that all instances of the Narrator share. */
export interface BudgetPort {
  /** Sets `tokens` aside before a call: false where they are more than is left of the day. */
  reserve(day: string, tokens: number): Promise<boolean>;
  /** Gives back what a call did not need. */
  giveBack(day: string, tokens: number): Promise<void>;
}

/** What a call to the model brought. */
export interface ModelAnswer {
  /** Not checked yet. */
  readonly text: string;
  readonly tokens: number;
  readonly latency_ms: number;
}

/**
 * The language model. Rejects (ModelUnavailable) when no whole answer came in time and size. What the model itself did not bring to an
 * end, for lack of tokens, is an answer: the check refuses it, and the model is told to write less.
 */
export interface ModelPort {
  readonly name: string;
  /** `repair`: the answer before and what was wrong with it. */
  ask(evidence: Evidence, repair: Repair | null, signal: AbortSignal): Promise<ModelAnswer>;
}

export interface Repair {
  readonly answer: string;
  /** Each names the place and what would be right. */
  readonly violations: readonly string[];
}

/** Whether the model is called: `open` after failures in a row, then `half_open`: one call at a time tries whether it answers again. */
export type CircuitState = "closed" | "open" | "half_open";

/** How the Narrator is doing; of several instances together, the worst circuit. */
export interface NarratorStatus {
  /** Null: none is set up; `problem`: what is wrong with its settings, where they are there and cannot be meant as they are. */
  readonly model: string | null;
  readonly problem: string | null;
  /** `failures`: calls in a row; `reason`: what the last one met. `since`: the clock, RFC 3339; null while it was never open. */
  readonly circuit: {
    readonly state: CircuitState;
    readonly since: string | null;
    readonly failures: number;
    readonly reason: string | null;
  };
  /** Incidents whose words are not final, and calls under way among them. */
  readonly waiting: number;
  readonly running: number;
  /** Tokens of today (UTC) that are spent or set aside, and how many a day may have. */
  readonly tokens_today: number;
  readonly budget: number;
  /** Incidents that were given up since the beginning because too many waited, or because nobody took their words for a day. */
  readonly dropped: number;
}
