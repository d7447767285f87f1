/** Events a second through POST /v1/ingest with everything on: 1,000 and 5,000 a batch, over 3 and 50 services. */
import { FaultlineServer, TOKENS } from "../tests/e2e/faultline-server.ts";
import { cpuOf, memoryOf } from "./support/process-memory.ts";

const PARTITIONS = 6;
const EVENTS = 400_000;
const ENDPOINTS = 12;

interface Batch {
  readonly first: number;
  readonly last: number;
  readonly body: Uint8Array;
}

/** One log a partition: a service lives in one partition, as in a topic that is keyed by service. */
function logs(services: number, batch_size: number, run: string): Batch[][] {
  const start_ms = Date.now() - 300_000;
  const lines: string[][] = Array.from({ length: PARTITIONS }, () => []);
  for (let i = 0; i < EVENTS; i += 1) {
    const service = i % services;
    const own = lines[service % PARTITIONS]!;
    const at_ms = start_ms + Math.floor((i / EVENTS) * 240_000);
    const endpoint = `/api/v1/resource-${(i * 7) % ENDPOINTS}`;
    const latency_ms = 20 + ((i * 7919) % 400);
    const status_code = i % 97 === 0 ? 500 : 200;
    const event = JSON.stringify({
      event_time: new Date(at_ms).toISOString(),
      service: `${run}-${service}`,
      endpoint,
      latency_ms,
      status_code,
    });
    own.push(`{"offset":${own.length},"timestamp":${at_ms},"event":${event}}`);
  }
  return lines.map((own) => {
    const batches: Batch[] = [];
    for (let first = 0; first < own.length; first += batch_size) {
      const piece = own.slice(first, first + batch_size);
      batches.push({ first, last: first + piece.length - 1, body: new TextEncoder().encode(piece.join("\n")) });
    }
    return batches;
  });
}

/** Sends each partition's batches in order, one at a time, all partitions at once, as the bridge does. */
async function send(url: string, topic: string, partitions: readonly Batch[][]): Promise<number> {
  let accepted = 0;
  const began = performance.now();
  await Promise.all(
    partitions.map(async (batches, partition) => {
      for (const { first, last, body } of batches) {
        const response = await fetch(`${url}/v1/ingest`, {
          method: "POST",
          body,
          headers: {
            Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`,
            "Content-Type": "application/x-ndjson",
            "Faultline-Source": "bench",
            "Faultline-Topic": topic,
            "Faultline-Partition": String(partition),
            "Faultline-First-Offset": String(first),
            "Faultline-Last-Offset": String(last),
          },
        });
        const answer: { accepted?: number } = await response.json();
        if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
        accepted += answer.accepted ?? 0;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  if (accepted !== EVENTS) throw new Error(`${accepted} of ${EVENTS} events were accepted`);
  return EVENTS / seconds;
}

/** The fixed reference of the same run: JSON.parse of every line on one core. */
function reference(partitions: readonly Batch[][]): { readonly events_per_s: number; readonly cpu_us: number } {
  const decoder = new TextDecoder();
  const [began, used] = [performance.now(), process.cpuUsage()];
  let parsed = 0;
  for (const { body } of partitions.flat()) {
    for (const line of decoder.decode(body).split("\n")) {
      const { event }: { event: { latency_ms: number } } = JSON.parse(line);
      if (event.latency_ms >= 0) parsed += 1;
    }
  }
  const { user, system } = process.cpuUsage(used);
  return { events_per_s: parsed / ((performance.now() - began) / 1000), cpu_us: (user + system) / parsed };
}

/** CPU of the Workers runtime (its proxy and the Worker with its objects) for one event, us. */
function runtimeCpu(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): number {
  return (((after["workerd"] ?? 0) - (before["workerd"] ?? 0)) * 1e6) / EVENTS;
}

const server = new FaultlineServer();
await server.start();
try {
  const live = new WebSocket(`${server.url.replace("http", "ws")}/v1/live`, {
    protocols: ["faultline.v1"],
    headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` },
  } as unknown as string[]);
  await new Promise((resolve, reject) => {
    live.addEventListener("open", resolve);
    live.addEventListener("error", reject);
  });
  for (const services of [3, 50]) {
    for (const batch of [1000, 5000]) {
      const run = `s${services}b${batch}`;
      const partitions = logs(services, batch, run);
      const parse = reference(partitions);
      const reference_events_per_s = Math.round(parse.events_per_s);
      const cpu_before = cpuOf(server.pid);
      const events_per_s = Math.round(await send(server.url, run, partitions));
      const ratio = Math.round((events_per_s / reference_events_per_s) * 1000) / 1000;
      const cpu_us = runtimeCpu(cpu_before, cpuOf(server.pid));
      console.log(
        JSON.stringify({
          bench: "ingest",
          services,
          batch,
          partitions: PARTITIONS,
          events: EVENTS,
          events_per_s,
          reference_events_per_s,
          ratio,
          // Of the runtime for each event, and as a multiple of what JSON.parse takes: both hold on a machine that is shared.
          cpu_us: Math.round(cpu_us * 100) / 100,
          cpu_ratio: Math.round((cpu_us / parse.cpu_us) * 100) / 100,
          memory_mb: memoryOf(server.pid),
        }),
      );
    }
  }
  live.close();
} finally {
  await server.stop();
}
