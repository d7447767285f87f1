/** The answers of the HTTP reads, for the dashboard, the command line and any client. */
import type { MetricsWindow } from "./history.ts";
import type { Incident, MetricName } from "./incident.ts";
import type { FleetService } from "./message.ts";
import type { Cause } from "./narrative.ts";
import type { SettingsDocument } from "./settings-document.ts";
import type { ServiceSettings } from "./settings.ts";
import type { DataFlow } from "./silence.ts";

/** A list is a page of items and the cursor of the next page, or null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** An error answer: `application/problem+json` (RFC 9457). */
export interface Problem {
  /** A stable word for programs, as in `urn:faultline:unauthorized`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** One sentence: what is wrong, where, and what would be right. */
  readonly detail: string;
  /** The service that could not take its part of a batch (429, 503). */
  readonly service?: string;
}

/** What the live messages say of a service, with its time written as in every HTTP answer. */
type ServiceNow = Omit<FleetService, "at"> & {
  /** RFC 3339, event time: the newest closed second, or where none is the newest event; of admission before the first report. */
  readonly at: string;
};

/** `GET /v1/services`: the fleet's registry with what it knows of each now. */
export type ServiceItem = ServiceNow & { readonly first_seen_at: string };

/** What happened to the events of a service since its object exists. */
export interface ServiceCounters {
  readonly accepted: number;
  readonly duplicates: number;
  /** Counted as duplicates before a topic was found to be a new one. */
  readonly duplicates_suspect: number;
  /** Below the first offset that was seen of their partition. */
  readonly before_start: number;
  readonly late: number;
  readonly dropped: number;
}

/** Where a service stands in one partition of one source. */
export interface PartitionPosition {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  readonly base: number;
  readonly high: number;
  /** Null while all that came from it were duplicates. */
  readonly newest_event_at: string | null;
  readonly idle: boolean;
}

/** One endpoint over the newest 60 closed seconds. */
export interface EndpointItem {
  readonly endpoint: string;
  readonly request_rate: number;
  readonly error_rate: number;
  readonly avg_latency_ms: number | null;
  /** The same over the baseline; null where too little was seen. */
  readonly baseline_error_rate: number | null;
  readonly baseline_avg_latency_ms: number | null;
  /** Share (0 to 1) of the open incident's excess; null without one. */
  readonly excess_share: number | null;
}

/** The like of a false positive waits: it has to last for `wait_s` without a break, unless it is of size `told_from` or more. */
export interface GuardItem {
  readonly metric_name: MetricName;
  /** Marks that count; one loses half its weight in 14 days. */
  readonly marks: number;
  readonly wait_s: number;
  /** Error rate 0 to 1, latency as a multiple of normal, requests by how many times they are too few. */
  readonly told_from: number;
  /** RFC 3339: when the last mark is forgotten. */
  readonly until: string;
}

/** The likeliest cause that the newest words of an incident tell. */
export interface IncidentCause extends Pick<Cause, "cause" | "certainty" | "text"> {
  /** Services, endpoints and versions that the facts beneath it speak of, in their order. Text of events: render as text. */
  readonly names: readonly string[];
}

/** An item of `GET /v1/incidents`. `cause`: null where history has no words of it (yet). */
export interface IncidentItem extends Incident {
  readonly cause: IncidentCause | null;
}

/** `GET /v1/services/:service`. */
export interface ServiceDetail extends ServiceNow {
  /** The version of its events that began last; a return to an earlier one is not told. Null where events name none. */
  readonly version: string | null;
  readonly watermark: string | null;
  /** The latency the service promises, ms; null where its latency is not judged. */
  readonly sla_ms: number | null;
  /** Of the settings that it is judged by, as in ServiceSettingsItem. */
  readonly settings_version: number | null;
  /** Too little has been seen for a baseline. */
  readonly learning: boolean;
  readonly counters: ServiceCounters;
  readonly partitions: readonly PartitionPosition[];
  readonly endpoints: readonly EndpointItem[];
  readonly incident: Incident | null;
  /** Rows waiting for each target. */
  readonly outbox: Readonly<Record<string, number>>;
  /** Since when (RFC 3339, the clock) the first of them is overdue; null where none is. */
  readonly outbox_since: Readonly<Record<string, string | null>>;
  /** Whether its events come: `silent` where none do, `stalled` where the pipeline that brings them is known to be broken. */
  readonly data: DataFlow;
  /** What incidents that people called false positives have raised. */
  readonly guards: readonly GuardItem[];
  /** Far more requests than usual, for information: a second's mean over the newest minute, what is usual, and since when; null while not. */
  readonly surge: { readonly request_rate: number; readonly usual_rate: number; readonly since: string } | null;
}

/**
 * `GET /v1/services/:service/windows?from&to&step`: step 1 from the object's last 24 h, 60 and 3600 from history.
 * `provisional`: part of the window is still open.
 */
export interface WindowItem extends MetricsWindow {
  readonly provisional: boolean;
}

/** An event that was refused, as the ingest answer names it. */
export interface RejectedEvent {
  /** -1 for a message with forged metadata and for plain HTTP, where `line` tells which. */
  readonly offset: number;
  readonly timestamp: number;
  readonly reason: string;
  /** Names the field and what would be right. */
  readonly detail: string;
  /** The event's bytes in base64, cut at 900,000 bytes. */
  readonly value: string;
  /** Their full number. */
  readonly bytes: number;
}

/** `200` of `POST /v1/ingest`: the sender may forget the batch. */
export interface IngestAnswer {
  /** Applied now, late ones included. */
  readonly accepted: number;
  readonly duplicates: number;
  /** Of the accepted: older than the watermark. */
  readonly late: number;
  /** Their minute is no longer held. */
  readonly dropped: number;
  /** Below the first offset seen of the partition; only named when there are any. */
  readonly before_start?: number;
  readonly rejected: readonly RejectedEvent[];
}

/** `GET` and `PUT /v1/settings`, and an item of `GET /v1/settings/history`. The ETag is the version in quotes. */
export interface SettingsVersion {
  /** 0 while none was stored. */
  readonly version: number;
  readonly document: SettingsDocument;
  /** Null while none was stored, as who stored it. */
  readonly changed_at: string | null;
  readonly changed_by: string | null;
}

/** `GET /v1/services/:service/settings`: what its object judges by. */
export interface ServiceSettingsItem {
  readonly service: string;
  /** Of the document that they came from; 0: there was none, null: the Fleet did not answer yet. */
  readonly version: number | null;
  readonly settings: ServiceSettings;
}

/** `GET /ready?verbose`. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
  readonly bridges?: readonly BridgeSeen[];
}

/** The last heartbeat of one bridge instance. */
export interface BridgeSeen {
  readonly source: string;
  readonly instance: string;
  /** The consumer group's lag in messages; null where unknown. */
  readonly lag: number | null;
  readonly seen_at: string;
}

/** What waits in one partition for the consumer group of whoever tells it, in messages. */
export interface PartitionLag {
  readonly topic: string;
  /** Kafka's number of it. */
  readonly partition: number;
  readonly lag: number;
}

/** A heartbeat tells of so many partitions at most; of more, those in which most waits. */
export const BEAT_PARTITIONS_MAX = 256;

/** `POST /v1/bridge/heartbeat`. */
export interface BridgeBeat extends Omit<BridgeSeen, "seen_at"> {
  /** Each once, at most BEAT_PARTITIONS_MAX; left out where the bridge does not know or does not tell. */
  readonly partitions?: readonly PartitionLag[] | undefined;
}

/** `GET /v1/session`. */
export interface SessionItem {
  readonly role: Role;
  readonly expires_at: string | null;
}

export const ROLES = ["viewer", "admin"] as const;
export type Role = (typeof ROLES)[number];
