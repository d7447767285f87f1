/** From a fault to who has to know: a real server, real requests, and receivers that fail in every way. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Delivery } from "../../domain/delivery.ts";
import { LIVE_SUBPROTOCOL, type ServiceMessage } from "../../domain/message.ts";
import type { Page } from "../../domain/resource.ts";
import type { SubscriptionItem } from "../../domain/subscription.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { type ServiceProfile, servicesOf } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { until } from "./process-group.ts";
import { RECEIVERS_HERE, subscribe } from "./subscribe.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";

const GROUP_WAIT_MS = 5_000;
const ON_TOP_MS = 2_000;

const receiver = new WebhookReceiver();
const server = new FaultlineServer(RECEIVERS_HERE);
const profiles = servicesOf(2);

beforeAll(async () => {
  await receiver.start();
  await server.start();
  await ingest(server, eventsOf(-630_000, -30_000));
});

afterAll(async () => {
  await server.stop();
  await receiver.stop();
});

let origin_ms = 0;

/** Ten minutes of health up to half a minute ago, when one endpoint of each service begins to fail; from and to: before now (ms). */
function eventsOf(from_ms: number, to_ms: number, services: readonly ServiceProfile[] = profiles) {
  if (origin_ms === 0) origin_ms = Date.now() + from_ms;
  const now_ms = origin_ms + 630_000;
  const fault = { kind: "errors", share: 0.9, from_ms: now_ms - 30_000, to_ms: Infinity } as const;
  const faults = scheduleOf(
    services.map(({ service, endpoints }) => ({ ...fault, service, endpoint: endpoints[0]!.endpoint })),
  );
  const stream: StreamOptions = { seed: 1, services, rate: 20 * services.length, faults, origin_ms };
  return [...eventsBetween(stream, now_ms + from_ms, now_ms + to_ms)];
}

/** Resolves to when a service's own socket told that its incident opened. */
async function openingOf(service: string): Promise<{ readonly opened: Promise<number>; readonly close: () => void }> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/services/${service}/live`, {
    protocols: [LIVE_SUBPROTOCOL],
    headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` },
  } as unknown as string[]);
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as ServiceMessage;
    if (message.type === "incident" && message.action === "opened") resolve(performance.now());
  });
  await until("a service's socket", 20_000, () => (socket.readyState === WebSocket.OPEN ? true : undefined));
  return { opened: promise, close: () => socket.close() };
}

async function ledgerOf(incident_id: string): Promise<readonly Delivery[]> {
  const path = `/v1/incidents/${encodeURIComponent(incident_id)}/deliveries?limit=100`;
  return (await server.get<Page<Delivery>>(path)).items;
}

describe("receivers of one incident", () => {
  test("that answer 500, redirect, hang or are gone are tried again or disabled, and delay nobody else", async () => {
    const profile = profiles[0]!;
    const { service } = profile;
    const fails = (status: number, headers: Record<string, string> = {}) => {
      receiver.answers.set(`/${status}`, (response, attempt) =>
        attempt === 1 ? response.writeHead(status, headers).end("no") : response.writeHead(200).end("ok"),
      );
    };
    fails(500);
    fails(302, { location: receiver.url("/elsewhere") });
    fails(410);
    receiver.answers.set("/hang", (response, attempt) => void (attempt > 1 && response.writeHead(204).end()));
    const paths = ["/500", "/302", "/410", "/hang", "/good"];
    const items = new Map<string, SubscriptionItem>();
    for (const path of paths)
      items.set(path, await subscribe(server, receiver.url(path), { name: `to ${path}`, services: [service] }));
    const { opened, close } = await openingOf(service);

    await ingest(server, eventsOf(-30_000, 0, [profile]));

    const opened_ms = await opened;
    close();
    await until("the second attempts", 60_000, () =>
      ["/500", "/302", "/hang"].every((path) => receiver.at(path).length > 1) ? true : undefined,
    );
    // Whoever takes it has it in time, once.
    expect(receiver.at("/good")[0]!.at_ms - opened_ms).toBeLessThanOrEqual(GROUP_WAIT_MS + ON_TOP_MS);
    for (const path of paths) expect(new Set(receiver.at(path).map(({ id }) => id)).size, `at ${path}`).toBe(1);
    const waits = (path: string): number => receiver.at(path)[1]!.at_ms - receiver.at(path)[0]!.at_ms;
    for (const path of ["/500", "/302"]) expect(waits(path), `at ${path}`).toBeGreaterThan(4_900);
    expect(waits("/hang")).toBeGreaterThan(14_900);
    expect(receiver.at("/elsewhere")).toEqual([]);
    expect(receiver.breaches).toEqual([]);

    const [said] = receiver.at("/good")[0]!.says;
    const lines = await until("the ledger", 20_000, async () => {
      const found = (await ledgerOf(said!.split(" ")[0]!)).filter(({ change }) => change === "opened");
      return found.length === paths.length && found.every(({ status }) => status !== "waiting") ? found : undefined;
    });
    const became = paths.map((path) => {
      const { status, reason, attempts } = lines.find((line) => line.subscription_id === items.get(path)!.id)!;
      return `${path} ${status}${reason === null ? "" : ` ${reason}`} after ${attempts}`;
    });
    expect(became).toEqual([
      "/500 delivered after 2",
      "/302 delivered after 2",
      "/410 withheld disabled after 1",
      "/hang delivered after 2",
      "/good delivered after 1",
    ]);
    const { items: all } = await server.get<Page<SubscriptionItem>>("/v1/subscriptions");
    expect(all.find(({ id }) => id === items.get("/410")!.id)!.health).toMatchObject({ state: "disabled" });
  });
});

describe("a server that is killed while a message waits for its next attempt", () => {
  test("sends it once it runs again, under the same id", async () => {
    const profile = profiles[1]!;
    let isBack = false;
    receiver.answers.set("/killed", (response) => void response.writeHead(isBack ? 204 : 503).end());
    await subscribe(server, receiver.url("/killed"), { name: "through a crash", services: [profile.service] });

    await ingest(server, eventsOf(-30_000, 0, [profile]));
    await until("the first attempt", 30_000, () => (receiver.at("/killed").length > 0 ? true : undefined));
    await server.kill();
    isBack = true;
    const before = receiver.at("/killed").length;
    await server.start();
    await until("a further attempt", 60_000, () => (receiver.at("/killed").length > before ? true : undefined));

    expect(new Set(receiver.at("/killed").map(({ id }) => id)).size).toBe(1);
    const incident_id = receiver.at("/killed")[0]!.says[0]!.split(" ")[0]!;
    const line = await until("the ledger", 30_000, async () =>
      (await ledgerOf(incident_id)).find(({ status }) => status === "delivered"),
    );
    expect(line).toMatchObject({ change: "opened", subscription_name: "through a crash" });
    expect(receiver.breaches).toEqual([]);
  });
});
