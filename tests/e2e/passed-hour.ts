/**
 * An hour that passes for one subscription while its server is stopped: what it has stored of when it sent, and when it has to, is put
 * back by as much, and its alarm with it.
 */
import { globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RulesMemory } from "../../domain/delivery-rules-state.ts";
import type { StoredSubscription } from "../../domain/subscription.ts";
import type { FaultlineServer } from "./faultline-server.ts";

const HOUR_MS = 3_600_000;
const HOUR_NS = BigInt(HOUR_MS) * 1_000_000n;

/** What a subscription has sent, and has yet to send in one message with the rest, is an hour older from now on. */
export function passHour(server: FaultlineServer, subscription_id: string): void {
  for (const file of globSync(join(server.folder, "state/v3/do/faultline-Subscription/*.sqlite"))) {
    const db = new DatabaseSync(file);
    try {
      if (idOf(db) !== subscription_id) continue;
      putBack(db);
      return putBackAlarm(file);
    } finally {
      db.close();
    }
  }
  throw new Error(`no stored object is of ${subscription_id}`);
}

/** Null for what is no subscription's. */
function idOf(db: DatabaseSync): string | null {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE name = 'config'").all();
  const row = tables.length === 0 ? undefined : db.prepare("SELECT subscription FROM config").get();
  const text = row?.["subscription"];
  return typeof text === "string" ? (JSON.parse(text) as StoredSubscription).id : null;
}

function putBack(db: DatabaseSync): void {
  const memory = JSON.parse(String(db.prepare("SELECT state FROM memory").get()!["state"])) as RulesMemory;
  if (memory.digest === null || memory.due_ms === null) throw new Error("no digest is to be sent");
  const digest = { ...memory.digest, due_ms: memory.digest.due_ms - HOUR_MS };
  const sent_ms = memory.sent_ms.map((at_ms) => at_ms - HOUR_MS);
  const state: RulesMemory = { ...memory, digest, sent_ms, due_ms: memory.due_ms - HOUR_MS };
  db.prepare("UPDATE memory SET due_at = ?, state = ?").run(state.due_ms, JSON.stringify(state));
  // The runtime's own row of the object's alarm, in nanoseconds: more than a number holds.
  db.prepare("UPDATE _cf_METADATA SET value = value - ? WHERE key = 1").run(HOUR_NS);
}

/** The runtime has the alarms of all objects of a class beside them, too. */
function putBackAlarm(file: string): void {
  const db = new DatabaseSync(join(dirname(file), "metadata.sqlite"));
  try {
    const put = db.prepare("UPDATE _cf_ALARM SET scheduled_time = scheduled_time - ? WHERE actor_id = ?");
    const { changes } = put.run(HOUR_NS, basename(file, ".sqlite"));
    if (changes !== 1) throw new Error("the subscription has set no alarm");
  } finally {
    db.close();
  }
}
