/**
 * Bugs on purpose, between the parts and not in them: each is a wrapper of what a simulation gives its objects, and shows that
 * an invariant notices such a bug.
 */
import { partitionKey } from "../domain/positions.ts";
import { decodeState, encodeState } from "../domain/monitor-state.ts";
import type { ApplyCall } from "../durable-objects/apply-call.ts";
import { blobOf } from "../durable-objects/sql-row.ts";
import type { SqliteStorage } from "../tests/sqlite-storage.ts";

export interface Plant {
  /** The call that the object gets. */
  altersCall(call: ApplyCall): ApplyCall;
  /** Whether a statement (or `setAlarm`) is reported as done and is not. */
  swallows(query: string): boolean;
  /** Whether it changed what is stored, after the call. */
  rewrites(call: ApplyCall, storage: SqliteStorage): boolean;
}

export const NO_PLANT: Plant = {
  altersCall: (call) => call,
  swallows: () => false,
  rewrites: () => false,
};

/** By name, with what each breaks. */
export const PLANTS = {
  "double-apply": { says: "a repeated batch loses its place in the partition", make: doubleApply },
  "lost-outbox": {
    says: "a row of the outbox is not written now and then",
    make: () => swallowing("INSERT INTO outbox", 5),
  },
  "lost-words": {
    says: "words of an incident are not kept",
    make: () => swallowing("INSERT INTO narratives", 1),
  },
  "zombie-rewinds-high": { says: "an old batch moves a partition back", make: zombieRewindsHigh },
  "lost-alarm": { says: "an alarm is not set now and then", make: () => swallowing("setAlarm", 4) },
  "memory-ahead": { says: "the hot row is not written now and then", make: () => swallowing("INSERT INTO hot", 6) },
} as const satisfies Record<string, { readonly says: string; readonly make: () => Plant }>;

export type PlantName = keyof typeof PLANTS;

function swallowing(start: string, every: number): Plant {
  let count = 0;
  return {
    ...NO_PLANT,
    swallows: (query) => {
      if (!query.startsWith(start)) return false;
      count += 1;
      return count % every === 0;
    },
  };
}

function doubleApply(): Plant {
  const newest = new Newest();
  return {
    ...NO_PLANT,
    altersCall: (call) =>
      newest.isOld(call) && call.facts.offset_max <= newest.of(call) ? { ...call, position: null } : call,
  };
}

function zombieRewindsHigh(): Plant {
  const newest = new Newest();
  return {
    ...NO_PLANT,
    rewrites: (call, storage) => newest.isOld(call) && rewind(call, storage),
  };
}

/** The last offset of the newest batch of each service and partition. */
class Newest {
  readonly #offsets = new Map<string, number>();

  of(call: ApplyCall): number {
    return this.#offsets.get(this.#key(call)) ?? -Infinity;
  }

  /** Whether a newer batch has come; takes note of this one. */
  isOld(call: ApplyCall): boolean {
    const { position } = call;
    if (position === null) return false;
    const before = this.of(call);
    this.#offsets.set(this.#key(call), Math.max(before, position.last_offset));
    return position.last_offset < before;
  }

  #key({ service, position }: ApplyCall): string {
    return `${service} ${position === null ? "" : partitionKey(position)}`;
  }
}

/** False where the object has no such partition. */
function rewind({ position }: ApplyCall, storage: SqliteStorage): boolean {
  return storage.unharmed(() => {
    if (position === null || storage.exec("SELECT 1 FROM sqlite_master WHERE name = 'hot'").length === 0) return false;
    const row = storage.exec("SELECT state FROM hot WHERE id = 1")[0];
    if (row === undefined) return false;
    const state = decodeState(blobOf(row, "state"));
    const known = state.partitions.get(partitionKey(position));
    if (known === undefined) return false;
    const partitions = new Map(state.partitions).set(partitionKey(position), { ...known, high: position.last_offset });
    storage.exec("UPDATE hot SET state = ? WHERE id = 1", encodeState({ ...state, partitions }));
    return true;
  });
}
