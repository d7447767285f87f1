/** Events by plain HTTP, for tests that are about what comes after. */
import { randomUUID } from "node:crypto";
import type { ServiceEventJson } from "../../generator/stream.ts";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";
import { until } from "./process-group.ts";

const BATCH = 10_000;

/** Sends all of them in order, each once in effect; a batch again and again for so long (ms) at most. */
export async function ingest(
  server: FaultlineServer,
  events: readonly ServiceEventJson[],
  limit_ms = 60_000,
): Promise<void> {
  for (let from = 0; from < events.length; from += BATCH) {
    const body = events
      .slice(from, from + BATCH)
      .map((event) => JSON.stringify(event))
      .join("\n");
    const headers = {
      Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`,
      "Content-Type": "application/x-ndjson",
      "Idempotency-Key": randomUUID(),
    };
    // 429 and 503 ask for the same batch again.
    await until("a batch to be taken", limit_ms, async () => {
      const response = await fetch(`${server.url}/v1/ingest`, { method: "POST", headers, body });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status} ${text}`);
      const { rejected }: { rejected: unknown[] } = JSON.parse(text);
      if (rejected.length > 0) throw new Error(`rejected: ${JSON.stringify(rejected[0])}`);
      return true;
    });
  }
}
