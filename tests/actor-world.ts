/** Around an actor over `node:sqlite`: a clock and timers that the test moves. */
import { InjectedFault, SqliteStorage } from "./sqlite-storage.ts";

export abstract class ActorWorld {
  readonly storage = new SqliteStorage();
  now_ms: number;
  #timers: { readonly at_ms: number; readonly work: () => void }[] = [];

  constructor(now_ms: number) {
    this.now_ms = now_ms;
  }

  /** The alarm rings now. */
  abstract ring(): void;

  /** What can end without time passing has ended: neighbours answer within microtasks, and a macrotask is after all of them. */
  settle(): Promise<void> {
    return new Promise((resolve) => void setImmediate(resolve));
  }

  /** How many timers keep the object awake. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass: timers and the alarm ring when they are due, in order. */
  async pass(duration_ms: number): Promise<void> {
    const end_ms = this.now_ms + duration_ms;
    for (;;) {
      await this.settle();
      const timer = this.#timers.toSorted((a, b) => a.at_ms - b.at_ms)[0];
      const alarm_ms = this.storage.alarm_ms ?? Infinity;
      const due_ms = Math.min(timer?.at_ms ?? Infinity, alarm_ms);
      if (due_ms > end_ms) break;
      this.now_ms = Math.max(this.now_ms, due_ms);
      if (timer !== undefined && timer.at_ms === due_ms) {
        this.#timers = this.#timers.filter((other) => other !== timer);
        timer.work();
      } else {
        this.ring();
      }
    }
    this.now_ms = end_ms;
  }

  /** The alarm is spent; the platform rings again when its handler throws, after two seconds at first. */
  protected rings(handler: () => void): void {
    this.storage.alarm_ms = null;
    try {
      handler();
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
      this.storage.alarm_ms = this.now_ms + 2_000;
    }
  }

  /** Does `work` after so long, unless what it returns is called before. */
  protected readonly later = (delay_ms: number, work: () => void): (() => void) => {
    const timer = { at_ms: this.now_ms + delay_ms, work };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  /** An object that loses its memory loses its timers with it. */
  protected loseTimers(): void {
    this.#timers = [];
  }
}
