/** Events a second of a replay with detection, against JSON.parse of each line in the same run. */
// The machine's speed cancels out in `times_reference`. A replay costs something an event, and something a second and service,
// which detection judges one by one: hence the different rates.
import { NEWLINE } from "../domain/ascii.ts";
import { Replay } from "../domain/replay.ts";
import { defaultSettings } from "../domain/settings.ts";

const EVENTS = 400_000;
const ROUNDS = 5;
/** As `faultline replay` reads a file. */
const CHUNK_BYTES = 1024 * 1024;
const START_MS = Date.UTC(2026, 10, 24, 10, 0, 0);
const ENDPOINTS = ["/cart/pay", "/cart/view", "/orders/new", "/orders/list", "/users/me", "/health"];

interface Shape {
  readonly services: number;
  /** Of each service. */
  readonly requests_per_s: number;
}

const SHAPES: readonly Shape[] = [
  { services: 1, requests_per_s: 1_000 },
  { services: 3, requests_per_s: 1_000 },
  { services: 3, requests_per_s: 100 },
  { services: 50, requests_per_s: 100 },
  { services: 3, requests_per_s: 10 },
  { services: 50, requests_per_s: 1 },
];

/** A stream in chunks of whole lines: up to 1.5 s out of order, 1 % errors, latencies as different as real ones. */
function chunksOf(shape: Shape): Uint8Array[] {
  const step_ms = 1000 / (shape.services * shape.requests_per_s);
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = Array.from({ length: EVENTS }, (_, i) => {
    const time = new Date(Math.floor(START_MS + i * step_ms - next() * 1500)).toISOString();
    const fields = `"event_time":"${time}","service":"service-${i % shape.services}"`;
    const endpoint = ENDPOINTS[Math.floor(next() * ENDPOINTS.length)]!;
    const latency_ms = Math.floor(40 + 400 * next() * next());
    return `{${fields},"endpoint":"${endpoint}","latency_ms":${latency_ms},"status_code":${next() < 0.01 ? 503 : 200}}\n`;
  });
  const bytes = new TextEncoder().encode(lines.join(""));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + CHUNK_BYTES >= bytes.length ? bytes.length : bytes.lastIndexOf(NEWLINE, at + CHUNK_BYTES) + 1;
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

function replayed(chunks: readonly Uint8Array[]): number {
  const replay = new Replay({ settingsOf: defaultSettings, emit: (line) => void JSON.stringify(line) });
  for (const chunk of chunks) replay.push(chunk);
  return replay.finish().events;
}

function parsed(chunks: readonly Uint8Array[]): number {
  let events = 0;
  for (const chunk of chunks) {
    for (const line of new TextDecoder().decode(chunk).split("\n")) {
      if (line === "") continue;
      const event: unknown = JSON.parse(line);
      events += typeof event === "object" ? 1 : 0;
    }
  }
  return events;
}

/** CPU time of this process, all its threads, ns an event: waiting for others on the machine does not count. */
function nsPerEvent(read: (chunks: readonly Uint8Array[]) => number, chunks: readonly Uint8Array[]): number {
  const start = process.cpuUsage();
  if (read(chunks) !== EVENTS) throw new Error("a stream of valid events was not read whole");
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1_000) / EVENTS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

for (const shape of SHAPES) {
  const chunks = chunksOf(shape);
  // The two take turns, so that a change of the machine's speed meets both.
  const rounds = Array.from(
    { length: ROUNDS },
    () => [nsPerEvent(parsed, chunks), nsPerEvent(replayed, chunks)] as const,
  );
  const reference_ns = median(rounds.map(([reference]) => reference));
  const replay_ns = median(rounds.map(([, replay]) => replay));
  const figures = {
    bench: "replay",
    ...shape,
    events: EVENTS,
    replay_events_per_s: Math.round(1e9 / replay_ns),
    json_parse_events_per_s: Math.round(1e9 / reference_ns),
    times_reference: Number((replay_ns / reference_ns).toFixed(2)),
  };
  console.log(JSON.stringify(figures));
}
