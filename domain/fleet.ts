/** What the Worker and the services say to the Fleet, and hear from it. */
import type { FleetService, IncidentEvent, MinutePoint, NarrativeEvent } from "./message.ts";
import type { NeighboursPort } from "./narrator.ts";
import type { BatchPosition } from "./positions.ts";
import type { BridgeBeat, BridgeSeen, Role } from "./resource.ts";
import type { SettingsDocument } from "./settings-document.ts";
import type { VersionedSettings } from "./settings.ts";
import type { PipelineVerdict } from "./silence.ts";

/** Names that a batch brings and the Worker does not know yet, with the batch's place in Kafka (null over plain HTTP). */
export interface AdmissionRequest {
  readonly services: readonly string[];
  readonly position: BatchPosition | null;
}

/**
 * A span of offsets of one partition whose events of a service the Fleet refused: they are refused again whenever redelivered.
 * What a service's own object refused while in quarantine is remembered there (positions.ts), to the offset.
 */
export interface Refusal {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  readonly first_offset: number;
  readonly last_offset: number;
  readonly reason: "too_many_services" | "quarantined";
}

/**
 * The Fleet's verdict on one name. It is durable before it is answered: an admitted name stays admitted.
 * `refusals` also bind an admitted name: offsets in them were already named as rejected once.
 */
export interface Admission {
  readonly service: string;
  readonly status: "admitted" | "too_many_services" | "quarantined";
  readonly refusals: readonly Refusal[];
}

/** What a service reports: at most once a second while the fleet is watched, else with each closed minute. */
export type FleetReport = FleetService & { readonly closed_minute?: MinutePoint };

/** An incident event of a service on its way to the fleet's sockets; delivered at least once, (service, seq) is its identity. */
export interface ServiceIncidentEvent {
  readonly service: string;
  /** The service's own sequence number. */
  readonly seq: number;
  readonly action: IncidentEvent["action"];
  readonly incident: IncidentEvent["incident"];
}

/** A narrative event, likewise. */
export type ServiceNarrativeEvent = Omit<NarrativeEvent, "type"> & { readonly service: string };

/** What the outbox of a service hands to the Fleet, in the order of `seq` without a gap. */
export type ServiceEvent = ServiceIncidentEvent | ServiceNarrativeEvent;

/** How long (ms) whoever asked may remember that a name is admitted: a service that is deleted waits so long before it comes back. */
export const ADMISSION_REMEMBERED_MS = 5_000;

/** What a service asks that has had no event since `since_ms` (receiving clock). */
export interface SilenceQuestion {
  readonly service: string;
  /** The Kafka sources that its last events came from, and whether some came by plain HTTP. */
  readonly sources: readonly string[];
  readonly is_plain: boolean;
  readonly since_ms: number;
}

/** The Fleet as its neighbours see it. */
export interface FleetPort extends NeighboursPort {
  admit(request: AdmissionRequest): Promise<readonly Admission[]>;
  /**
   * Remembers that a whole batch of a service in quarantine is refused, where its object cannot say which part is new: for good
   * once this resolves. False when the service is not in quarantine (any more).
   */
  refuse(service: string, position: BatchPosition): Promise<boolean>;
  report(reports: readonly FleetReport[]): Promise<void>;
  /** Takes incidents and the narratives of them. */
  incidents(events: readonly ServiceEvent[]): Promise<void>;
  /** Binds an idempotency key to a body for 24 h: `conflict` when it was bound to another body. */
  claimKey(key_hash: string, body_hash: string): Promise<"new" | "same" | "conflict">;
  /** Hands over a version of the settings document: durable once this resolves, and nothing where a newer one is there. */
  putSettings(version: number, document: SettingsDocument): Promise<void>;
  /** What holds for a service now. */
  settingsOf(service: string): Promise<VersionedSettings>;
  /** Whether a service's events would get here, if there were any (fleet-hearing.ts). */
  hears(question: SilenceQuestion): Promise<PipelineVerdict>;
  /**
   * Deletes a service for good: its object forgets it, and then the registry. An event of its name admits it anew. `unknown`: there
   * was none; `object_unavailable`: its object did not answer, and the service stays.
   */
  remove(service: string, actor: string): Promise<"removed" | "unknown" | "object_unavailable">;
  isRegistered(service: string): Promise<boolean>;
  heartbeat(beat: BridgeBeat): Promise<void>;
  bridges(): Promise<readonly BridgeSeen[]>;
  mintCode(role: Role): Promise<{ readonly code: string; readonly expires_at: string }>;
  /** The role of a code that was minted less than five minutes ago and not used yet, else null. */
  redeemCode(code: string): Promise<Role | null>;
}

/** A service as the Fleet sees it. */
export interface MonitorPort {
  /** Somebody looks at the fleet until `until_ms`: report once a second. */
  watch(service: string, until_ms: number): Promise<void>;
  /** From when this resolves on nothing new of the service is applied; or, lifted, all is again. */
  quarantine(service: string, quarantined: boolean): Promise<void>;
  /** From when this resolves on the service judges by these settings, or by newer ones. */
  takeSettings(service: string, offer: VersionedSettings): Promise<void>;
  /** The receiving clock (ms) at its newest event; null where it never had one. */
  lastReceived(service: string): Promise<number | null>;
  /** Forgets all but what waits to be handed on; false where there was nothing. */
  forget(service: string, actor: string): Promise<boolean>;
}
