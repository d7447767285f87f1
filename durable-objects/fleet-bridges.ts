/** When each bridge was last heard: a silent service is told from a dead pipeline by it. */
import type { SourceStanding, TopicWaiting } from "../domain/pipeline.ts";
import type { BridgeBeat, BridgeSeen, PartitionLag } from "../domain/resource.ts";
import { topicsWaiting } from "./topics-waiting.ts";
import { numberOf, numberOrNullOf, textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";

/** A beat comes each 5 s and a row costs; after an eviction a bridge may look this much older until its next beat. */
const BEAT_STORED_EVERY_MS = 60_000;
/** Beyond it the instance that was silent for longest is forgotten: containers take new names when they restart. */
const BRIDGES_MAX = 1_000;
/** Three beats: who is not heard for longer is gone. */
const BEAT_MISSED_MS = 15_000;
/** Partitions in memory, of all bridges; beyond it those heard longest ago lose theirs. A topic's name and two numbers: some 6 MB. */
const PARTITIONS_HELD_MAX = 16_384;
/** Beats come each 5 s; whoever sends more of them is not remembered further back. */
const LAGS_MAX = 16;

// bridges: the last heartbeat of each instance, at most BRIDGES_MAX. lag: messages, null where unknown; seen_ms: receiving clock.
const SCHEMA = `CREATE TABLE IF NOT EXISTS bridges (source TEXT NOT NULL, instance TEXT NOT NULL, lag INTEGER,
  seen_ms INTEGER NOT NULL, PRIMARY KEY (source, instance)) WITHOUT ROWID`;

interface Bridge {
  readonly source: string;
  readonly instance: string;
  readonly lag: number | null;
  readonly seen_ms: number;
  readonly stored_ms: number;
  /** What it told in the last 30 s, oldest first; in memory only. */
  readonly lags: readonly { readonly at_ms: number; readonly lag: number }[];
  /** Of its newest beat; in memory only, for the next beat brings them anew. */
  readonly partitions: readonly PartitionLag[];
}

export class FleetBridges {
  readonly #storage: Storage;
  /** By source and instance; the one heard last is the last. */
  readonly #bridges = new Map<string, Bridge>();

  constructor(storage: Storage) {
    this.#storage = storage;
    storage.exec(SCHEMA);
    for (const row of storage.exec("SELECT source, instance, lag, seen_ms FROM bridges ORDER BY seen_ms")) {
      const seen_ms = numberOf(row, "seen_ms");
      const [source, instance] = [textOf(row, "source"), textOf(row, "instance")];
      this.#put({
        source,
        instance,
        lag: numberOrNullOf(row, "lag"),
        seen_ms,
        stored_ms: seen_ms,
        lags: [],
        partitions: [],
      });
    }
  }

  beat({ source, instance, lag, partitions = [] }: BridgeBeat, now_ms: number): void {
    const known = this.#bridges.get(keyOf(source, instance));
    const told = { source, instance, lag, seen_ms: now_ms, lags: withLag(known?.lags ?? [], lag, now_ms), partitions };
    if (known !== undefined && now_ms - known.stored_ms < BEAT_STORED_EVERY_MS) {
      this.#put({ ...told, stored_ms: known.stored_ms });
      return;
    }
    const [oldest] = this.#bridges.values();
    const forgotten = known === undefined && this.#bridges.size >= BRIDGES_MAX ? oldest : undefined;
    this.#storage.transaction(() => {
      if (forgotten !== undefined) {
        const query = "DELETE FROM bridges WHERE source = ? AND instance = ?";
        this.#storage.exec(query, forgotten.source, forgotten.instance);
      }
      const query = `INSERT INTO bridges (source, instance, lag, seen_ms) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET lag = excluded.lag, seen_ms = excluded.seen_ms`;
      this.#storage.exec(query, source, instance, lag, now_ms);
    });
    if (forgotten !== undefined) this.#bridges.delete(keyOf(forgotten.source, forgotten.instance));
    this.#put({ ...told, stored_ms: now_ms });
  }

  /** The one heard last comes first. */
  seen(): BridgeSeen[] {
    return [...this.#bridges.values()].toReversed().map(({ source, instance, lag, seen_ms }) => ({
      source,
      instance,
      lag,
      seen_at: new Date(seen_ms).toISOString(),
    }));
  }

  /** What waits in each partition, of the sources whose bridges tell it. */
  waiting(): TopicWaiting[] {
    return topicsWaiting([...this.#bridges.values()], BEAT_MISSED_MS);
  }

  /** Whether the events of a source get here; `untold` too where none of its bridges was ever heard. Each instance tells the lag of its whole group. */
  standing(source: string, now_ms: number): SourceStanding {
    const bridges = [...this.#bridges.values()].filter((bridge) => bridge.source === source);
    if (bridges.length === 0) return "untold";
    const fresh = bridges.filter(({ seen_ms }) => now_ms - seen_ms <= BEAT_MISSED_MS);
    if (fresh.length === 0) return "stalled";
    const known = fresh.filter(({ lag }) => lag !== null);
    if (known.length === 0) return "untold";
    const trends = known.map((bridge) => trendOf(bridge.lags, now_ms));
    if (trends.includes("grows")) return "stalled";
    return trends.includes("steady") ? "flowing" : "unsure";
  }

  #put(bridge: Bridge): void {
    const key = keyOf(bridge.source, bridge.instance);
    this.#bridges.delete(key);
    this.#bridges.set(key, bridge);
    if (bridge.partitions.length > 0) this.#bound();
  }

  #bound(): void {
    let held = 0;
    for (const [key, bridge] of [...this.#bridges].toReversed()) {
      held += bridge.partitions.length;
      // A key that is there keeps its place.
      if (held > PARTITIONS_HELD_MAX) this.#bridges.set(key, { ...bridge, partitions: [] });
    }
  }
}

function keyOf(source: string, instance: string): string {
  return JSON.stringify([source, instance]);
}

function withLag(lags: Bridge["lags"], lag: number | null, now_ms: number): Bridge["lags"] {
  const kept = lags.filter(({ at_ms }) => now_ms - at_ms < 2 * BEAT_MISSED_MS);
  return lag === null ? kept : [...kept, { at_ms: now_ms, lag }].slice(-LAGS_MAX);
}

/** A lag goes up and down with the batches: it grows where all of the last 15 s is above all of the 15 s before. */
function trendOf(lags: Bridge["lags"], now_ms: number): "grows" | "steady" | "unsure" {
  const newer = lags.filter(({ at_ms }) => now_ms - at_ms <= BEAT_MISSED_MS).map(({ lag }) => lag);
  const older = lags.filter(({ at_ms }) => now_ms - at_ms > BEAT_MISSED_MS).map(({ lag }) => lag);
  if (newer.at(-1) === 0) return "steady";
  if (newer.length === 0 || older.length === 0) return "unsure";
  return Math.min(...newer) > Math.max(...older) ? "grows" : "steady";
}
