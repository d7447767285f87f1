/**
 * What the platform does for an object: it wakes it, calls it, rings its alarm at least once, takes its memory away at any
 * moment, and its storage may fail at any statement.
 */
import { InjectedFault, SqliteStorage } from "../tests/sqlite-storage.ts";
import type { Storage } from "../durable-objects/storage.ts";
import { CallFailed } from "./network.ts";
import { LifeEnded, ObjectStorage } from "./object-storage.ts";
import type { Surroundings } from "./surroundings.ts";

/** The platform repeats an alarm whose handler threw so often, after 2 s at first, and then drops it. */
const RETRIES_MAX = 6;
const RETRY_MS = 2_000;
/** Statements after which a fault strikes, at most; an apply has about ten, one that opens an incident twenty. */
const FAULT_STATEMENTS_MAX = 20;

interface Life<A> {
  readonly storage: ObjectStorage;
  readonly actor: A;
  /** Fails the calls that are under way. */
  readonly breaks: Set<(error: Error) => void>;
}

export abstract class ObjectHost<A> {
  readonly storage = new SqliteStorage();
  readonly name: string;
  protected readonly surroundings: Surroundings;
  #life: Life<A> | null = null;
  #retries = 0;

  constructor(name: string, surroundings: Surroundings) {
    this.name = name;
    this.surroundings = surroundings;
  }

  protected abstract make(storage: Storage): A;
  protected abstract ring(actor: A): void;
  /** What the adapter does after each call and alarm. */
  protected abstract afterwards(actor: A): void;
  /** All that can be seen of the object and must outlive its memory. */
  protected abstract view(actor: A): unknown;
  /** Whether storage holds work that only an alarm would do. */
  protected abstract hasWork(): boolean;

  /** One call from outside. */
  async call<T>(work: (actor: A) => T | Promise<T>): Promise<T> {
    this.#disturb();
    const { promise, reject } = Promise.withResolvers<never>();
    let life: Life<A> | null = null;
    try {
      life = this.#wake();
      life.breaks.add(reject);
      return await Promise.race([this.#run(life, work), promise]);
    } catch (error) {
      throw this.#expected(error);
    } finally {
      life?.breaks.delete(reject);
      this.#afterFault();
    }
  }

  async #run<T>(life: Life<A>, work: (actor: A) => T | Promise<T>): Promise<T> {
    const answer = await work(life.actor);
    this.afterwards(life.actor);
    return answer;
  }

  /** The object as it is, without faults. */
  look<T>(work: (actor: A) => T): T {
    return this.storage.unharmed(() => work(this.#wake().actor));
  }

  /** The memory is gone: what was under way fails, or goes on without effect. */
  evict(): void {
    this.#compare();
    this.loseMemory();
  }

  /** Loses the memory without a look at it. */
  protected loseMemory(): void {
    const life = this.#life;
    if (life === null) return;
    life.storage.end();
    this.#life = null;
    for (const fail of life.breaks) fail(new CallFailed(`${this.name} was evicted`));
    this.surroundings.trace(`${this.name} evicted`);
  }

  /** Runs slow work of the object that nobody awaits and that never rejects. */
  protected background(work: Promise<void>): void {
    const life = this.#life;
    work.catch((error: unknown) => {
      if (this.#life === life)
        this.surroundings.invariants.fail("nothing_throws", this.name, "resolves", String(error));
    });
  }

  /** Runs timed work of the object, lost with its memory. */
  protected later(delay_ms: number, work: (actor: A) => void): () => void {
    const life = this.#life;
    let isCancelled = false;
    this.surroundings.scheduler.after(delay_ms, () => {
      if (isCancelled || life === null || this.#life !== life) return;
      try {
        work(life.actor);
      } catch (error) {
        this.#expected(error);
      }
    });
    return () => {
      isCancelled = true;
    };
  }

  #wake(): Life<A> {
    if (this.#life !== null) return this.#life;
    const { plant } = this.surroundings;
    const swallows = (query: string): boolean => plant.swallows(query);
    const storage = new ObjectStorage(this.storage, (at_ms) => this.#plan(at_ms), swallows);
    this.#life = { storage, actor: this.make(storage), breaks: new Set() };
    return this.#life;
  }

  #disturb(): void {
    const { dice, network } = this.surroundings;
    this.#afterFault();
    if (dice.chance(network.chaos.evict)) this.evict();
    if (dice.chance(network.chaos.storage_fault)) this.storage.failAfter(dice.whole(0, FAULT_STATEMENTS_MAX));
    // Memory may also go while the call waits for another part.
    if (dice.chance(network.chaos.evict / 4)) this.surroundings.scheduler.after(dice.whole(0, 50), () => this.evict());
  }

  /** The alarm is set: it rings then, or late. */
  #plan(at_ms: number): void {
    const { scheduler, dice, network } = this.surroundings;
    const late_ms = dice.chance(network.chaos.alarm_late) ? dice.whole(1, 8_000) : 0;
    scheduler.at(at_ms + late_ms, () => {
      if (this.storage.alarm_ms !== at_ms) return;
      this.storage.alarm_ms = null;
      this.#ring();
    });
  }

  #ring(): void {
    const { scheduler, dice, network, trace, invariants } = this.surroundings;
    this.#disturb();
    trace(`${this.name} alarm`);
    try {
      const { actor } = this.#wake();
      this.ring(actor);
      this.#retries = 0;
      const isArmed = this.storage.alarm_ms !== null || !this.storage.unharmed(() => this.hasWork());
      invariants.holds("alarm_rearmed", this.name, isArmed, "an alarm", null);
      this.afterwards(actor);
    } catch (error) {
      this.#expected(error);
      this.#retry();
    }
    this.#afterFault();
    if (dice.chance(network.chaos.alarm_twice)) scheduler.after(dice.whole(0, 3_000), () => this.#ringAgain());
  }

  /** At least once: the platform rings though the handler has ended. */
  #ringAgain(): void {
    this.surroundings.trace(`${this.name} alarm again`);
    try {
      const { actor } = this.#wake();
      this.ring(actor);
      this.afterwards(actor);
    } catch (error) {
      this.#expected(error);
    }
    this.#afterFault();
  }

  #retry(): void {
    this.#retries += 1;
    if (this.storage.alarm_ms !== null || this.#retries > RETRIES_MAX) return;
    const at_ms = this.surroundings.scheduler.now_ms + RETRY_MS * 2 ** (this.#retries - 1);
    this.storage.alarm_ms = at_ms;
    this.#plan(at_ms);
  }

  /** After a statement failed: memory and storage still say the same. */
  #afterFault(): void {
    if (!this.storage.failed) return;
    this.storage.failAfter(null);
    this.surroundings.trace(`${this.name} had a storage fault`);
    if (this.#life !== null) this.#compare();
  }

  #compare(): void {
    const life = this.#life;
    if (life === null) return;
    const { invariants } = this.surroundings;
    this.storage.unharmed(() => {
      const fresh = this.make(
        new ObjectStorage(
          this.storage,
          () => undefined,
          () => false,
        ),
      );
      invariants.equal("memory_equals_storage", this.name, this.view(fresh), this.view(life.actor));
    });
  }

  /** Whatever is no injected fault is a bug. */
  #expected(error: unknown): unknown {
    const isInjected = error instanceof InjectedFault || error instanceof LifeEnded || error instanceof CallFailed;
    if (!isInjected) {
      const found = error instanceof Error ? error.stack : String(error);
      this.surroundings.invariants.fail("nothing_throws", this.name, "an injected fault", found);
    }
    return error;
  }
}
