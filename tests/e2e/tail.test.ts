/** `faultline tail` against a real Worker, through a proxy that breaks its connection off 50 times: each change is told once. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ROOT } from "../../cli/paths.ts";
import type { DurableEvent } from "../../domain/message.ts";
import { randomFor } from "../../generator/random.ts";
import { CuttingProxy } from "../cutting-proxy.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { until } from "./process-group.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const SEED = 4401;
const CUTS = 50;
const SERVICES = ["orders", "stock", "mail"];
/** Events of a service and second; at 100 % errors an incident opens within seconds, and without events nothing changes. */
const RATE = 20;

const server = new FaultlineServer();
let proxy: CuttingProxy;
let tail: ChildProcess | null = null;

beforeAll(async () => {
  await server.start();
  proxy = new CuttingProxy(server.url);
  await proxy.listen();
});
afterAll(async () => {
  tail?.kill("SIGKILL");
  await proxy.close();
  await server.stop();
});

/** Six hours ago, so that as many seconds as it takes can follow. */
let second = Math.floor(Date.now() / 1000) - 21_600;

/** The next second of every service, in which so many of `RATE` requests of each fail. */
async function send(failing: (service: string) => number): Promise<void> {
  second += 1;
  const events = SERVICES.flatMap((service) =>
    Array.from({ length: RATE }, (_, at) => ({
      event_time: new Date(second * 1000 + at * (1000 / RATE)).toISOString(),
      service,
      endpoint: "/pay",
      latency_ms: 20 + (at % 5),
      status_code: at < failing(service) ? 500 : 200,
    })),
  );
  const response = await fetch(`${server.url}/v1/ingest`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify(events),
  });
  expect(response.status).toBe(200);
}

/** All that the fleet's socket has ever told, asked for without any proxy. */
async function everything(): Promise<readonly DurableEvent[]> {
  const told: DurableEvent[] = [];
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/live?after=0`, {
    protocols: ["faultline.v1"],
    headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` },
  } as unknown as string[]);
  let newest: number | null = null;
  socket.addEventListener("message", ({ data }) => {
    const message: { type: string; seq: number } = JSON.parse(String(data));
    if (message.type === "snapshot") newest = message.seq;
    if (message.type === "incident" || message.type === "narrative") told.push(message as unknown as DurableEvent);
  });
  await until("all events", 20_000, () => (newest !== null && told.length >= newest ? true : undefined));
  socket.close();
  return told;
}

test(`a tail that loses its connection ${CUTS} times tells each incident and narrative event exactly once`, async () => {
  const random = randomFor(SEED);
  const said: string[] = [];
  const losses = (): number => said.filter((line) => line.includes("connection lost")).length;
  // Some end in the handshake or what it greets with, the others in the frame that comes at a drawn moment.
  proxy.budget = () => (losses() < CUTS && random.index(3) === 0 ? 1 + random.index(30_000) : null);
  await send(() => 0);
  const args = ["cli/faultline.mjs", "tail", "--json", "--after", "0", "--url", proxy.url];
  tail = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, VIEWER_TOKEN: TOKENS.VIEWER_TOKEN } });
  const lines: (DurableEvent | { readonly type: "snapshot" })[] = [];
  createInterface({ input: tail.stdout! }).on("line", (line) => lines.push(JSON.parse(line)));
  createInterface({ input: tail.stderr! }).on("line", (line) => said.push(line));

  // Each service fails for a quarter of a minute every six minutes, so that incidents open and end for as long as it takes.
  for (let at = 0; losses() < CUTS || at < 800; at += 1) {
    const failing = (service: string): number =>
      at > 60 && (at + SERVICES.indexOf(service) * 120) % 360 < 15 ? RATE : 0;
    if (losses() < CUTS && random.index(8) === 0) proxy.cutSoon(1 + random.index(3_000));
    await send(failing);
    if (tail.exitCode !== null) throw new Error(`the tail ended:\n${said.join("\n")}`);
  }
  const all = await until("the tail at the newest event", 120_000, async () => {
    const expected = await everything();
    const newest = lines.findLast((line) => line.type !== "snapshot");
    return newest !== undefined && "seq" in newest && newest.seq === expected.at(-1)!.seq ? expected : undefined;
  });
  tail.kill("SIGTERM");
  const [code] = await once(tail, "exit");
  expect(code).toBe(0);

  const events = lines.filter((line) => line.type !== "snapshot");
  expect(events).toEqual(all);
  expect(all.length).toBeGreaterThan(20);
  expect(all.some(({ type }) => type === "narrative")).toBe(true);
  expect(losses()).toBeGreaterThanOrEqual(CUTS);
  // The first snapshot alone: nothing was ever taken for lost.
  expect(lines.filter(({ type }) => type === "snapshot")).toHaveLength(1);
});
