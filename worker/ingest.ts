/** A scanned batch on its way to the objects: admission, one call a service, and one answer from all of theirs. */
import { toBase64 } from "../domain/base64.ts";
import { REJECT_REASONS, type RejectReason } from "../domain/event.ts";
import type { Admission, FleetPort, FleetReport, Refusal } from "../domain/fleet.ts";
import type { RejectedValue, ScannedBatch } from "../domain/ingest-scanner.ts";
import { type BatchPosition, isWithin } from "../domain/positions.ts";
import type { IngestAnswer, RejectedEvent } from "../domain/resource.ts";
import {
  batchFacts,
  encodeSums,
  indicesByService,
  selectEvents,
  type ServiceEvents,
  sumEvents,
} from "../domain/service-batch.ts";
import type { ApplyAnswer, ApplyCall } from "../durable-objects/apply-call.ts";
import type { Admissions } from "./admissions.ts";

/** A rejected event's bytes are cut here, so that the dead letter fits a Kafka message of 1 MB with its headers. */
const VALUE_BYTES_MAX = 900_000;

/** The objects and caches that an ingest needs. */
export interface IngestNeighbours {
  readonly fleet: Pick<FleetPort, "admit" | "refuse">;
  readonly admissions: Admissions;
  readonly apply: (call: ApplyCall) => Promise<ApplyAnswer>;
}

export interface IngestBatch {
  readonly scanned: ScannedBatch;
  readonly position: BatchPosition | null;
  readonly idempotency: ApplyCall["idempotency"];
}

/** `reports`: what the services that applied their part have to tell the Fleet, whatever became of the others. */
export type IngestOutcome =
  | { readonly kind: "done"; readonly answer: IngestAnswer; readonly reports: readonly FleetReport[] }
  /** Send the same batch again; some services may have applied their part. */
  | ({ readonly kind: "unavailable"; readonly reports: readonly FleetReport[] } & Failure)
  | { readonly kind: "key_conflict" };

interface Failure {
  readonly service: string;
  readonly overloaded: boolean;
  readonly detail: string;
}

interface Part {
  readonly service: string;
  /** Places of the events in the batch. */
  readonly indices: Uint32Array;
  readonly events: ServiceEvents;
  readonly confirmed: boolean;
  readonly quarantined: boolean;
}

export async function ingest(batch: IngestBatch, neighbours: IngestNeighbours, now_ms: number): Promise<IngestOutcome> {
  const { scanned, position } = batch;
  const { services } = scanned.columns;
  const standings = await neighbours.admissions.of(neighbours.fleet, { services, position }, now_ms);
  const rejected = [...scanned.rejected];
  const parts: Part[] = [];
  for (const [i, indices] of indicesByService(scanned.columns).entries()) {
    const { admission, confirmed } = standings[i]!;
    const kept = refuse(scanned, indices, admission, position, rejected);
    if (kept.length === 0) continue;
    const quarantined = admission.status === "quarantined";
    const events = selectEvents(scanned.columns, kept);
    parts.push({ service: services[i]!, indices: kept, events, confirmed, quarantined });
  }
  const answers = await Promise.allSettled(parts.map((part) => applyPart(part, batch, neighbours)));
  for (const [i, answer] of answers.entries())
    if (answer.status === "fulfilled") rejected.push(...refusedOf(scanned, parts[i]!, answer.value));
  return outcomeOf(parts, answers, rejected, neighbours.admissions);
}

/**
 * Names the events that the Fleet refuses as rejected, and returns the others. Of a service in quarantine they go on: only its
 * object knows which of them it had applied before.
 */
function refuse(
  scanned: ScannedBatch,
  indices: Uint32Array,
  admission: Admission,
  position: BatchPosition | null,
  rejected: RejectedValue[],
): Uint32Array {
  const { status } = admission;
  const marks = position === null ? [] : admission.refusals.filter((mark) => isSamePartition(mark, position));
  if (status !== "too_many_services" && marks.length === 0) return indices;
  const reasonOf = (offset: number): RejectReason | undefined =>
    marks.find((mark) => offset >= mark.first_offset && offset <= mark.last_offset)?.reason ??
    (status === "too_many_services" ? status : undefined);
  return indices.filter((i) => {
    const reason = reasonOf(scanned.columns.offset[i]!);
    if (reason !== undefined) rejected.push(scanned.valueOf(i, reason));
    return reason === undefined;
  });
}

function isSamePartition(mark: Refusal, position: BatchPosition): boolean {
  return mark.source === position.source && mark.topic === position.topic && mark.partition === position.partition;
}

/** The events of a part that a quarantine refused, now or when they were first delivered. */
function refusedOf(scanned: ScannedBatch, part: Part, answer: ApplyAnswer): RejectedValue[] {
  if (answer.kind !== "quarantined" && (answer.kind !== "applied" || answer.refused.length === 0)) return [];
  const isRefused = (i: number): boolean =>
    answer.kind === "quarantined" || isWithin(answer.refused, scanned.columns.offset[i]!);
  return Array.from(part.indices.filter(isRefused), (i) => scanned.valueOf(i, "quarantined"));
}

async function applyPart(part: Part, batch: IngestBatch, neighbours: IngestNeighbours): Promise<ApplyAnswer> {
  const { service, events, quarantined } = part;
  const { position, idempotency } = batch;
  const facts = batchFacts(events);
  const content = encodeSums(sumEvents(events));
  const call: ApplyCall = { service, position, facts, content, idempotency, admitted: part.confirmed, quarantined };
  const apply = async (): Promise<ApplyAnswer> => {
    const answer = await neighbours.apply(call);
    return answer.kind === "send_events" ? neighbours.apply({ ...call, content: events }) : answer;
  };
  return quarantined ? applyQuarantined(service, position, neighbours.fleet, apply) : apply();
}

/** A quarantine must let the partition go on though the object is broken: then the Fleet remembers that all is refused. */
async function applyQuarantined(
  service: string,
  position: BatchPosition | null,
  fleet: IngestNeighbours["fleet"],
  apply: () => Promise<ApplyAnswer>,
): Promise<ApplyAnswer> {
  const answer = await apply().catch((error: unknown): ApplyAnswer => {
    console.warn(`the object of ${service}, which is in quarantine, does not answer`, error);
    return { kind: "quarantined" };
  });
  if (answer.kind !== "quarantined" || position === null) return answer;
  if (await fleet.refuse(service, position)) return answer;
  throw new Error(`the quarantine of ${service} was lifted meanwhile`);
}

function outcomeOf(
  parts: readonly Part[],
  answers: readonly PromiseSettledResult<ApplyAnswer>[],
  rejected: readonly RejectedValue[],
  admissions: Admissions,
): IngestOutcome {
  const totals = { accepted: 0, duplicates: 0, late: 0, dropped: 0 };
  const reports: FleetReport[] = [];
  let before_start = 0;
  let failure: Failure | null = null;
  for (const [i, answer] of answers.entries()) {
    const { service } = parts[i]!;
    if (answer.status === "rejected" || answer.value.kind === "not_admitted" || answer.value.kind === "send_events") {
      admissions.forget(service);
      failure ??= unavailable(service, answer.status === "rejected" ? answer.reason : null);
    } else if (answer.value.kind === "key_conflict") return { kind: "key_conflict" };
    else if (answer.value.kind === "applied") {
      for (const key of ["accepted", "duplicates", "late", "dropped"] as const) totals[key] += answer.value[key];
      before_start += answer.value.before_start;
      reports.push(...answer.value.reports);
    }
  }
  if (failure !== null) return { kind: "unavailable", ...failure, reports };
  const listed = [...rejected].sort((a, b) => a.line - b.line).map(rejectedEvent);
  return {
    kind: "done",
    answer: { ...totals, ...(before_start > 0 ? { before_start } : {}), rejected: listed },
    reports,
  };
}

function unavailable(service: string, reason: unknown): Failure {
  if (reason === null) {
    // The object cannot tell the two apart for certain: its name may be remembered here as admitted, or nobody was asked.
    const detail = `${service} is not admitted yet: it was deleted within the last seconds, or it is new and the fleet, which admits it, does not answer; send the same batch again.`;
    return { service, overloaded: false, detail };
  }
  console.error(`the object of ${service} did not take its events`, reason);
  // The runtime marks errors of an object that has too many calls waiting.
  const overloaded =
    typeof reason === "object" && reason !== null && "overloaded" in reason && reason.overloaded === true;
  const detail = overloaded
    ? `${service} has more calls than it can take; send the same batch again, in larger batches if you can.`
    : `${service} could not take its events; send the same batch again. If it stays so, quarantine it: POST /v1/services/${service}/quarantine.`;
  return { service, overloaded, detail };
}

function rejectedEvent({ offset, timestamp_ms, reason, value }: RejectedValue): RejectedEvent {
  return {
    offset,
    timestamp: timestamp_ms,
    reason,
    detail: REJECT_REASONS[reason],
    value: toBase64(value.subarray(0, VALUE_BYTES_MAX)),
    bytes: value.length,
  };
}
