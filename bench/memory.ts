/** Memory of the local runtime by requests answered: small Workers that do ever more, then Faultline itself. */
import { parseArgs } from "node:util";
import { NO_FAULTS } from "../generator/fault.ts";
import { servicesOf } from "../generator/services.ts";
import { eventsBetween } from "../generator/stream.ts";
import { FaultlineServer, TOKENS } from "../tests/e2e/faultline-server.ts";
import { type Host, type MeasuredServer, startStandIn, v8Flags, type Work, WORK } from "./memory/stand-in.ts";
import { memoryOf } from "./support/process-memory.ts";

const HELP = `Usage: npm run bench -- memory [--requests N] [--only NAME]

  --requests N  posted to each server, one after the other (20000)
  --only NAME   faultline, or host and work as in "runtime nothing", "wrangler d1"

MINIFLARE_WORKERD_V8_FLAGS= (empty) measures without the flags that npm start gives the runtime.
`;

/** Events of a request: 0.1 s at 100 events/s. */
const SPAN_MS = 100;
const EVENTS_PER_S = 100;
const SAMPLES = 20;

type Start = () => Promise<MeasuredServer>;

async function startFaultline(): Promise<MeasuredServer> {
  const server = new FaultlineServer();
  await server.start();
  return { url: `${server.url}/v1/ingest`, pid: server.pid, stop: () => server.stop() };
}

function servers(): ReadonlyMap<string, Start> {
  const standIns = (host: Host, works: readonly Work[]): [string, Start][] =>
    works.map((work) => [`${host} ${work}`, () => startStandIn(host, work)]);
  return new Map([
    // D1 is a Worker of wrangler's own: the runtime alone has none.
    ...standIns("runtime", WORK.slice(0, -1)),
    ...standIns("wrangler", WORK),
    ["faultline", startFaultline],
  ]);
}

/** Posts `requests` batches of events whose time goes on by `SPAN_MS` each, and samples resident memory on the way. */
async function measure(name: string, start: Start, requests: number): Promise<void> {
  const server = await start();
  try {
    const began = performance.now();
    const resident_mb: Record<number, number> = { 0: memoryOf(server.pid)["workerd"] ?? 0 };
    const options = { seed: 1, services: servicesOf(3), rate: EVENTS_PER_S, faults: NO_FAULTS };
    const begin_ms = Date.now() - requests * SPAN_MS;
    for (let sent = 0; sent < requests;) {
      const from_ms = begin_ms + sent * SPAN_MS;
      const events = [...eventsBetween(options, from_ms, from_ms + SPAN_MS)];
      const answer = await fetch(server.url, {
        method: "POST",
        headers: { Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`, "Content-Type": "application/x-ndjson" },
        body: events.map((event) => JSON.stringify(event)).join("\n"),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${name} answered ${answer.status}: ${text}`);
      sent += 1;
      if (sent % Math.ceil(requests / SAMPLES) === 0) resident_mb[sent] = memoryOf(server.pid)["workerd"] ?? 0;
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(JSON.stringify({ bench: "memory", server: name, v8_flags: v8Flags(), requests, seconds, resident_mb }));
  } finally {
    await server.stop();
  }
}

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const wanted = [...servers()].filter(([name]) => values.only === undefined || values.only === name);
if (values.help || wanted.length === 0 || !/^[1-9]\d{0,6}$/.test(values.requests)) {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else for (const [name, start] of wanted) await measure(name, start, Number(values.requests));
