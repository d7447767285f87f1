/** The ways out into databases: they read as the way to Kafka does, and no column of history is forgotten in any of them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { ROOT } from "../cli/paths.ts";

const DATABASES = ["postgres", "clickhouse"] as const;
const TABLES = { aggregated_metrics: "service_metrics", anomalies: "anomalies", incidents: "incidents" } as const;
/** Not carried out: the sketch is no plain column, and the place in the order of changes is D1's own. */
const INNER = ["latency_sketch", "change_id"];

function text(file: string): string {
  return readFileSync(join(ROOT, "bridge", file), "utf8");
}

/** All of a configuration but comments, what is said of a destination, and the defaults that differ on purpose. */
function reading(file: string): string[] {
  const lines = text(file)
    .replaceAll(/(PUBLISH_(?:READER|TOPICS)):[^}]*/g, "$1")
    .split("\n")
    .map((line) => line.replace(/(^| )#.*$/, "").trimEnd())
    .filter((line) => line !== "");
  const from = lines.findIndex((line) => line.trim() === "outputs:");
  const to = lines.findIndex((line) => line.trim() === "- reject_errored:");
  if (from < 0 || to < from) throw new Error(`${file} has no outputs`);
  return [...lines.slice(0, from), ...lines.slice(to)];
}

/** Columns that go out, of each topic, from the migrations. */
function columnsOut(): [topic: string, columns: string[]][] {
  const db = new DatabaseSync(":memory:");
  const folder = join(ROOT, "worker", "migrations");
  for (const file of readdirSync(folder).toSorted()) db.exec(readFileSync(join(folder, file), "utf8"));
  const columnsOf = (table: string): string[] =>
    db
      .prepare(`SELECT name FROM pragma_table_info('${table}')`)
      .all()
      .map((row) => String(row["name"]));
  return Object.entries(TABLES).map(([topic, table]) => [
    topic,
    columnsOf(table)
      .filter((name) => !INNER.includes(name))
      .toSorted(),
  ]);
}

const COLUMNS_OUT = columnsOut();

function columnsOfSchema(schema: string, topic: string): string[] {
  const body =
    new RegExp(`CREATE TABLE IF NOT EXISTS faultline\\.${topic} \\((.*?)\\n\\)`, "s").exec(schema)?.[1] ?? "";
  return [...body.matchAll(/^ {2}([a-z0-9_]+) /gm)].map((match) => match[1]!).toSorted();
}

/** The columns that are inserted into a topic's table and the fields that are their values, in the order of the file. */
function inserted(configuration: string, topic: string): { readonly columns: string[]; readonly values: string[] } {
  const part = configuration.slice(configuration.indexOf(`table: faultline.${topic}\n`));
  const columns = /columns:\s*\[(.*?)\]/s.exec(part)?.[1] ?? "";
  const values = /root = \[(.*?)\n\s*\]/s.exec(part)?.[1] ?? "";
  return {
    columns: [...columns.matchAll(/[a-z0-9_]+/g)].map(([name]) => name),
    values: [...values.matchAll(/this\.([a-z0-9_]+)/g)].map((match) => match[1]!),
  };
}

describe.each(DATABASES)("bridge/examples/publish-%s.yaml", (database) => {
  const configuration = text(`examples/publish-${database}.yaml`);

  test("asks, waits, acknowledges and gives up as bridge/publish.yaml does", () => {
    expect(reading(`examples/publish-${database}.yaml`)).toEqual(reading("publish.yaml"));
  });

  test("starts as a reader of its own, and with incidents", () => {
    expect(configuration).toContain(`reader=\${PUBLISH_READER:${database}}`);
    expect(configuration).toContain(`"reader": "\${PUBLISH_READER:${database}}"`);
    expect(configuration).toContain("${PUBLISH_TOPICS:aggregated_metrics,anomalies,incidents}");
  });

  test.each(COLUMNS_OUT)("carries every column of %s into its place", (topic, columns) => {
    const found = inserted(configuration, topic);
    expect(found.values).toEqual(found.columns);
    expect(found.columns.toSorted()).toEqual(columns);
    expect(columnsOfSchema(text(`examples/publish-${database}.sql`), topic)).toEqual(columns);
  });
});

test.each(COLUMNS_OUT)("a newer revision in PostgreSQL takes every column of %s that is no key", (topic, columns) => {
  const part = text("examples/publish-postgres.yaml").split(`table: faultline.${topic}\n`)[1] ?? "";
  const [, keys = "", updates = ""] = /ON CONFLICT \((.*?)\) DO UPDATE SET(.*?)WHERE/s.exec(part) ?? [];
  const updated = [...updates.matchAll(/([a-z0-9_]+) = excluded\.([a-z0-9_]+)/g)];
  expect(updated.map((match) => match[1])).toEqual(updated.map((match) => match[2]));
  expect([...keys.split(", "), ...updated.map((match) => match[1]!)].toSorted()).toEqual(columns);
  expect(part).toContain(`WHERE excluded.revision > ${topic}.revision`);
});
