/** The fleet over HTTP: its list, its socket, its bridges and the quarantine. */
import { reset, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { LIVE_SUBPROTOCOL } from "../domain/message.ts";
import { BEAT_PARTITIONS_MAX } from "../domain/resource.ts";

const ORIGIN = "https://faultline.example";
const VIEWER = { Authorization: "Bearer test-viewer-token" };
const INGEST = { Authorization: "Bearer test-ingest-token" };
const ADMIN = { Authorization: "Bearer test-admin-token" };
const UPGRADE = { Upgrade: "websocket", "Sec-WebSocket-Protocol": LIVE_SUBPROTOCOL };

beforeEach(() => reset());

function ask(path: string, headers: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, { headers, ...init }));
}

function post(path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
  return ask(path, headers, body === undefined ? { method: "POST" } : { method: "POST", body: JSON.stringify(body) });
}

async function admit(...services: string[]): Promise<void> {
  await env.FLEET.getByName("fleet").admit({ services, position: null });
}

describe("GET /v1/services", () => {
  test("lists the registry in pages", async () => {
    await admit("search", "checkout", "payments");
    const first = await (
      await ask("/v1/services?limit=2", VIEWER)
    ).json<{ items: { service: string }[]; next: string }>();
    const second = await (await ask(`/v1/services?limit=2&cursor=${first.next}`, VIEWER)).json();
    expect(first.items.map(({ service }) => service)).toEqual(["checkout", "payments"]);
    expect(second).toEqual({
      items: [
        expect.objectContaining({ service: "search", status: "healthy", first_seen_at: expect.stringMatching(/Z$/) }),
      ],
      next: null,
    });
  });

  test.each(["limit=0", "limit=1001", "limit=x", "limit=-1", "cursor=NO%20NAME"])("refuses ?%s", async (query) => {
    expect((await ask(`/v1/services?${query}`, VIEWER)).status).toBe(400);
  });
});

describe("GET /v1/live", () => {
  test("opens the socket for a token", async () => {
    const answer = await ask("/v1/live?after=0&min_severity=high", { ...VIEWER, ...UPGRADE });
    expect(answer.status).toBe(101);
    expect(answer.headers.get("Sec-WebSocket-Protocol")).toBe(LIVE_SUBPROTOCOL);
    answer.webSocket!.accept();
    answer.webSocket!.close();
  });

  test("picks its subprotocol among several", async () => {
    const answer = await ask("/v1/live", {
      ...VIEWER,
      ...UPGRADE,
      "Sec-WebSocket-Protocol": `other, ${LIVE_SUBPROTOCOL}`,
    });
    expect(answer.headers.get("Sec-WebSocket-Protocol")).toBe(LIVE_SUBPROTOCOL);
    answer.webSocket!.accept();
    answer.webSocket!.close();
  });

  test("takes the end of a session from nobody but the Worker", async () => {
    const answer = await ask("/v1/live?expires_at=1", { ...VIEWER, ...UPGRADE });
    answer.webSocket!.accept();
    const listeners = await runInDurableObject(env.FLEET.getByName("fleet"), (_, state) =>
      state.getWebSockets().map((socket): unknown => socket.deserializeAttachment()),
    );
    expect(listeners).toEqual([{ expires_at: null, min_severity: null }]);
    answer.webSocket!.close();
  });

  test("opens for a session from its own origin alone, until it ends", async () => {
    const minted = await post("/v1/session/codes", ADMIN);
    const signed_in = await post("/v1/session", {}, { code: (await minted.json<{ code: string }>()).code });
    const { expires_at } = await signed_in.json<{ expires_at: string }>();
    const Cookie = signed_in.headers.get("Set-Cookie")!.split(";")[0]!;
    expect((await ask("/v1/live", { Cookie, ...UPGRADE })).status).toBe(403);
    expect((await ask("/v1/live", { Cookie, ...UPGRADE, Origin: "https://evil.example" })).status).toBe(403);
    const answer = await ask("/v1/live", { Cookie, ...UPGRADE, Origin: ORIGIN });
    answer.webSocket!.accept();
    const [listener] = await runInDurableObject(env.FLEET.getByName("fleet"), (_, state) =>
      state.getWebSockets().map((socket): unknown => socket.deserializeAttachment()),
    );
    expect(listener).toEqual({ expires_at: Date.parse(expires_at), min_severity: null });
    answer.webSocket!.close();
  });

  test.each([
    ["without a subprotocol", 400, { ...VIEWER, Upgrade: "websocket" }, ""],
    ["with another subprotocol", 400, { ...VIEWER, ...UPGRADE, "Sec-WebSocket-Protocol": "faultline.v2" }, ""],
    ["for another severity", 400, { ...VIEWER, ...UPGRADE }, "?min_severity=low"],
    ["after no number", 400, { ...VIEWER, ...UPGRADE }, "?after=-1"],
    ["without an upgrade", 426, VIEWER, ""],
    ["without a token", 401, UPGRADE, ""],
    ["with the token of ingest", 403, { ...INGEST, ...UPGRADE }, ""],
  ])("%s is %i", async (_, status, headers, query) => {
    const answer = await ask(`/v1/live${query}`, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
  });
});

describe("POST /v1/bridge/heartbeat", () => {
  test("is kept for the readiness", async () => {
    const answer = await post("/v1/bridge/heartbeat", INGEST, { source: "default", instance: "bridge-1", lag: 12 });
    expect(answer.status).toBe(204);
    await post("/v1/bridge/heartbeat", INGEST, { source: "default", instance: "bridge-2", lag: null });
    expect(await env.FLEET.getByName("fleet").bridges()).toMatchObject([
      { source: "default", instance: "bridge-2", lag: null },
      { source: "default", instance: "bridge-1", lag: 12 },
    ]);
  });

  const lacking = (field: string, right: string): string => `${field}: missing; must be ${right}.`;
  test.each([
    [{}, lacking("source", "1 to 249 printable ASCII characters")],
    [{ instance: "b1", lag: 1 }, lacking("source", "1 to 249 printable ASCII characters")],
    [{ source: "default", lag: 1 }, lacking("instance", "1 to 200 printable ASCII characters")],
    [
      { source: "default", instance: "b1" },
      lacking("lag", "a whole number of messages, at least 0, or null where it is unknown"),
    ],
    [{ source: 7, instance: "b1", lag: 1 }, "source: must be 1 to 249 printable ASCII characters."],
    ["default", "The body must be a JSON object."],
  ])("refuses %j with: %s", async (body, detail) => {
    const answer = await post("/v1/bridge/heartbeat", INGEST, body);
    expect(answer.status).toBe(400);
    expect((await answer.json<{ detail: string }>()).detail).toBe(detail);
  });

  test.each([
    [{ source: "default", instance: "", lag: 1 }, "instance"],
    [{ source: "default", instance: "x".repeat(201), lag: 1 }, "instance"],
    [{ source: "default", instance: "b\n1", lag: 1 }, "instance"],
    [{ source: "default", instance: "b1", lag: -1 }, "lag"],
    [{ source: "default", instance: "b1", lag: 1.5 }, "lag"],
    [{ source: "default", instance: "b1", lag: "1" }, "lag"],
  ])("refuses %j and names %s", async (body, field) => {
    const answer = await post("/v1/bridge/heartbeat", INGEST, body);
    expect(answer.status).toBe(400);
    expect((await answer.json<{ detail: string }>()).detail).toMatch(new RegExp(`^${field}: .+\\.$`));
  });

  const beatOf = (partitions: unknown) => ({ source: "default", instance: "b1", lag: 1, partitions });
  const waitingNow = async () => (await env.FLEET.getByName("fleet").pipeline()).waiting;

  test("may tell what waits in each partition, in as many and with as long a name as it may", async () => {
    const topic = "t".repeat(249);
    const partitions = Array.from({ length: BEAT_PARTITIONS_MAX }, (_, partition) => {
      return { topic, partition: 2_147_483_647 - partition, lag: Number.MAX_SAFE_INTEGER };
    });
    expect((await post("/v1/bridge/heartbeat", INGEST, beatOf(partitions))).status).toBe(204);
    expect(await waitingNow()).toMatchObject([
      {
        source: "default",
        topic,
        partitions: partitions.toReversed().map(({ partition, lag }) => ({ partition, lag })),
      },
    ]);
    expect((await post("/v1/bridge/heartbeat", INGEST, beatOf([]))).status).toBe(204);
    expect(await waitingNow()).toEqual([]);
  });

  const PARTITION = { topic: "raw_events", partition: 3, lag: 5 };
  const LIST_RIGHT = "partitions: must be a list of at most 256 partitions, or be left out.";
  const LAG_RIGHT = "must be a whole number of messages, at least 0.";
  const PARTITION_RIGHT = "must be a whole number from 0 to 2147483647.";
  const TOPIC_RIGHT = "must be the name of a Kafka topic, 1 to 249 of the characters A-Z a-z 0-9 . _ -.";
  test.each([
    [null, LIST_RIGHT],
    [{ 3: 5 }, LIST_RIGHT],
    [Array.from({ length: 257 }, (_, partition) => ({ ...PARTITION, partition })), LIST_RIGHT],
    [[PARTITION, PARTITION], "partitions: names raw_events/3 twice."],
    [[7], "partitions.0: must be an object with topic, partition and lag."],
    [
      [PARTITION, { topic: "raw_events", partition: 4 }],
      "partitions.1.lag: missing; each has topic, partition and lag.",
    ],
    [[{ ...PARTITION, lag: -1 }], `partitions.0.lag: ${LAG_RIGHT}`],
    [[{ ...PARTITION, lag: 1.5 }], `partitions.0.lag: ${LAG_RIGHT}`],
    [[{ ...PARTITION, lag: null }], `partitions.0.lag: ${LAG_RIGHT}`],
    [[{ ...PARTITION, partition: -1 }], `partitions.0.partition: ${PARTITION_RIGHT}`],
    [[{ ...PARTITION, partition: 2_147_483_648 }], `partitions.0.partition: ${PARTITION_RIGHT}`],
    [[{ ...PARTITION, partition: "3" }], `partitions.0.partition: ${PARTITION_RIGHT}`],
    [[{ ...PARTITION, topic: "" }], `partitions.0.topic: ${TOPIC_RIGHT}`],
    [[{ ...PARTITION, topic: "t".repeat(250) }], `partitions.0.topic: ${TOPIC_RIGHT}`],
    [[{ ...PARTITION, topic: "<b>" }], `partitions.0.topic: ${TOPIC_RIGHT}`],
  ])("refuses the partitions %j with: %s", async (partitions, detail) => {
    const answer = await post("/v1/bridge/heartbeat", INGEST, beatOf(partitions));
    expect(answer.status).toBe(400);
    expect((await answer.json<{ detail: string }>()).detail).toBe(detail);
    expect(await env.FLEET.getByName("fleet").bridges()).toEqual([]);
  });

  test("may be as long as that and no longer", async () => {
    const answer = await post("/v1/bridge/heartbeat", INGEST, beatOf("x".repeat(131_072)));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ detail: "The body must be at most 131072 bytes." });
  });

  test.each([VIEWER, ADMIN])("is the ingest token's alone", async (headers) => {
    const beat = { source: "default", instance: "b1", lag: 1 };
    expect((await post("/v1/bridge/heartbeat", headers, beat)).status).toBe(403);
  });
});

describe("POST /v1/services/:service/quarantine", () => {
  test("starts and lifts a quarantine", async () => {
    await admit("checkout");
    const on = await post("/v1/services/checkout/quarantine", ADMIN);
    expect(await on.json()).toEqual({
      service: "checkout",
      quarantined: true,
      quarantined_at: expect.stringMatching(/Z$/),
    });
    expect(await env.FLEET.getByName("fleet").admit({ services: ["checkout"], position: null })).toMatchObject([
      { status: "quarantined" },
    ]);
    const off = await post("/v1/services/checkout/quarantine", ADMIN, { quarantined: false });
    expect(await off.json()).toEqual({ service: "checkout", quarantined: false, quarantined_at: null });
  });

  test("is an admin's alone, of a service that exists, with a boolean", async () => {
    await admit("checkout");
    expect((await post("/v1/services/checkout/quarantine", VIEWER)).status).toBe(403);
    expect((await post("/v1/services/checkout/quarantine", INGEST)).status).toBe(403);
    expect((await post("/v1/services/stranger/quarantine", ADMIN)).status).toBe(404);
    expect((await post("/v1/services/%3Cb%3E/quarantine", ADMIN)).status).toBe(404);
    expect((await post("/v1/services/checkout/quarantine", ADMIN, { quarantined: "yes" })).status).toBe(400);
  });
});

describe("an address that there is not", () => {
  test("is a problem like any other", async () => {
    const answer = await ask("/v1/nothing", VIEWER);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      type: "urn:faultline:not_found",
      detail: "GET /v1/nothing is not part of this API.",
    });
  });
});
