/** The model as the Narrator calls it: tokens are set aside, the time is bounded, and each outcome moves the circuit. */
import type { Evidence } from "../domain/evidence.ts";
import type { BudgetPort, ModelAnswer, ModelPort, Repair } from "../domain/narrator.ts";
import { dayOf } from "./narrator-budget.ts";
import { type Later, within } from "./tell-services.ts";

/** The day's tokens do not suffice for another call. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
}

/** Whoever keeps the budget does not answer: nobody may spend unseen. */
export class BudgetUnknown extends Error {
  override readonly name = "BudgetUnknown";
}

/** No whole answer came, or not in time. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
}

/** Who keeps the budget, and how long it may take. */
const KEEPER = "the keeper of the day's tokens";
const BUDGET_MS_MAX = 5_000;

export interface GuardPorts {
  readonly model: ModelPort;
  /** Of one call. */
  readonly timeout_ms: number;
  /** What one call may need at most. */
  readonly call_tokens: number;
  readonly budget: BudgetPort;
  readonly now: () => number;
  readonly later: Later;
  /** The first call begins: its tokens are set aside. */
  readonly began: () => void;
  readonly succeeded: () => void;
  readonly failed: (why: string) => void;
}

/** `ask` rejects with BudgetSpent, BudgetUnknown, CallFailed, or with the signal's reason once that is aborted. */
export function guardedModel(ports: GuardPorts): ModelPort {
  let hasBegun = false;
  return {
    name: ports.model.name,
    async ask(evidence, repair, signal) {
      const day = dayOf(ports.now());
      await reserve(ports, day);
      let spent = 0;
      try {
        signal.throwIfAborted();
        if (!hasBegun) ports.began();
        hasBegun = true;
        const answer = await call(ports, evidence, repair, signal);
        spent = answer.tokens;
        return answer;
      } finally {
        // A call that brought nothing gives all of it back, or an outage would spend the day's tokens on nothing.
        await giveBack(ports, day, ports.call_tokens - spent);
      }
    },
  };
}

async function reserve({ budget, call_tokens, later }: GuardPorts, day: string): Promise<void> {
  let isGranted: boolean;
  try {
    isGranted = await within(later, BUDGET_MS_MAX, budget.reserve(day, call_tokens), KEEPER);
  } catch (cause) {
    throw new BudgetUnknown(`${KEEPER} does not answer`, { cause });
  }
  if (!isGranted) throw new BudgetSpent(`less than ${call_tokens} tokens are left of ${day}`);
}

async function giveBack({ budget, later }: GuardPorts, day: string, tokens: number): Promise<void> {
  try {
    await within(later, BUDGET_MS_MAX, budget.giveBack(day, tokens), KEEPER);
  } catch (error) {
    console.warn(`${tokens} tokens of ${day} stay set aside although nobody spent them`, error);
  }
}

async function call(
  { model, timeout_ms, later, succeeded, failed }: GuardPorts,
  evidence: Evidence,
  repair: Repair | null,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const timeout = new AbortController();
  const cancel = later(timeout_ms, () => timeout.abort(new Error(`no answer within ${timeout_ms} ms`)));
  const ended = AbortSignal.any([signal, timeout.signal]);
  let answer: ModelAnswer;
  try {
    answer = await Promise.race([model.ask(evidence, repair, ended), rejectionOf(ended)]);
  } catch (cause) {
    // Whoever gave it up knows why; it says nothing of the model.
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    failed(why);
    throw new CallFailed(why, { cause });
  } finally {
    cancel();
  }
  succeeded();
  return answer;
}

/** Rejects once the signal is aborted, with its reason. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
