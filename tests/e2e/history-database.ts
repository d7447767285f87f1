/** The local D1 itself, read past the Worker: what its rows are as values of published messages. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { FaultlineServer } from "./faultline-server.ts";

export interface HistoryRowValue {
  /** The row's message id: topic, natural key, revision. */
  readonly id: string;
  readonly topic: string;
  readonly service: string;
  readonly change_id: number;
  /** The columns that go out. */
  readonly value: Readonly<Record<string, unknown>>;
}

const KEYS = {
  aggregated_metrics: { table: "service_metrics", key: ["service", "window_start"] },
  anomalies: { table: "anomalies", key: ["service", "detected_at", "metric_name"] },
  incidents: { table: "incidents", key: ["id"] },
} as const;
export type OutTopic = keyof typeof KEYS;

const FLAGS = ["resolved", "flapping", "historical"];

/** All rows of the topics' tables, in the order of their newest change. */
export function historyRows(server: FaultlineServer, topics: readonly OutTopic[]): HistoryRowValue[] {
  const db = new DatabaseSync(databaseFile(server), { readOnly: true });
  try {
    const rows = topics.flatMap((topic) =>
      db
        .prepare(`SELECT * FROM ${KEYS[topic].table}`)
        .all()
        .map((row) => outValue(topic, row)),
    );
    return rows.sort((a, b) => a.change_id - b.change_id);
  } finally {
    db.close();
  }
}

function databaseFile(server: FaultlineServer): string {
  const files = globSync(join(server.folder, "state/v3/d1/miniflare-D1DatabaseObject/*.sqlite"));
  const [file, ...more] = files.filter((name) => !name.endsWith("metadata.sqlite"));
  if (file === undefined || more.length > 0) throw new Error(`not one database, but: ${files.join(", ")}`);
  return file;
}

function outValue(topic: OutTopic, row: Record<string, unknown>): HistoryRowValue {
  const { change_id, latency_sketch: _sketch, ...columns } = row;
  const value = Object.fromEntries(Object.entries(columns).map(([name, stored]) => [name, outColumn(name, stored)]));
  const id = [topic, ...KEYS[topic].key.map((name) => value[name]), value["revision"]].join("/");
  return { id, topic, service: String(value["service"]), change_id: Number(change_id), value };
}

function outColumn(name: string, stored: unknown): unknown {
  if (FLAGS.includes(name)) return stored === 1;
  const isTime = name.endsWith("_at") ? name !== "usual_at" : name.startsWith("window_");
  return isTime && typeof stored === "string" ? stored.replace(".000Z", "Z") : stored;
}
