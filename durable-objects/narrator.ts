/**
 * The actor that puts incidents into words: a durable queue before a language model that is slow, dear and often not there. What
 * it decides follows from storage (narrator-plan.ts), so that an eviction at any point costs a repetition at most; what it
 * delivers is idempotent, so that a version of an incident has one narrative in effect.
 */
import type { Evidence } from "../domain/evidence.ts";
import { writeStory } from "../domain/narrator-attempts.ts";
import { narrativeDraft } from "../domain/narrative-draft.ts";
import type {
  BudgetPort,
  ModelPort,
  NarratedPort,
  NarrationRequest,
  NarrativeDraft,
  NarratorPort,
  NarratorStatus,
  NeighboursPort,
  PastPort,
} from "../domain/narrator.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { withSurroundings } from "../domain/surroundings.ts";
import { backoffMs } from "./backoff.ts";
import { MonitorAlarm } from "./monitor-alarm.ts";
import { dayOf, NarratorBudget, nextDay } from "./narrator-budget.ts";
import { NarratorCircuit } from "./narrator-circuit.ts";
import { NarratorDelivery } from "./narrator-delivery.ts";
import { BudgetSpent, BudgetUnknown, CallFailed, guardedModel } from "./narrator-model.ts";
import { plan, type Step } from "./narrator-plan.ts";
import type { Job } from "./narrator-job.ts";
import { NarratorStore } from "./narrator-sql.ts";
import { askSurroundings } from "./narrator-surroundings.ts";
import type { Storage } from "./storage.ts";
import type { Later } from "./tell-services.ts";

export interface NarratorPorts {
  readonly storage: Storage;
  /** The clock, ms. */
  readonly now: () => number;
  /** From 0 to before 1. */
  readonly random: () => number;
  readonly later: Later;
  /** Keeps the object awake until slow work, which never rejects, is done. */
  readonly background: (work: Promise<void>) => void;
  readonly fleet: NeighboursPort;
  readonly past: PastPort;
  readonly monitors: NarratedPort;
  /** Null where none is set up, or with a `problem`. `timeout_ms`, `call_tokens`: of one call at most. */
  readonly problem: string | null;
  readonly model: { readonly port: ModelPort; readonly timeout_ms: number; readonly call_tokens: number } | null;
  readonly daily_tokens: number;
  /** The first instance, which keeps the day's tokens; null: this is the first one. */
  readonly keeper: BudgetPort | null;
}

const CALL_BACKOFF_MIN_MS = 2_000;
const CALL_BACKOFF_MAX_MS = 60_000;
/** When the keeper of the budget is asked again after it did not answer, and after it had nothing left: settings may change. */
const KEEPER_RETRY_MS = 10_000;
const SPENT_RETRY_MS = 10 * 60_000;
/** While steps are under way an alarm looks after them, so that neither idleness nor an eviction leaves one lying. */
const WATCH_MS = 15_000;

/** A step under way. */
interface Flight {
  readonly given_up: AbortController;
  is_calling: boolean;
  readonly is_trial: boolean;
}

/** Why a call was given up: a newer version is there, or nobody waits for this one. */
class GivenUp extends Error {
  override readonly name = "GivenUp";
}

export class NarratorActor implements NarratorPort, BudgetPort {
  readonly #ports: NarratorPorts;
  readonly #store: NarratorStore;
  readonly #circuit: NarratorCircuit;
  readonly #budget: NarratorBudget;
  readonly #alarm: MonitorAlarm;
  /** By incident. */
  readonly #flights = new Map<string, Flight>();
  readonly #delivery: NarratorDelivery;
  #spent_until_ms: number | null = null;

  constructor(ports: NarratorPorts) {
    this.#ports = ports;
    this.#store = new NarratorStore(ports.storage);
    this.#circuit = new NarratorCircuit(ports.storage);
    this.#budget = new NarratorBudget(ports.storage, ports.daily_tokens);
    this.#alarm = new MonitorAlarm(ports.storage, ports.now);
    this.#delivery = new NarratorDelivery(ports, this.#store);
  }

  /** Resolves once what is newer than all that is known is stored, and the alarm is set that looks after it. */
  async narrate(requests: readonly NarrationRequest[]): Promise<void> {
    for (const incident_id of this.#store.take(requests, this.#ports.now())) {
      this.#flights.get(incident_id)?.given_up.abort(new GivenUp("superseded"));
      this.#flights.delete(incident_id);
    }
    this.#proceed();
  }

  reserve(day: string, tokens: number): Promise<boolean> {
    return this.#budget.reserve(day, tokens);
  }

  giveBack(day: string, tokens: number): Promise<void> {
    return this.#budget.giveBack(day, tokens);
  }

  /** `tokens_today` is what this instance keeps of the budget: of any but the first, 0. */
  status(): NarratorStatus {
    const now_ms = this.#ports.now();
    const { state, since_ms, failures, reason } = this.#circuit.describe(now_ms);
    return {
      model: this.#ports.model?.port.name ?? null,
      problem: this.#ports.problem,
      circuit: { state, since: since_ms === null ? null : formatRfc3339(since_ms), failures, reason },
      waiting: this.#store.count(),
      running: this.#calls().length,
      tokens_today: this.#budget.spent(dayOf(now_ms)),
      budget: this.#ports.daily_tokens,
      dropped: this.#store.dropped(),
    };
  }

  onAlarm(): void {
    this.#alarm.rang();
    // Not caught: an alarm that cannot be set again is the platform's to retry.
    if (this.#store.count() === 0) return;
    this.#alarm.arm([this.#ports.now() + WATCH_MS]);
    this.#proceedLater();
  }

  #calls(): Flight[] {
    return [...this.#flights.values()].filter((flight) => flight.is_calling);
  }

  /** Starts what is due, after it has set the alarm for what is not. */
  #proceed(): void {
    const now_ms = this.#ports.now();
    const calls = this.#calls();
    const { steps, due_ms } = plan(this.#store.jobs(), {
      now_ms,
      has_model: this.#ports.model !== null,
      circuit: this.#circuit.state(now_ms),
      trial_ms: this.#circuit.trial_ms,
      spent_until_ms: this.#spent_until_ms,
      under_way: new Set(this.#flights.keys()),
      calls: calls.length,
      is_trying: calls.some((flight) => flight.is_trial),
    });
    const isBusy = steps.length + this.#flights.size > 0;
    this.#alarm.arm([due_ms, isBusy ? now_ms + WATCH_MS : null]);
    for (const step of steps) this.#start(step);
  }

  /** The same where nobody waits for it: the alarm that is set looks again. */
  #proceedLater(): void {
    try {
      this.#proceed();
    } catch (error) {
      console.error("what waits for words cannot be read and will be again", error);
    }
  }

  #start(step: Step): void {
    const is_calling = step.kind === "call";
    const flight: Flight = { given_up: new AbortController(), is_calling, is_trial: is_calling && step.is_trial };
    this.#flights.set(step.job.incident_id, flight);
    this.#ports.background(this.#fly(step, flight));
  }

  async #fly(step: Step, flight: Flight): Promise<void> {
    let isWhole = false;
    try {
      await this.#run(step, flight);
      isWhole = true;
    } catch (error) {
      // Without a further step at once: what fails by itself would do so in a circle.
      console.error(`a step for the words of ${step.job.incident_id} failed and comes again`, error);
    }
    if (this.#flights.get(step.job.incident_id) === flight) this.#flights.delete(step.job.incident_id);
    if (isWhole) this.#proceedLater();
  }

  async #run(step: Step, flight: Flight): Promise<void> {
    const { job } = step;
    switch (step.kind) {
      case "prepare":
        return this.#prepare(job);
      case "tell":
        return this.#delivery.tell(job, step.reason, step.is_last);
      case "deliver":
        return this.#delivery.deliver(job);
      case "drop":
        console.warn(`${job.service} took no words for ${job.incident_id}, which are given up`);
        return this.#store.drop(job, this.#ports.now());
      case "call":
        return this.#call(job, flight);
    }
  }

  async #prepare(job: Job): Promise<void> {
    const bare = this.#store.evidence(job);
    if (bare === null) return;
    const evidence = withSurroundings(bare, await askSurroundings(this.#ports, bare));
    // The service's object told these very words when it asked.
    const isTold = JSON.stringify(evidence.facts) === JSON.stringify(bare.facts);
    this.#store.prepared(job, evidence, isTold ? "waiting" : null);
  }

  async #call(job: Job, flight: Flight): Promise<void> {
    const evidence = this.#store.evidence(job);
    if (evidence === null) return;
    let telling: Promise<void> | undefined;
    const began = (): void => {
      // Only the first call of a version is told: an outage must not bring a change of words with each try.
      const isTold = job.attempts === 0 && !flight.is_trial;
      this.#store.begin(job, isTold ? "writing" : job.told);
      if (isTold) telling = this.#tellWriting(job, evidence, flight);
    };
    const draft = await this.#write(job, evidence, flight, began);
    // The slot is free for another call; this incident goes on once its object has heard that the model was writing.
    flight.is_calling = false;
    this.#proceedLater();
    await telling;
    // Where it was given up meanwhile, its version is gone, and nothing is kept.
    if (draft !== null) this.#store.written(job, draft);
  }

  /** What the model wrote, or the template where that does not stand; null where no words came of it. */
  async #write(job: Job, evidence: Evidence, flight: Flight, began: () => void): Promise<NarrativeDraft | null> {
    const { now } = this.#ports;
    const model = this.#guarded(flight, began);
    try {
      const written = await writeStory(evidence, model, flight.given_up.signal);
      this.#spent_until_ms = null;
      if (written.story === null) {
        console.info(`the model's words for ${job.incident_id} do not stand:`, written.violations);
        return this.#delivery.template(evidence, written.reason);
      }
      const { story, latency_ms } = written;
      return narrativeDraft(evidence, story, { source: "llm", reason: null, llm_model: model.name, latency_ms }, now());
    } catch (error) {
      this.#notWritten(job, flight, error);
      return null;
    }
  }

  #guarded(flight: Flight, began: () => void): ModelPort {
    const { now, later, keeper } = this.#ports;
    const { port, timeout_ms, call_tokens } = this.#ports.model!;
    return guardedModel({
      model: port,
      timeout_ms,
      call_tokens,
      budget: keeper ?? this.#budget,
      now,
      later,
      began,
      succeeded: () => this.#circuit.succeeded(now(), () => this.#store.callAll()),
      failed: (why) => this.#circuit.failed(now(), flight.is_trial, why),
    });
  }

  /** @throws what is no expected failure */
  #notWritten(job: Job, flight: Flight, error: unknown): void {
    const now_ms = this.#ports.now();
    // Another call gives back what it did not need, which may be enough for one that was refused.
    const isSpent = error instanceof BudgetSpent;
    this.#spent_until_ms = isSpent ? Math.min(now_ms + SPENT_RETRY_MS, nextDay(now_ms)) : null;
    if (isSpent || flight.given_up.signal.aborted) return;
    if (error instanceof BudgetUnknown) this.#store.callAgain(job, now_ms + KEEPER_RETRY_MS);
    else {
      const most_ms = backoffMs(job.attempts + 1, CALL_BACKOFF_MIN_MS, CALL_BACKOFF_MAX_MS);
      // Half of it at least, the rest by chance: instances that failed together do not come back together.
      const wait_ms = Math.round(most_ms * (0.5 + this.#ports.random() / 2));
      this.#store.callAgain(job, now_ms + wait_ms);
      if (!(error instanceof CallFailed)) throw error;
      console.warn(`no words for ${job.incident_id}, next call in ${wait_ms} ms at the earliest:`, error.message);
    }
  }

  /** Says that the model writes; where nobody waits for these words any more, it need not. Never rejects. */
  async #tellWriting(job: Job, evidence: Evidence, flight: Flight): Promise<void> {
    try {
      const verdict = await this.#delivery.takes(job, this.#delivery.template(evidence, "writing"));
      if (verdict === null || verdict === "taken") return;
      flight.given_up.abort(new GivenUp(verdict));
      this.#delivery.finish(job);
    } catch (error) {
      console.error(`what ${job.service} says to words for ${job.incident_id} could not be kept`, error);
    }
  }
}
