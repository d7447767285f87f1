/** From history into a real PostgreSQL through the real Redpanda Connect: its tables equal D1's, whatever breaks in between. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type ServiceEventJson } from "../../generator/stream.ts";
import { expectedMinutes, totalsOf } from "./expected-windows.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { type AckFate, HeldAcks } from "./held-acks.ts";
import { historyRows, type OutTopic } from "./history-database.ts";
import { ingest } from "./ingest.ts";
import { TestPostgres } from "./postgres.ts";
import { type ProcessGroup, until } from "./process-group.ts";
import { startPublisher } from "./publisher.ts";

const MINUTE_MS = 60_000;
const ROUND_MS = 10 * MINUTE_MS;
/** One a round; the last has nothing wrong. In the second PostgreSQL crashes as well. */
const FATES: readonly AckFate[] = ["hold", "pass", "lose the answer", "pass"];
const TOPICS: readonly OutTopic[] = ["aggregated_metrics", "anomalies", "incidents"];

const SERVICES = servicesOf(3);
const start_ms = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - FATES.length * ROUND_MS - 5 * MINUTE_MS;
const stream = {
  seed: 9,
  services: SERVICES,
  rate: 30,
  faults: scheduleOf([
    {
      kind: "errors",
      share: 0.5,
      service: "checkout",
      endpoint: null,
      from_ms: start_ms + 1.5 * ROUND_MS,
      to_ms: start_ms + 1.8 * ROUND_MS,
    },
  ]),
};

const server = new FaultlineServer();
const acks = new HeldAcks(() => server.url);
const postgres = new TestPostgres();
let publisher: ProcessGroup | undefined;

async function start(): Promise<void> {
  publisher = await startPublisher(server, acks.url, "bridge/examples/publish-postgres.yaml", {
    PUBLISH_DSN: postgres.dsn,
  });
}

beforeAll(async () => {
  await Promise.all([server.start(), acks.open(), postgres.start()]);
  await postgres.runFile(new URL("../../bridge/examples/publish-postgres.sql", import.meta.url).pathname);
  await start();
});

afterAll(async () => {
  await publisher?.end();
  acks.close();
  await server.stop();
  await postgres.remove();
});

/** The rows of a table as published values: PostgreSQL writes the times of UTC with +00:00. */
async function storedRows(topic: OutTopic): Promise<Record<string, unknown>[]> {
  const rows = await postgres.rows(`SELECT * FROM faultline.${topic}`);
  return rows.map((row) => {
    const columns = Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00$/, "$1Z") : value,
    ]);
    return Object.fromEntries(columns) as Record<string, unknown>;
  });
}

/** The rows of D1 and of PostgreSQL, sorted alike. */
async function bothSides(topic: OutTopic): Promise<{ readonly d1: string[]; readonly stored: string[] }> {
  const sorted = (rows: readonly object[]): string[] =>
    rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
  return {
    d1: sorted(historyRows(server, [topic]).map(({ value }) => value)),
    stored: sorted(await storedRows(topic)),
  };
}

test("windows, anomalies and incidents equal D1's, the publisher killed and PostgreSQL crashed meanwhile", async () => {
  const sent: ServiceEventJson[] = [];
  let late: readonly ServiceEventJson[] = [];
  for (const [round, fate] of FATES.entries()) {
    const from_ms = start_ms + round * ROUND_MS;
    const events = [...eventsBetween(stream, from_ms, from_ms + ROUND_MS)];
    const before = (await storedRows("aggregated_metrics")).length;
    acks.fate = fate;
    acks.held = 0;
    const own = [...late, ...events.filter((_, i) => i % 50 !== 0)];
    await ingest(server, own);
    sent.push(...own);
    late = events.filter((_, i) => i % 50 === 0);
    await until("rows of this round", 120_000, async () => {
      const { length } = await storedRows("aggregated_metrics");
      return length > before && (fate === "pass" || acks.held > 0) ? true : undefined;
    });
    await publisher!.end("SIGKILL");
    acks.fate = "pass";
    // The publisher starts while the database is away, and has to wait for it.
    if (round === 1) await postgres.crash();
    await start();
    if (round === 1) await postgres.start();
  }
  await ingest(server, late);
  sent.push(...late);

  for (const { service } of SERVICES) {
    await until(`history to have all of ${service}`, 120_000, async () => {
      expect(totalsOf(await server.minutes(service, start_ms, Date.now()))).toEqual(expectedMinutes(sent, service));
      return true;
    });
  }
  for (const topic of TOPICS) {
    await until(`all of ${topic}`, 120_000, async () => {
      const { d1, stored } = await bothSides(topic);
      expect(d1.length).toBeGreaterThan(0);
      expect(stored).toEqual(d1);
      return true;
    });
  }
});

test("a forgotten reader writes all of history again; rows that are newer already stay as they are", async () => {
  await publisher!.end();
  const forgotten = await fetch(`${server.url}/v1/changes/readers/postgres`, {
    method: "DELETE",
    headers: { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}` },
  });
  expect(forgotten.status).toBe(204);
  await postgres.run("UPDATE faultline.aggregated_metrics SET revision = 1000, error_count = 77");
  await postgres.run("DELETE FROM faultline.anomalies; DELETE FROM faultline.incidents");

  await start();

  await until("everything to be acknowledged", 120_000, async () => {
    const topics = TOPICS.join(",");
    const { changes } = await server.get<{ changes: unknown[] }>(`/v1/changes?reader=postgres&topics=${topics}`);
    return changes.length === 0 ? true : undefined;
  });
  const counts = await postgres.rows("SELECT DISTINCT revision, error_count FROM faultline.aggregated_metrics");
  expect(counts).toEqual([{ revision: 1000, error_count: 77 }]);
  for (const topic of ["anomalies", "incidents"] as const) {
    const { d1, stored } = await bothSides(topic);
    expect(stored).toEqual(d1);
  }
});
