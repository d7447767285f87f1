/** The Fleet in the real Workers runtime: sockets that hibernate, alarms that ring, and storage that outlives the object. */
import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { FleetMessage } from "../domain/message.ts";
import { CLOSE_SESSION_ENDED, LIVE_SUBPROTOCOL, PING, PONG } from "../domain/message.ts";
import { incidentOf, reportOf } from "../tests/fleet-harness.ts";
import { countsOf } from "../tests/pipeline-item.ts";

let fleet = env.FLEET.getByName("fleet");

beforeEach(async () => {
  await reset();
  fleet = env.FLEET.getByName("fleet");
});

/** The clients' ends of this test's sockets. */
const opened: WebSocket[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const socket of opened.splice(0)) socket.close();
});

/** A client's end of a socket, with what it was sent so far. */
class Client {
  readonly messages: (FleetMessage | string)[] = [];
  close_code: number | null = null;
  #woken = Promise.withResolvers<void>();

  constructor(socket: WebSocket) {
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      this.messages.push(text.startsWith("{") ? (JSON.parse(text) as FleetMessage) : text);
      this.#wake();
    });
    socket.addEventListener("close", ({ code }) => {
      this.close_code = code;
      this.#wake();
    });
    socket.accept();
  }

  /** Waits until what came so far satisfies `done`; the test's own timeout ends a wait in vain. */
  async until(done: (client: Client) => boolean): Promise<void> {
    while (!done(this)) await this.#woken.promise;
  }

  #wake(): void {
    this.#woken.resolve();
    this.#woken = Promise.withResolvers<void>();
  }
}

async function connect(query = ""): Promise<{ client: Client; socket: WebSocket; response: Response }> {
  const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": LIVE_SUBPROTOCOL };
  const response = await fleet.fetch(`https://object/live${query}`, { headers });
  const socket = response.webSocket!;
  opened.push(socket);
  return { client: new Client(socket), socket, response };
}

function types(client: Client): string[] {
  return client.messages.map((message) => (typeof message === "string" ? message : message.type));
}

describe("a socket of the fleet", () => {
  test("echoes the subprotocol and starts with the snapshot", async () => {
    await fleet.admit({ services: ["checkout"], position: null });
    const { client, response } = await connect();
    await client.until(({ messages }) => messages.length > 0);
    expect(response.status).toBe(101);
    expect(response.headers.get("Sec-WebSocket-Protocol")).toBe(LIVE_SUBPROTOCOL);
    expect(client.messages).toMatchObject([
      { type: "snapshot", seq: 0, reset: false, services: [{ service: "checkout" }] },
    ]);
  });

  test("hears ticks and incidents after the object was evicted and woke again", async () => {
    await fleet.admit({ services: ["checkout"], position: null });
    const { client } = await connect();
    await client.until(({ messages }) => messages.length > 0);
    await evictDurableObject(fleet);
    await fleet.report([reportOf("checkout", { request_rate: 42 })]);
    await fleet.incidents([{ service: "checkout", seq: 1, action: "opened", incident: incidentOf("checkout") }]);
    await client.until((heard) => types(heard).includes("tick") && types(heard).includes("incident"));
    expect(client.messages).toContainEqual(expect.objectContaining({ type: "incident", seq: 1, action: "opened" }));
    expect(client.messages).toContainEqual(
      expect.objectContaining({ type: "tick", services: [expect.objectContaining({ request_rate: 42 })] }),
    );
  });

  test("keeps its smallest severity through an eviction", async () => {
    const { client } = await connect("?min_severity=critical");
    await evictDurableObject(fleet);
    await fleet.incidents([
      { service: "a", seq: 1, action: "opened", incident: incidentOf("a", { severity: "high" }) },
      { service: "b", seq: 1, action: "opened", incident: incidentOf("b", { severity: "critical" }) },
    ]);
    await client.until((heard) => types(heard).includes("incident"));
    expect(client.messages.slice(1)).toMatchObject([{ seq: 2, incident: { service: "b" } }]);
  });

  test("is answered a ping without the object", async () => {
    const { client, socket } = await connect();
    await evictDurableObject(fleet);
    socket.send(PING);
    await client.until(({ messages }) => messages.includes(PONG));
    // A request wakes the object anew; before it there was none to count the message.
    const seen = await runInDurableObject(fleet, (_, state) =>
      state.getWebSockets().map((server) => state.getWebSocketAutoResponseTimestamp(server)),
    );
    expect(seen).toEqual([expect.any(Date)]);
  });

  test("is closed for a message that is no ping", async () => {
    const { client, socket } = await connect();
    socket.send("hello");
    await client.until(({ close_code }) => close_code !== null);
    expect(client.close_code).toBe(1003);
  });

  test("hears what it missed when it connects again with the last number it has", async () => {
    const event = (seq: number) =>
      ({ service: "a", seq, action: "updated", incident: incidentOf("a", { revision: seq }) }) as const;
    await fleet.incidents([event(1), event(2), event(3)]);
    await evictDurableObject(fleet);
    const { client } = await connect("?after=1");
    await client.until(({ messages }) => messages.length === 3);
    expect(client.messages).toMatchObject([{ type: "snapshot", seq: 3, reset: false }, { seq: 2 }, { seq: 3 }]);
  });

  test("is closed with 4401 when its session ends, others stay", async () => {
    const ends_ms = Date.now() + 60_000;
    const ending = await connect(`?expires_at=${ends_ms}`);
    const lasting = await connect();
    await evictDurableObject(fleet);
    vi.useFakeTimers({ toFake: ["Date"], now: ends_ms });
    expect(await runDurableObjectAlarm(fleet)).toBe(true);
    await ending.client.until(({ close_code }) => close_code !== null);
    expect(ending.client.close_code).toBe(CLOSE_SESSION_ENDED);
    lasting.socket.send(PING);
    await lasting.client.until(({ messages }) => messages.includes(PONG));
    expect(lasting.client.close_code).toBeNull();
  });
});

describe("the alarm", () => {
  async function alarmAt(): Promise<number | null> {
    return runInDurableObject(fleet, (_, state) => state.storage.getAlarm());
  }

  test("is set while a socket is open, and no more once the last one has closed", async () => {
    await fleet.admit({ services: ["checkout"], position: null });
    expect(await alarmAt()).toBeNull();
    const { client, socket } = await connect();
    const set_ms = await alarmAt();
    expect(set_ms! - Date.now()).toBeGreaterThan(18_000);
    expect(set_ms! - Date.now()).toBeLessThanOrEqual(20_000);
    expect(await runDurableObjectAlarm(fleet)).toBe(true);
    expect(await alarmAt()).not.toBeNull();
    socket.close(1000, "done");
    await client.until(({ close_code }) => close_code !== null);
    expect(await runDurableObjectAlarm(fleet)).toBe(true);
    expect(await alarmAt()).toBeNull();
    expect(await runDurableObjectAlarm(fleet)).toBe(false);
  });

  test("prunes what is old, and leaves none", async () => {
    await fleet.claimKey("key", "body");
    await fleet.mintCode("viewer");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 72 * 3_600_000 });
    while (await runDurableObjectAlarm(fleet));
    const left = await runInDurableObject(fleet, (_, state) => [
      ...state.storage.sql.exec(
        "SELECT key_hash AS hash FROM idempotency_keys UNION ALL SELECT code_hash FROM session_codes",
      ),
    ]);
    expect(left).toEqual([]);
    expect(await alarmAt()).toBeNull();
  });
});

describe("the pipeline's readings", () => {
  test("are taken by the alarm at a minute's end, and outlive the object", async () => {
    const minute_ms = Math.floor(Date.now() / 60_000) * 60_000;
    vi.useFakeTimers({ toFake: ["Date"], now: minute_ms + 5_000 });
    await fleet.heartbeat({ source: "default", instance: "bridge-1", lag: 7 });
    await fleet.tellIngest(countsOf({ accepted: 12, rejected: { future: 2 } }));
    // What was refused is there though the object was put to sleep in mid-minute.
    await evictDurableObject(fleet);
    expect((await fleet.pipeline()).readings).toMatchObject({ newest: null, running: { rejected: { future: 2 } } });
    expect(await runInDurableObject(fleet, (_, state) => state.storage.getAlarm())).toBe(minute_ms + 60_000);
    vi.setSystemTime(minute_ms + 60_000);
    expect(await runDurableObjectAlarm(fleet)).toBe(true);
    const minute = new Date(minute_ms).toISOString();
    await vi.waitFor(async () => expect((await fleet.pipeline()).readings.newest).toBe(minute));
    await evictDurableObject(fleet);
    expect(await fleet.readings(minute_ms)).toMatchObject([{ minute, accepted: 12, rejected: { future: 2 }, lag: 7 }]);
    expect(await fleet.readings(minute_ms + 1)).toEqual([]);
  });
});

test.each([
  ["a report", () => fleet.report([reportOf("checkout")]), true],
  ["what waits in a topic", () => fleet.heartbeat({ source: "default", instance: "bridge-1", lag: 1 }), true],
  ["a bridge at rest", () => fleet.heartbeat({ source: "default", instance: "bridge-1", lag: 0 }), false],
  ["whoever looks", () => fleet.pipeline(), false],
])("whether a minute is read because of %s", async (_what, call, isDue) => {
  await call();
  const alarm_ms = await runInDurableObject(fleet, (_, state) => state.storage.getAlarm());
  expect(alarm_ms !== null).toBe(isDue);
});

describe("storage", () => {
  test("brings registry, refusals, heartbeats and codes back after an eviction", async () => {
    const position = { source: "default", topic: "raw_events", partition: 0, first_offset: 0, last_offset: 9 };
    await fleet.admit({ services: ["checkout"], position });
    await fleet.quarantine("checkout", true);
    await fleet.refuse("checkout", position);
    await fleet.quarantine("checkout", false);
    await fleet.heartbeat({ source: "default", instance: "bridge-1", lag: 3 });
    const { code } = await fleet.mintCode("admin");
    await evictDurableObject(fleet);
    expect(await fleet.admit({ services: ["checkout"], position })).toEqual([
      { service: "checkout", status: "admitted", refusals: [{ ...position, reason: "quarantined" }] },
    ]);
    expect(await fleet.bridges()).toMatchObject([{ instance: "bridge-1", lag: 3 }]);
    expect(await fleet.redeemCode(code)).toBe("admin");
    expect(await fleet.redeemCode(code)).toBeNull();
  });
});
