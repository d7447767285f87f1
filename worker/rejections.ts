/** What was refused, on its way to the Fleet: few words, and not more often than a person reads. */
import { type Rejection, REJECTION_VALUE_LENGTH, REJECTIONS_MAX } from "../domain/rejection.ts";
import type { BatchPosition } from "../domain/positions.ts";
import type { Problem, RejectedEvent } from "../domain/resource.ts";
import { CallAllowance } from "./call-allowance.ts";

/** Calls that an isolate may make at once; then one each five seconds: a sender that is wrong all day must cost next to nothing. */
const CALLS_MAX = 10;
const CALL_EVERY_MS = 5_000;
/** Base64 of the beginning: 4 characters for 3 bytes, and a character of text has at most 4 bytes. */
const BASE64_LENGTH = Math.ceil((REJECTION_VALUE_LENGTH * 4) / 3) * 4;

/** Lives as long as the isolate. */
export class RejectionLog {
  #waiting: readonly Rejection[] = [];
  readonly #allowance = new CallAllowance(CALLS_MAX, CALL_EVERY_MS);

  /** What is to be told now, the oldest first; null where it waits for the next one. */
  add(rejections: readonly Rejection[], now_ms: number): readonly Rejection[] | null {
    this.#waiting = [...this.#waiting, ...rejections].slice(-REJECTIONS_MAX);
    if (this.#waiting.length === 0 || !this.#allowance.take(now_ms)) return null;
    const told = this.#waiting;
    this.#waiting = [];
    return told;
  }
}

/** The newest of a batch's rejected events; `position` is null over plain HTTP. */
export function rejectionsOf(
  rejected: readonly RejectedEvent[],
  position: BatchPosition | null,
  now_ms: number,
): Rejection[] {
  const at = new Date(now_ms).toISOString();
  return rejected.slice(-REJECTIONS_MAX).map((event) => ({
    at,
    reason: event.reason,
    detail: event.detail,
    where: position === null ? "plain HTTP" : `${position.topic}/${position.partition} @${event.offset}`,
    value: beginningOf(event.value),
  }));
}

/** A request that was refused as a whole, as its problem says. */
export function rejectionOf({ type, detail }: Problem, now_ms: number): Rejection {
  const at = new Date(now_ms).toISOString();
  return { at, reason: type.replace("urn:faultline:", ""), detail, where: "request", value: "" };
}

function beginningOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64.slice(0, BASE64_LENGTH)), (character) => character.charCodeAt(0));
  return Array.from(new TextDecoder().decode(bytes)).slice(0, REJECTION_VALUE_LENGTH).join("");
}
