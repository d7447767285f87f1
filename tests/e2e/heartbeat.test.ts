/**
 * The dead man's switch of a running server: somebody else's address is asked for while the whole pipeline works, and no longer once
 * its events do not come. A look is taken each minute, so that this lasts two.
 */
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { HeartbeatStatus, PipelineItem } from "../../domain/pipeline.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { HttpReceiver, type ReceivedRequest } from "./http-receiver.ts";

const EVERY_MS = 60_000;
/** Until the next look, and what a busy machine adds. */
const LOOK = { timeout: EVERY_MS + 30_000, interval: 250 };
const BEAT_MS = 5_000;

class Watchman extends HttpReceiver {
  readonly heard: ReceivedRequest[] = [];

  protected override answer(request: ReceivedRequest, response: ServerResponse): void {
    this.heard.push(request);
    response.writeHead(200).end("OK");
  }
}

const watchman = new Watchman();
let server: FaultlineServer;
const ended = new AbortController();
let beating: Promise<void> | undefined;

beforeAll(async () => {
  await watchman.start();
  server = new FaultlineServer({ HEARTBEAT_URL: watchman.url("/ping/e2e"), ALLOWED_TARGETS: "127.0.0.1" });
  await server.start();
});

afterAll(async () => {
  ended.abort();
  await beating;
  await server.stop();
  await watchman.stop();
});

/** As a bridge tells that it is there, and that nothing waits. */
async function beat(): Promise<void> {
  const response = await fetch(`${server.url}/v1/bridge/heartbeat`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify({ source: "default", instance: "e2e", lag: 0 }),
  });
  expect(response.status).toBe(204);
}

/** Beats until the file ends, so that none is on its way to a server that stops. */
async function keepBeating(): Promise<void> {
  while (!ended.signal.aborted) {
    await beat();
    await delay(BEAT_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
}

async function status(): Promise<HeartbeatStatus> {
  const { fleet } = await server.get<PipelineItem>("/v1/pipeline");
  return fleet!.heartbeat!;
}

/** What the server says of itself. */
async function check(): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const { checks } = await server.get<{ checks: { heartbeat: { ok: boolean; detail: string } } }>("/ready?verbose");
  return checks.heartbeat;
}

vi.setConfig({ testTimeout: LOOK.timeout + 10_000 });

test("is asked for as soon as a server runs, by a plain GET", async () => {
  await beat();
  await expect.poll(() => watchman.heard.length, LOOK).toBe(1);
  expect(watchman.heard[0]).toMatchObject({ method: "GET", path: "/ping/e2e", headers: { "user-agent": "Faultline" } });
  await expect.poll(status).toMatchObject({ sent_at: expect.any(String), reason: null });
});

test("is not asked for at the next look, a minute later, when the bridge is silent", async () => {
  const before = await status();
  await expect.poll(async () => (await status()).at, LOOK).not.toBe(before.at);
  const { sent_at, reason } = await status();
  expect(reason).toBe("events of the source default do not come: its bridge is silent or falls behind");
  expect(sent_at).toBe(before.sent_at);
  expect(watchman.heard).toHaveLength(1);
  expect(await check()).toMatchObject({ ok: false, detail: expect.stringContaining(reason!) });
});

test("is asked for again at the look after the bridge is back", async () => {
  beating = keepBeating();
  await expect.poll(() => watchman.heard.length, LOOK).toBe(2);
  const [first, second] = watchman.heard;
  expect(second!.at_ms - first!.at_ms).toBeGreaterThan(2 * EVERY_MS - 1_000);
  await expect.poll(status).toMatchObject({ reason: null });
  expect(await check()).toMatchObject({ ok: true });
});
