/** 1,000 events/s for 60 s over HTTP: errors, memory, and how long after an event a WebSocket client hears of it. */
import { NO_FAULTS } from "../generator/fault.ts";
import { servicesOf } from "../generator/services.ts";
import { timedEventsBetween } from "../generator/stream.ts";
import { FaultlineServer, TOKENS } from "../tests/e2e/faultline-server.ts";
import { memoryOf } from "./support/process-memory.ts";
import { quantileOf } from "./support/quantile.ts";

const RATE = 1000;
const DURATION_S = Number(process.argv[2] ?? 60);
const FLUSH_MS = 100;
const SERVICES = servicesOf(3);

/** Event times of a service that were sent and not heard of yet, ascending. */
const waiting = new Map<string, number[]>(SERVICES.map(({ service }) => [service, []]));
const delays_ms: number[] = [];
let failed = 0;
let ticks = 0;

function hear(service: string, newest_event_time: number): void {
  ticks += 1;
  const list = waiting.get(service)!;
  let heard = 0;
  while (heard < list.length && list[heard]! <= newest_event_time) {
    delays_ms.push(Date.now() - list[heard]!);
    heard += 1;
  }
  list.splice(0, heard);
}

async function listen(server: FaultlineServer, service: string): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/services/${service}/live`, {
    protocols: ["faultline.v1"],
    headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` },
  } as unknown as string[]);
  socket.addEventListener("message", ({ data }) => {
    const message: { type: string; newest_event_time: number } = JSON.parse(String(data));
    if (message.type === "tick") hear(service, message.newest_event_time);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return socket;
}

async function post(server: FaultlineServer, lines: readonly string[]): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`, "Content-Type": "application/x-ndjson" };
  const response = await fetch(`${server.url}/v1/ingest`, { method: "POST", headers, body: lines.join("\n") });
  const answer: { accepted?: number } = await response.json();
  if (response.status !== 200 || answer.accepted !== lines.length) failed += lines.length;
}

const server = new FaultlineServer();
await server.start();
try {
  const options = { seed: 1, services: SERVICES, rate: RATE, faults: NO_FAULTS };
  // The services must exist before one can listen to them.
  let from_ms = Date.now() - 1000;
  const first = [...timedEventsBetween(options, from_ms, Date.now())];
  await post(
    server,
    first.map(({ event }) => JSON.stringify(event)),
  );
  const sockets = await Promise.all(SERVICES.map(({ service }) => listen(server, service)));
  from_ms = Date.now();
  const end_ms = from_ms + DURATION_S * 1000;
  const memory: Readonly<Record<string, number>>[] = [memoryOf(server.pid)];
  let sampled_ms = from_ms;
  let sent = 0;
  while (from_ms < end_ms) {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    const to_ms = Date.now();
    const events = [...timedEventsBetween(options, from_ms, to_ms)];
    from_ms = to_ms;
    for (const { at_ms, event } of events) waiting.get(event.service)!.push(at_ms);
    sent += events.length;
    await post(
      server,
      events.map(({ event }) => JSON.stringify(event)),
    );
    if (to_ms - sampled_ms >= 10_000) {
      memory.push(memoryOf(server.pid));
      sampled_ms = to_ms;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const sorted = delays_ms.toSorted((a, b) => a - b);
  const tick_ms = { p50: quantileOf(sorted, 0.5), p99: quantileOf(sorted, 0.99), max: sorted.at(-1) };
  console.log(
    JSON.stringify({
      bench: "live",
      rate: RATE,
      seconds: DURATION_S,
      sent,
      failed,
      heard: sorted.length,
      ticks,
      tick_ms,
      memory_mb: memory,
    }),
  );
  for (const socket of sockets) socket.close();
} finally {
  await server.stop();
}
