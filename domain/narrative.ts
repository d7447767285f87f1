/** A narrative: summary, possible causes and recommended actions of an incident, each resting on facts of its evidence. */
import type { Fact } from "./evidence.ts";
import type { MetricName } from "./incident.ts";

/** The only causes that are ever told; cause-rules.ts says when, and with which certainty. */
export const CAUSE_IDS = [
  /** What one endpoint depends on, or a fault of its own code. */
  "endpoint_dependency",
  /** The version that was deployed just before. */
  "release",
  /** More load than the service can carry. */
  "saturation",
  /** The process, or what routes requests to it. */
  "process_or_routing",
  /** Something that all endpoints share: a database, a cache, a network. */
  "shared_dependency",
  /** Another service, whose own incident began earlier. */
  "other_service",
  /** Fewer requests are sent: callers, clients, or what lies before the service. */
  "callers",
  /** Requests that clients got wrong, or are not allowed. */
  "client_requests",
  /** A job that runs at this hour. */
  "scheduled_work",
  /** Facts do not tell. */
  "unknown",
] as const;
export type CauseId = (typeof CAUSE_IDS)[number];

/** Correlation alone is never CONFIRMED (cause-rules.ts). */
export const CERTAINTIES = ["CONFIRMED", "LIKELY", "INCONCLUSIVE"] as const;
export type Certainty = (typeof CERTAINTIES)[number];

/** A plain sentence or two, and the ids of the facts that it rests on. Text of events in it is data: render it as text. */
export interface Statement {
  readonly text: string;
  readonly facts: readonly string[];
}

export interface Cause extends Statement {
  readonly cause: CauseId;
  readonly certainty: Certainty;
}

export interface Action extends Statement {
  /** The service's own link, where the action names one. */
  readonly url: string | null;
}

/** What the words say, whoever wrote them. */
export interface Story {
  readonly summary: readonly Statement[];
  /** The likeliest first; never empty. */
  readonly possible_causes: readonly Cause[];
  readonly recommended_actions: readonly Action[];
}

/**
 * Why the words are the template's: `no_model` is set up; the model is `waiting` its turn or `writing`; its answer was `ungrounded`
 * twice; it is `unavailable` (no answer, or the circuit is open); the day's `budget` is spent; the incident is `historical`;
 * or it was `resolved` so long ago that nobody waits for words.
 */
export const TEMPLATE_REASONS = [
  "no_model",
  "waiting",
  "writing",
  "ungrounded",
  "unavailable",
  "budget",
  "historical",
  "resolved",
] as const;
export type TemplateReason = (typeof TEMPLATE_REASONS)[number];

export type NarrativeSource =
  | {
      readonly source: "template";
      readonly reason: TemplateReason;
      readonly llm_model: string | null;
      readonly latency_ms: null;
    }
  /** `latency_ms`: of the call whose answer this is. */
  | { readonly source: "llm"; readonly reason: null; readonly llm_model: string; readonly latency_ms: number };

export type Narrative = Story &
  NarrativeSource & {
    readonly incident_id: string;
    readonly service: string;
    /** The revision of the incident that it is of: one narrative a version, whose words may be replaced by better ones. */
    readonly version: number;
    /** Grows with each change of the incident's narrative, over all versions. */
    readonly revision: number;
    /** From the onset to the newest second that the evidence knows: event time, RFC 3339. */
    readonly window_start: string;
    readonly window_end: string;
    /** The clock when the words were written; while the model writes, when it began to (`reason` is `writing`). */
    readonly written_at: string;
    readonly affected_metrics: readonly MetricName[];
    readonly evidence: readonly Fact[];
  };
