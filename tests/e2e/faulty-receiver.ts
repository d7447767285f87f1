/**
 * A receiver of the bridge that keeps the contract (one high-water offset a partition, rejected events named at each delivery)
 * and does, in turn, every wrong thing that a server or a proxy on the way may do.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const LINE = /^\{"offset":(-?\d+),"timestamp":(-?\d+),"event":(.*)\}$/s;

/** More lines than this are answered with 413, as are bodies over the limit. */
const LINES_MAX = 400;
const BYTES_MAX = 400_000;

interface Line {
  readonly offset: number;
  readonly timestamp: number;
  readonly event: string;
}

interface Batch {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly lines: readonly Line[];
}

export interface FaultyReceiver {
  readonly url: string;
  /** The applied events of each partition, in the order in which they were applied. */
  readonly applied: ReadonlyMap<number, Line[]>;
  /** What broke the contract; empty where the bridge kept it. */
  readonly breaches: readonly string[];
  readonly heartbeats: readonly unknown[];
  /** How often each wrong thing was done. */
  readonly faults: ReadonlyMap<string, number>;
  close(): void;
}

type Fault = (apply: () => unknown, response: ServerResponse) => void;

/** Each is done to one request, then it is the next one's turn; every third request is treated well. */
const FAULTS: readonly (readonly [string, Fault])[] = [
  ["503", (_, response) => void response.writeHead(503).end()],
  ["302", (_, response) => void response.writeHead(302, { location: "/signed-out" }).end()],
  ["200 with HTML", (_, response) => void response.end("<html>sign in</html>")],
  ["200 with nothing", (_, response) => void response.end()],
  ["200 without accepted", (_, response) => void response.end('{"rejected":[]}')],
  ["401", (_, response) => void response.writeHead(401).end('{"detail":"no"}')],
  ["reset before", (_, response) => void response.destroy()],
  ["reset after it was applied", (apply, response) => void (apply(), response.destroy())],
  ["500 after it was applied", (apply, response) => void (apply(), response.writeHead(500).end())],
  [
    "cut in the middle",
    (apply, response) => {
      response.writeHead(200, { "content-length": "5000" });
      response.write(JSON.stringify(apply()).slice(0, 20), () => void response.destroy());
    },
  ],
  ["429", (_, response) => void response.writeHead(429).end()],
  ["204", (_, response) => void response.writeHead(204).end()],
];

export async function startFaultyReceiver(topic: string, source: string, token: string): Promise<FaultyReceiver> {
  const applied = new Map<number, Line[]>();
  const high = new Map<number, number>();
  const breaches: string[] = [];
  const heartbeats: unknown[] = [];
  const faults = new Map<string, number>();
  let requests = 0;

  const apply = (batch: Batch) => {
    const mark = high.get(batch.partition) ?? -1;
    const fresh = batch.lines.filter((line) => line.offset > mark);
    const valid = (line: Line) => line.offset >= 0 && isObject(line.event);
    const rejected = batch.lines.filter((line) => !valid(line)).map(rejection);
    const accepted = fresh.filter(valid);
    applied.set(batch.partition, [...(applied.get(batch.partition) ?? []), ...accepted]);
    if (batch.last > mark) high.set(batch.partition, batch.last);
    return { accepted: accepted.length, duplicates: batch.lines.length - fresh.length, late: 0, dropped: 0, rejected };
  };

  const ingest = (request: IncomingMessage, body: Buffer, response: ServerResponse) => {
    const batch = parse(request, body);
    breaches.push(...breachesOf(request, batch, { topic, source, token }));
    if (batch.lines.length > LINES_MAX || body.length > BYTES_MAX) {
      faults.set("413", (faults.get("413") ?? 0) + 1);
      response.writeHead(413).end();
      return;
    }
    requests += 1;
    const [name, fault] = FAULTS[Math.floor((requests * 2) / 3) % FAULTS.length] ?? ["none", undefined];
    if (requests % 3 === 0 || fault === undefined) {
      response.end(JSON.stringify(apply(batch)));
      return;
    }
    faults.set(name, (faults.get(name) ?? 0) + 1);
    fault(() => apply(batch), response);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      if (request.url === "/v1/ingest" && request.method === "POST") ingest(request, body, response);
      else if (request.url === "/v1/bridge/heartbeat") response.end(String(heartbeats.push(JSON.parse(String(body)))));
      else breaches.push(`${request.method} ${request.url}`);
    });
  });
  const url = await listen(server);
  return {
    url,
    applied,
    breaches,
    heartbeats,
    faults,
    close: () => (server.closeAllConnections(), void server.close()),
  };
}

function parse(request: IncomingMessage, body: Buffer): Batch {
  const header = (name: string) => Number(request.headers[`faultline-${name}`]);
  const lines = String(body)
    .split("\n")
    .map((line) => {
      const [, offset, timestamp, event] = LINE.exec(line) ?? [];
      return { offset: Number(offset), timestamp: Number(timestamp), event: event ?? "" };
    });
  return { partition: header("partition"), first: header("first-offset"), last: header("last-offset"), lines };
}

/** What the receiver would answer with 400, 401 or 422. */
function breachesOf(
  request: IncomingMessage,
  batch: Batch,
  expected: { readonly topic: string; readonly source: string; readonly token: string },
): string[] {
  const found: string[] = [];
  const { headers } = request;
  if (headers.authorization !== `Bearer ${expected.token}`) found.push("the token is wrong");
  if (headers["content-type"] !== "application/x-ndjson") found.push(`the content type is ${headers["content-type"]}`);
  if (headers["faultline-source"] !== expected.source) found.push("the source is wrong");
  if (headers["faultline-topic"] !== expected.topic) found.push("the topic is wrong");
  const offsets = batch.lines.map((line) => line.offset).filter((offset) => offset !== -1);
  const ascend = offsets.every((offset, at) => at === 0 || offset > (offsets[at - 1] ?? -1));
  const within = offsets.every((offset) => offset >= batch.first && offset <= batch.last);
  if (!ascend || !within)
    found.push(`partition ${batch.partition}: ${batch.first} to ${batch.last} does not hold ${offsets.join(" ")}`);
  return found;
}

function rejection({ offset, timestamp, event }: Line) {
  const bytes = Buffer.from(event);
  const reason = offset === -1 ? "reserved_header" : "invalid_json";
  return {
    offset,
    timestamp,
    reason,
    detail: `said of ${offset}`,
    value: bytes.toString("base64"),
    bytes: bytes.length,
  };
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    // What does not parse is what this is asked to tell.
    return false;
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
