/** Moves the stream into the sink: as fast as it takes the past, then in step with the clock. One batch in flight, in order. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Disorder } from "./disorder.ts";
import { Unavailable } from "./failure.ts";
import { byBeginning, type Fault } from "./fault.ts";
import type { Report, Totals } from "./report.ts";
import type { Sent, Sink } from "./sink.ts";
import { SLOT_MS, timedEventsBetween, type ServiceEventJson, type StreamOptions } from "./stream.ts";

/** Large enough to make the past quick, small beside the contract's 20,000 lines. */
const BATCH_EVENTS_MAX = 5000;
/** Events that could not be sent for longer than this are let go: a live demonstration is about now. */
const BACKLOG_MS_MAX = 60_000;
const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 2000;
/** A refusal that passes within the first two attempts (0.3 s) is not worth a line. */
const BACKOFF_MS_TOLD = 400;
const PROGRESS_EVERY_MS = 2000;

export interface PumpOptions {
  readonly sink: Sink;
  readonly disorder: Disorder;
  readonly report: Report;
  readonly ended: AbortSignal;
  readonly now: () => number;
  /** Makes the Idempotency-Keys of this run unlike those of any other. */
  readonly run: string;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #began_ms: number;
  #batches = 0;
  #sent = 0;
  #rejected = 0;
  #dropped_about = 0;
  #active: Fault[] = [];
  #reasons = new Set<string>();

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#began_ms = options.now();
  }

  totals(): Totals {
    const seconds = (this.#options.now() - this.#began_ms) / 1000;
    return { sent: this.#sent, rejected: this.#rejected, dropped_about: this.#dropped_about, seconds };
  }

  /** Sends all events of [from_ms, to_ms), which is over, as fast as they are taken, telling how far it is. */
  async sendPast(stream: StreamOptions, from_ms: number, to_ms: number): Promise<void> {
    const { now, report } = this.#options;
    let told_ms = now();
    let at_ms = from_ms;
    while (at_ms < to_ms) {
      at_ms = await this.#sendFrom(stream, at_ms, to_ms);
      if (now() - told_ms < PROGRESS_EVERY_MS && at_ms < to_ms) continue;
      told_ms = now();
      report(told_ms, {
        kind: "history",
        sent: this.#sent,
        percent: Math.floor((100 * (at_ms - from_ms)) / (to_ms - from_ms)),
      });
    }
  }

  /** Sends the events of [from_ms, to_ms) as their time comes. */
  async sendLive(stream: StreamOptions, from_ms: number, to_ms: number): Promise<void> {
    const { ended, now } = this.#options;
    let at_ms = from_ms;
    while (at_ms < to_ms) {
      const until_ms = Math.min(to_ms, from_ms + Math.floor((now() - from_ms) / SLOT_MS) * SLOT_MS);
      if (until_ms - at_ms > BACKLOG_MS_MAX) at_ms = this.#drop(stream, at_ms, until_ms);
      if (until_ms > at_ms) at_ms = await this.#sendFrom(stream, at_ms, until_ms);
      else await sleep(Math.max(1, at_ms + SLOT_MS - now()), undefined, { signal: ended });
    }
    await this.#sendAll(this.#options.disorder.rest().map((timed) => timed.event));
  }

  /** Sends about one batch from `from_ms` on and returns up to where that was. */
  async #sendFrom(stream: StreamOptions, from_ms: number, until_ms: number): Promise<number> {
    this.#options.ended.throwIfAborted();
    const batch: ServiceEventJson[] = [];
    let at_ms = from_ms;
    while (at_ms < until_ms && batch.length < BATCH_EVENTS_MAX) {
      const next_ms = Math.min(until_ms, at_ms + SLOT_MS);
      for (const { event } of this.#options.disorder.pass(timedEventsBetween(stream, at_ms, next_ms), next_ms))
        batch.push(event);
      at_ms = next_ms;
    }
    this.#tellFaults(stream, from_ms, at_ms);
    await this.#sendAll(batch);
    return at_ms;
  }

  async #sendAll(events: readonly ServiceEventJson[]): Promise<void> {
    for (let at = 0; at < events.length; at += BATCH_EVENTS_MAX) {
      const batch = events.slice(at, at + BATCH_EVENTS_MAX);
      this.#batches += 1;
      const { rejected, reason } = await this.#untilSent(batch, `${this.#options.run}-${this.#batches}`);
      this.#sent += batch.length;
      this.#rejected += rejected;
      if (reason !== null) this.#tellRejection(rejected, reason);
    }
  }

  /** Sends the same batch with the same key until it is taken; says once that it has to wait long, and once that it went on. */
  async #untilSent(batch: readonly ServiceEventJson[], key: string): Promise<Sent> {
    const { sink, report, ended, now } = this.#options;
    const began_ms = now();
    let told = false;
    for (let backoff_ms = BACKOFF_MS_MIN; ; backoff_ms = Math.min(BACKOFF_MS_MAX, backoff_ms * 2)) {
      try {
        const sent = await sink.send(batch, key, ended);
        if (told) report(now(), { kind: "resumed", after_s: (now() - began_ms) / 1000 });
        return sent;
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        if (!told && backoff_ms >= BACKOFF_MS_TOLD) {
          told = true;
          report(now(), { kind: "waiting", to: sink.name, reason: error.message });
        }
        await sleep(backoff_ms, undefined, { signal: ended });
      }
    }
  }

  #drop(stream: StreamOptions, from_ms: number, to_ms: number): number {
    // Counting them exactly would mean making them, which is what takes too long here.
    const about = Math.round(((to_ms - from_ms) / 1000) * stream.rate);
    this.#dropped_about += about;
    this.#options.report(this.#options.now(), { kind: "dropped", about, span_s: Math.round((to_ms - from_ms) / 1000) });
    this.#tellFaults(stream, from_ms, to_ms);
    return to_ms;
  }

  #tellFaults(stream: StreamOptions, from_ms: number, to_ms: number): void {
    const begun = stream.faults.beginningBetween(from_ms, to_ms);
    for (const fault of begun) this.#options.report(fault.from_ms, { kind: "fault", fault });
    const active = [...this.#active, ...begun].toSorted(byBeginning);
    for (const fault of active.filter((one) => one.to_ms <= to_ms))
      this.#options.report(fault.to_ms, { kind: "heal", fault });
    this.#active = active.filter((one) => one.to_ms > to_ms);
  }

  /** Each reason once: the same mistake in every batch is one thing to know. At most as many as there are reasons. */
  #tellRejection(count: number, reason: string): void {
    const word = reason.split(",")[0] ?? reason;
    if (this.#reasons.has(word)) return;
    this.#reasons.add(word);
    this.#options.report(this.#options.now(), { kind: "rejected", count, reason });
  }
}
