/** What the Worker asks of a service's object for its part of a batch, and what it hears. */
import type { FleetReport } from "../domain/fleet.ts";
import type { BatchPosition, OffsetSpan } from "../domain/positions.ts";
import type { BatchFacts, ServiceEvents } from "../domain/service-batch.ts";

export interface ApplyCall {
  readonly service: string;
  /** Null over plain HTTP: nothing tells a redelivery then, but for an idempotency key. */
  readonly position: BatchPosition | null;
  readonly facts: BatchFacts;
  /** The events added up (encodeSums), or the events themselves after the object asked for them. */
  readonly content: Uint8Array | ServiceEvents;
  /** SHA-256 in hex of the key and of the whole request's body. */
  readonly idempotency: { readonly key: string; readonly body: string } | null;
  /** False when the Fleet could not be asked: then only an object that exists applies. */
  readonly admitted: boolean;
  /** The Fleet says that the service is in quarantine: the object may not have heard of it. */
  readonly quarantined: boolean;
}

export type ApplyAnswer =
  | {
      readonly kind: "applied";
      readonly accepted: number;
      readonly duplicates: number;
      readonly before_start: number;
      readonly late: number;
      readonly dropped: number;
      /** Quarantines refused these of the batch's offsets, now or when they were first delivered. */
      readonly refused: readonly OffsetSpan[];
      /** For the Fleet, when one is due: the Worker hands on the reports of all services of a batch in one call. */
      readonly reports: readonly FleetReport[];
    }
  /** Part of the batch was applied before: only the events with their offsets can tell which. */
  | { readonly kind: "send_events" }
  | { readonly kind: "not_admitted" }
  /** The service is in quarantine and all of the call is refused; the object remembers nothing of it. */
  | { readonly kind: "quarantined" }
  /** The idempotency key was used with another body. */
  | { readonly kind: "key_conflict" };
