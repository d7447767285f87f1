/** `POST /v1/ingest`: the contract with the bridge and with plain HTTP clients (DESIGN.md section 4). */
import { type Context, Hono } from "hono";
import { BODY_BYTES_MAX } from "../domain/event.ts";
import { type ScanFailure, scanBatch } from "../domain/ingest-scanner.ts";
import type { IngestCounts } from "../domain/ingest-counts.ts";
import type { BatchPosition } from "../domain/positions.ts";
import type { Rejection } from "../domain/rejection.ts";
import type { Problem } from "../domain/resource.ts";
import type { ApplyAnswer, ApplyCall } from "../durable-objects/apply-call.ts";
import { requireRole } from "./access.ts";
import { Admissions } from "./admissions.ts";
import type { AppContext } from "./context.ts";
import { ingest, type IngestOutcome } from "./ingest.ts";
import { batchPosition } from "./ingest-headers.ts";
import { countsOf, IngestLog, refusedCounts } from "./ingest-log.ts";
import { fleetOf, monitorOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { RejectionLog, rejectionOf, rejectionsOf } from "./rejections.ts";

const NDJSON = "application/x-ndjson";
const JSON_TYPE = "application/json";
const KEY_LENGTH_MAX = 255;
/** An object in quarantine may be one that hangs: it must not hold its partition up for longer. */
const QUARANTINED_MS_MAX = 2_000;

/** Lives as long as the isolate. */
const admissions = new Admissions();
const rejections = new RejectionLog();
const log = new IngestLog();

export const ingestRoutes = new Hono<AppContext>().post("/ingest", requireRole("ingest"), async (context) => {
  const began_ms = Date.now();
  const answer = await takeBatch(context, began_ms);
  // Only what the sender did wrong: what asks for the same batch again is no rejection.
  const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
  if (isRefused) {
    const rejection = rejectionOf(await answer.clone().json<Problem>(), Date.now());
    tellRejections(context, [rejection]);
    tellCounts(context, refusedCounts(rejection.reason, Date.now() - began_ms));
  }
  return answer;
});

async function takeBatch(context: Context<AppContext>, began_ms: number): Promise<Response> {
  const position = batchPosition(context.req.raw.headers);
  if (position !== null && "wrong" in position) return problem(400, "bad_header", position.wrong);
  const type = contentType(context, position);
  if (type instanceof Response) return type;
  const body = await readBody(context);
  if (body instanceof Response) return body;
  const scanned = scanBatch(body, { framing: position ?? type, clock_ms: Date.now() });
  if (!scanned.ok) return scanProblem(scanned);
  const idempotency = await idempotencyOf(context, position, body);
  if (idempotency instanceof Response) return idempotency;
  const neighbours = {
    fleet: fleetOf(context.env),
    admissions,
    apply: (call: ApplyCall) => {
      const answer: Promise<ApplyAnswer> = monitorOf(context.env, call.service).apply(call);
      return call.quarantined ? inTime(answer, QUARANTINED_MS_MAX) : answer;
    },
  };
  // A batch of forged messages only has no place in its partition: it moves nothing.
  const place = position?.first_offset === -1 ? null : position;
  const outcome = await ingest({ scanned, position: place, idempotency }, neighbours, Date.now());
  if (outcome.kind === "done") {
    tellCounts(context, countsOf(outcome.answer, Date.now() - began_ms));
    if (outcome.answer.rejected.length > 0)
      tellRejections(context, rejectionsOf(outcome.answer.rejected, position, Date.now()));
  }
  return answerOf(context, outcome);
}

/** For people who look for a mistake: it is no part of the acknowledgement either. */
function tellRejections(context: Context<AppContext>, found: readonly Rejection[]): void {
  const told = rejections.add(found, Date.now());
  if (told === null) return;
  const telling = fleetOf(context.env)
    .tellRejections(told)
    .catch((error: unknown) => console.warn("the fleet took no rejections", error));
  context.executionCtx.waitUntil(telling);
}

/** For the page of the pipeline: no part of the acknowledgement either. */
function tellCounts(context: Context<AppContext>, counts: IngestCounts): void {
  const told = log.add(counts, Date.now());
  if (told === null) return;
  const telling = fleetOf(context.env)
    .tellIngest(told)
    .catch((error: unknown) => console.warn("the fleet took no counts of what was sent", error));
  context.executionCtx.waitUntil(telling);
}

async function inTime<T>(answer: Promise<T>, limit_ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${limit_ms} ms`)), limit_ms);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The framing of a plain body, or the refusal of a type that is not spoken here. */
function contentType(context: Context<AppContext>, position: BatchPosition | null): "ndjson" | "json" | Response {
  const type = context.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  const encoding = context.req.header("Content-Encoding");
  if (encoding !== undefined && encoding !== "identity") {
    return problem(
      415,
      "unsupported_encoding",
      `Content-Encoding: ${encoding} is not supported; send the body as it is.`,
    );
  }
  if (type === NDJSON) return "ndjson";
  if (type === JSON_TYPE && position === null) return "json";
  const right = position === null ? `${NDJSON} or ${JSON_TYPE}` : NDJSON;
  return problem(415, "unsupported_type", `Content-Type: must be ${right}, not ${type ?? "missing"}.`);
}

async function readBody(context: Context<AppContext>): Promise<Uint8Array | Response> {
  const tooLarge = (): Response =>
    problem(413, "too_large", `The body must be at most ${BODY_BYTES_MAX} bytes; send it in parts.`);
  const announced = Number(context.req.header("Content-Length") ?? 0);
  if (announced > BODY_BYTES_MAX) return tooLarge();
  const body = new Uint8Array(await context.req.arrayBuffer());
  return body.length > BODY_BYTES_MAX ? tooLarge() : body;
}

/** What the sender broke: too much of something splits the batch, everything else is a mistake in the contract. */
function scanProblem(failure: ScanFailure): Response {
  const detail = failure.line === null ? failure.detail : `Line ${failure.line}: ${failure.detail}`;
  switch (failure.error) {
    case "too_many_lines":
    case "too_many_services":
      return problem(413, failure.error, detail);
    case "bad_line":
    case "bad_body":
      return problem(400, failure.error, detail);
    case "offsets_not_ascending":
    case "offsets_out_of_range":
      return problem(422, failure.error, detail);
  }
}

async function idempotencyOf(
  context: Context<AppContext>,
  position: BatchPosition | null,
  body: Uint8Array,
): Promise<ApplyCall["idempotency"] | Response> {
  const key = context.req.header("Idempotency-Key");
  if (key === undefined) return null;
  if (position !== null)
    return problem(
      400,
      "bad_header",
      "Idempotency-Key: only without the Faultline-* headers, whose offsets tell a redelivery.",
    );
  if (key.length === 0 || key.length > KEY_LENGTH_MAX)
    return problem(400, "bad_header", `Idempotency-Key: 1 to ${KEY_LENGTH_MAX} characters.`);
  const hashed = { key: await sha256(new TextEncoder().encode(key)), body: await sha256(body) };
  try {
    const claim = await fleetOf(context.env).claimKey(hashed.key, hashed.body);
    if (claim === "conflict") return keyConflict();
  } catch (error) {
    // Without the Fleet each service still knows the keys that it applied itself.
    console.warn("the fleet could not be asked for an idempotency key", error);
  }
  return hashed;
}

function keyConflict(): Response {
  return problem(
    422,
    "key_conflict",
    "Idempotency-Key: was used with another body within 24 h; use a new key for new events.",
  );
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function answerOf(context: Context<AppContext>, outcome: IngestOutcome): Response {
  if (outcome.kind !== "key_conflict" && outcome.reports.length > 0)
    context.executionCtx.waitUntil(report(context, outcome.reports));
  switch (outcome.kind) {
    case "done":
      return context.json(outcome.answer);
    case "key_conflict":
      return keyConflict();
    case "unavailable": {
      const { overloaded, detail, service } = outcome;
      return problem(overloaded ? 429 : 503, overloaded ? "overloaded" : "service_unavailable", detail, { service });
    }
  }
}

/** The Fleet's view is not part of the acknowledgement: a report that is lost is replaced by the next one. */
async function report(
  context: Context<AppContext>,
  reports: Parameters<ReturnType<typeof fleetOf>["report"]>[0],
): Promise<void> {
  try {
    await fleetOf(context.env).report(reports);
  } catch (error) {
    console.warn("the fleet took no reports", error);
  }
}
