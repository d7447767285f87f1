/** The storage as one life of an object sees it: when its memory is gone, what still runs of it can write nothing. */
import type { SqliteStorage } from "../tests/sqlite-storage.ts";
import type { SqlRow, SqlValue, Storage } from "../durable-objects/storage.ts";

/** What a planted bug does to statements: one that is swallowed is not carried out. */
export type Swallows = (query: string) => boolean;

export class LifeEnded extends Error {
  override readonly name = "LifeEnded";
}

export class ObjectStorage implements Storage {
  readonly #inner: SqliteStorage;
  readonly #onAlarm: (at_ms: number) => void;
  readonly #swallows: Swallows;
  #ended = false;

  constructor(inner: SqliteStorage, onAlarm: (at_ms: number) => void, swallows: Swallows) {
    this.#inner = inner;
    this.#onAlarm = onAlarm;
    this.#swallows = swallows;
  }

  end(): void {
    this.#ended = true;
  }

  exec(query: string, ...parameters: SqlValue[]): SqlRow[] {
    this.#check();
    return this.#swallows(query) ? [] : this.#inner.exec(query, ...parameters);
  }

  transaction<T>(work: () => T): T {
    this.#check();
    return this.#inner.transaction(work);
  }

  setAlarm(at_ms: number): void {
    this.#check();
    if (this.#swallows("setAlarm")) return;
    this.#inner.setAlarm(at_ms);
    this.#onAlarm(at_ms);
  }

  #check(): void {
    if (this.#ended) throw new LifeEnded("the object lost its memory");
  }
}
