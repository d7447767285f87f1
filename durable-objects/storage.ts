/** What an actor's logic may do with its storage. The Durable Object passes its own; a simulation passes `node:sqlite`. */

export type SqlValue = string | number | null | ArrayBuffer | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

export interface Storage {
  /** Runs one statement and returns its rows. */
  exec(query: string, ...parameters: SqlValue[]): SqlRow[];
  /** Runs `work` as one transaction: a throw rolls back everything it wrote. Synchronous; never nested. */
  transaction<T>(work: () => T): T;
  /** Replaces the one alarm of the object. */
  setAlarm(at_ms: number): void;
}

/** The storage of a running Durable Object. */
export function durableStorage(storage: DurableObjectStorage): Storage {
  return {
    exec: (query, ...parameters) => storage.sql.exec<Record<string, SqlStorageValue>>(query, ...parameters).toArray(),
    transaction: (work) => storage.transactionSync(work),
    setAlarm: (at_ms) => void storage.setAlarm(at_ms),
  };
}
