/** CPU a line of the ingest scanner, against JSON.parse of each line in the same run. */
// One JSON line a case; the machine's speed cancels out in `times_reference`.
import { scanBatch } from "../domain/ingest-scanner.ts";

const BATCH_LINES = 5_000;
const ROUNDS = 9;
const BATCHES_A_ROUND = 20;
const RECORD_MS = Date.UTC(2026, 10, 24, 10, 0, 0);
const ENDPOINTS = 12;

interface Shape {
  readonly name: string;
  readonly services: number;
  readonly endpointOf: (i: number) => string;
  readonly extra: string;
}

const plainEndpoint = (i: number): string => `/cart/step-${"abcdefghijkl"[i % ENDPOINTS]!}`;
const SHAPES: readonly Shape[] = [
  { name: "3 services", services: 3, endpointOf: plainEndpoint, extra: "" },
  { name: "50 services", services: 50, endpointOf: plainEndpoint, extra: "" },
  {
    name: "3 services, an id in each endpoint",
    services: 3,
    endpointOf: (i) => `/users/${i * 7919}/orders`,
    extra: "",
  },
  {
    name: "3 services, caller, version and an unknown field",
    services: 3,
    endpointOf: plainEndpoint,
    extra: ',"caller":"web","version":"1.2.3","zone":"eu-1"',
  },
  {
    name: "3 services, an escape in each event (slow path)",
    services: 3,
    endpointOf: plainEndpoint,
    extra: ',"note":"a\\nb"',
  },
];

function body(shape: Shape): Uint8Array {
  const lines = Array.from({ length: BATCH_LINES }, (_, i) => {
    const time = new Date(RECORD_MS + i * 3).toISOString();
    const service = `service-${i % shape.services}`;
    const fields = `"event_time":"${time}","service":"${service}","endpoint":"${shape.endpointOf(i)}"`;
    const event = `{${fields},"latency_ms":${(i * 37) % 900},"status_code":${i % 50 === 0 ? 503 : 200}${shape.extra}}`;
    return `{"offset":${i},"timestamp":${RECORD_MS + i * 3 + 40},"event":${event}}\n`;
  });
  return new TextEncoder().encode(lines.join(""));
}

function scan(bytes: Uint8Array): number {
  const batch = scanBatch(bytes, { framing: { first_offset: 0, last_offset: BATCH_LINES - 1 }, clock_ms: RECORD_MS });
  return batch.ok ? batch.columns.length : 0;
}

function parseLines(bytes: Uint8Array): number {
  let events = 0;
  for (const line of new TextDecoder().decode(bytes).split("\n")) {
    if (line !== "") {
      const parsed: unknown = JSON.parse(line);
      events += typeof parsed === "object" ? 1 : 0;
    }
  }
  return events;
}

/** CPU time of this process, ns an event: waiting for others on the machine does not count. */
function nsPerEvent(read: (bytes: Uint8Array) => number, bytes: Uint8Array): number {
  const start = process.cpuUsage();
  for (let i = 0; i < BATCHES_A_ROUND; i += 1) {
    if (read(bytes) !== BATCH_LINES) {
      throw new Error("a batch of valid events was not read whole");
    }
  }
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1_000) / (BATCHES_A_ROUND * BATCH_LINES);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

for (const shape of SHAPES) {
  const bytes = body(shape);
  // The two take turns, so that a change of the machine's speed meets both.
  const rounds = Array.from(
    { length: ROUNDS },
    () => [nsPerEvent(parseLines, bytes), nsPerEvent(scan, bytes)] as const,
  );
  const reference_ns = median(rounds.map(([reference]) => reference));
  const scanner_ns = median(rounds.map(([, scanner]) => scanner));
  const figures = {
    bench: "ingest-scanner",
    shape: shape.name,
    batch_lines: BATCH_LINES,
    bytes_per_event: Math.round(bytes.length / BATCH_LINES),
    scanner_ns_per_event: Math.round(scanner_ns),
    json_parse_ns_per_event: Math.round(reference_ns),
    times_reference: Number((scanner_ns / reference_ns).toFixed(3)),
  };
  console.log(JSON.stringify(figures));
}
