/** What was acknowledged of each message, and what must therefore be counted. */
import type { RejectedEvent } from "../domain/resource.ts";
import type { TestEvent } from "../tests/monitor-harness.ts";
import type { Invariants } from "./invariants.ts";
import type { Log, Message } from "./stream.ts";

/** `taken`, the reason of the rejection, or UNSURE. */
type MessageVerdict = string;

/** Both were said, and there is a reason. */
const UNSURE = "unsure";

/** Messages of a partition that were sent at once. */
export interface Batch {
  readonly partition: number;
  readonly messages: readonly Message[];
}

/**
 * `taken`: the events of a service that must be counted. `unsure`: those that may be, as they were refused by somebody who could
 * not know whether they were counted.
 */
interface Account {
  readonly taken: TestEvent[];
  readonly unsure: TestEvent[];
}

export class Ledger {
  readonly #invariants: Invariants;
  /** By partition and offset. */
  readonly #verdicts = new Map<string, MessageVerdict>();
  readonly #plain: { readonly service: string; readonly event: TestEvent; readonly isTaken: boolean }[] = [];
  readonly #unasked = new Set<string>();
  /** Services whose refusals the Fleet marked in their object's place. */
  readonly #marked = new Set<string>();
  /** Services that were deleted: their events may be counted anew. */
  readonly #deleted = new Set<string>();

  constructor(invariants: Invariants) {
    this.#invariants = invariants;
  }

  /** A batch of a partition was answered with 200: for each of its messages the verdict is what it was before. */
  answered({ partition, messages }: Batch, rejected: readonly RejectedEvent[]): void {
    const reasons = new Map(rejected.map(({ offset, reason }) => [offset, reason]));
    for (const { offset, event, service } of messages) {
      const place = placeOf(partition, offset);
      const verdict = reasons.get(offset) ?? "taken";
      const before = this.#verdicts.get(place);
      if (typeof event === "string") this.#invariants.equal("rejected_named_again", place, event, verdict);
      else if (before === undefined) this.#verdicts.set(place, verdict);
      else if (before === verdict || before === UNSURE) continue;
      else if (this.#isExcused(service, place, [before, verdict])) this.#verdicts.set(place, UNSURE);
      else this.#invariants.fail("rejected_named_again", `${place} of ${service}`, before, verdict);
    }
  }

  /** A batch was handled while the Fleet could not be asked what it had refused of it. */
  unasked({ partition, messages }: Batch): void {
    for (const { offset } of messages) this.#unasked.add(placeOf(partition, offset));
  }

  /**
   * A quarantine lets a partition go on though the object does not answer: then all of a batch is refused, also what the object
   * had counted before, or counts by a call that comes late. And without the Fleet nobody knows what it refused while there was
   * no object.
   */
  #isExcused(service: string, place: string, verdicts: readonly MessageVerdict[]): boolean {
    const isMarked = verdicts.includes("quarantined") && this.#marked.has(service);
    return isMarked || this.#unasked.has(place) || this.#deleted.has(service);
  }

  answeredPlain(service: string, event: TestEvent, isTaken: boolean): void {
    this.#plain.push({ service, event, isTaken });
  }

  marked(service: string): void {
    this.#marked.add(service);
  }

  deleted(service: string): void {
    this.#deleted.add(service);
  }

  /** Whether batches of the service were acknowledged that its object may not have, or have forgotten. */
  hasGaps(service: string): boolean {
    return this.#marked.has(service) || this.#deleted.has(service);
  }

  /** Whether the service was deleted at any time. */
  isDeleted(service: string): boolean {
    return this.#deleted.has(service);
  }

  /** Null where the service was deleted: then nobody can say what it counts. */
  accountOf(service: string, logs: readonly Log[]): Account | null {
    if (this.#deleted.has(service)) return null;
    const account: Account = { taken: [], unsure: [] };
    for (const [partition, log] of logs.entries()) {
      for (const message of log) {
        if (message.service !== service || typeof message.event === "string") continue;
        const place = placeOf(partition, message.offset);
        const verdict = this.#verdicts.get(place);
        const isMarked = verdict === "quarantined" && this.#marked.has(service);
        if (verdict === "taken") account.taken.push(message.event);
        else if (verdict === UNSURE || isMarked || this.#unasked.has(place)) account.unsure.push(message.event);
      }
    }
    for (const { event, isTaken } of this.#plain.filter((plain) => plain.service === service))
      (isTaken ? account.taken : account.unsure).push(event);
    return account;
  }
}

function placeOf(partition: number, offset: number): string {
  return `partition ${partition} offset ${offset}`;
}
