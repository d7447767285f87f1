/** The ingest contract of DESIGN.md section 4, over HTTP in the Workers runtime. */
import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { BATCH_LINES_MAX, BODY_BYTES_MAX } from "../domain/event.ts";
import type { IngestAnswer, Problem, ServiceDetail } from "../domain/resource.ts";

let count = 0;
/** A name, topic or key that no other test uses. */
const fresh = (): string => `name-${(count += 1)}`;

interface Sent {
  readonly status: number;
  readonly answer: IngestAnswer;
  readonly problem: Problem;
}

async function send(body: BodyInit, headers: Readonly<Record<string, string>> = {}): Promise<Sent> {
  const response = await exports.default.fetch("https://faultline/v1/ingest", {
    method: "POST",
    body,
    headers: { Authorization: `Bearer ${env.INGEST_TOKEN}`, "Content-Type": "application/x-ndjson", ...headers },
  });
  const json: unknown = await response.json();
  return { status: response.status, answer: json as IngestAnswer, problem: json as Problem };
}

function eventOf(service: string, change: Readonly<Record<string, unknown>> = {}): string {
  const event_time = new Date().toISOString();
  return JSON.stringify({ event_time, service, endpoint: "/cart/pay", latency_ms: 153, status_code: 200, ...change });
}

/** A line of the bridge. */
function line(offset: number, value: string, timestamp_ms = Date.now()): string {
  return `{"offset":${offset},"timestamp":${timestamp_ms},"event":${value}}`;
}

function place(topic: string, first: number, last: number, partition = 0): Record<string, string> {
  return {
    "Faultline-Source": "default",
    "Faultline-Topic": topic,
    "Faultline-Partition": String(partition),
    "Faultline-First-Offset": String(first),
    "Faultline-Last-Offset": String(last),
  };
}

async function detail(service: string): Promise<ServiceDetail> {
  const headers = { Authorization: `Bearer ${env.VIEWER_TOKEN}` };
  return (await exports.default.fetch(`https://faultline/v1/services/${service}`, { headers })).json();
}

describe("a batch of a partition", () => {
  test("is durable when answered, and each event counts once however it comes again", async () => {
    const [service, topic, written_ms] = [fresh(), fresh(), Date.now()];
    const lines = (offsets: readonly number[]): string =>
      offsets.map((offset) => line(offset, eventOf(service), written_ms)).join("\n");
    expect((await send(lines([10, 11, 12]), place(topic, 10, 12))).answer).toEqual({
      accepted: 3,
      duplicates: 0,
      late: 0,
      dropped: 0,
      rejected: [],
    });
    expect((await send(lines([10, 11, 12]), place(topic, 10, 12))).answer).toMatchObject({
      accepted: 0,
      duplicates: 3,
    });
    expect((await send(lines([11, 12, 13, 20]), place(topic, 11, 20))).answer).toMatchObject({
      accepted: 2,
      duplicates: 2,
    });
    expect((await send(lines([8, 9]), place(topic, 8, 9))).answer).toMatchObject({
      accepted: 0,
      duplicates: 0,
      before_start: 2,
    });
    expect((await detail(service)).counters).toMatchObject({ accepted: 5, duplicates: 5, before_start: 2 });
  });

  test("starts anew when newer records at old offsets prove that the topic was made anew", async () => {
    const [service, topic] = [fresh(), fresh()];
    const old_ms = Date.now() - 30_000;
    await send([100, 101].map((offset) => line(offset, eventOf(service), old_ms)).join("\n"), place(topic, 100, 101));
    await send(line(100, eventOf(service), old_ms), place(topic, 100, 100));
    expect((await send(line(0, eventOf(service)), place(topic, 0, 0))).answer).toMatchObject({
      accepted: 1,
      duplicates: 0,
    });
    const { counters, partitions } = await detail(service);
    expect(counters).toMatchObject({ accepted: 3, duplicates: 1, duplicates_suspect: 1 });
    expect(partitions).toMatchObject([{ base: 0, high: 0 }]);
  });

  test("never counts a record without a timestamp twice, whatever the clock says", async () => {
    const [service, topic] = [fresh(), fresh()];
    const batch = line(5, eventOf(service), -1);
    expect((await send(batch, place(topic, 5, 5))).answer.accepted).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect((await send(batch, place(topic, 5, 5))).answer).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  test("tells the version of its events that began last", async () => {
    const [service, topic] = [fresh(), fresh()];
    expect((await send(line(1, eventOf(service)), place(topic, 1, 1))).status).toBe(200);
    expect((await detail(service)).version).toBeNull();
    const at = (ms: number) => ({ event_time: new Date(Date.now() - ms).toISOString() });
    const [later, earlier] = [
      eventOf(service, { version: "24.3", ...at(2000) }),
      eventOf(service, { version: "24.2", ...at(4000) }),
    ];
    await send([line(2, later), line(3, earlier)].join("\n"), place(topic, 2, 3));
    expect((await detail(service)).version).toBe("24.3");
  });

  test("names what breaks a rule with its bytes, the same at each delivery, and keeps the rest", async () => {
    const [service, topic] = [fresh(), fresh()];
    const broken = '{"latency_ms":"fast"';
    const batch = [
      line(1, eventOf(service)),
      line(2, broken),
      line(3, eventOf(service, { status_code: 99 })),
      line(-1, eventOf(service), 0),
    ].join("\n");
    const first = await send(batch, place(topic, 1, 3));
    expect(first.answer.accepted).toBe(1);
    expect(first.answer.rejected).toMatchObject([
      { offset: 2, reason: "invalid_json", value: btoa(broken), bytes: broken.length },
      { offset: 3, reason: "invalid_status_code" },
      { offset: -1, reason: "reserved_header" },
    ]);
    const again = await send(batch, place(topic, 1, 3));
    expect(again.answer).toMatchObject({ accepted: 0, duplicates: 1, rejected: first.answer.rejected });
  });

  test("cannot be given another's offset by a crafted value", async () => {
    const [service, topic] = [fresh(), fresh()];
    const crafted = `${eventOf(service)},"offset":99`;
    const { answer } = await send(line(7, crafted), place(topic, 7, 7));
    expect(answer.rejected).toMatchObject([{ offset: 7, reason: "invalid_json" }]);
  });

  test("judges dates by the record's own timestamp, so that a redelivery gets the same verdict", async () => {
    const [service, topic] = [fresh(), fresh()];
    const long_ago_ms = Date.parse("2020-02-02T02:02:02Z");
    const at = (ms: number): string => eventOf(service, { event_time: new Date(ms).toISOString() });
    const batch = [at(long_ago_ms), at(long_ago_ms + 61_000), at(long_ago_ms - 86_401_000)]
      .map((value, i) => line(i, value, long_ago_ms))
      .join("\n");
    const { answer } = await send(batch, place(topic, 0, 2));
    expect(answer).toMatchObject({
      accepted: 1,
      rejected: [
        { offset: 1, reason: "future" },
        { offset: 2, reason: "past" },
      ],
    });
  });

  test("of forged messages only moves nothing", async () => {
    const { status, answer } = await send(line(-1, eventOf(fresh()), 0), place(fresh(), -1, -1, -1));
    expect([status, answer.accepted, answer.rejected.length]).toEqual([200, 0, 1]);
  });

  test.each([
    ["offsets that do not ascend", [4, 3], [3, 4], 422, "offsets_not_ascending"],
    ["an offset outside the headers' range", [9], [3, 4], 422, "offsets_out_of_range"],
  ])("is refused whole for %s", async (_, offsets, [first, last], status, word) => {
    const service = fresh();
    const sent = await send(
      offsets.map((offset) => line(offset, eventOf(service))).join("\n"),
      place(fresh(), first!, last!),
    );
    expect([sent.status, sent.problem.type]).toEqual([status, `urn:faultline:${word}`]);
    expect((await detail(service)) as unknown).toMatchObject({ status: 404 });
  });

  test("is refused when a header is missing or wrong, and the answer names it", async () => {
    const { "Faultline-Topic": _, ...rest } = place("t", 0, 0);
    const missing = await send(line(0, "{}"), rest);
    expect([missing.status, missing.problem.detail]).toEqual([
      400,
      expect.stringContaining("Faultline-Topic: missing"),
    ]);
    const wrong = await send(line(0, "{}"), { ...place("t", 0, 0), "Faultline-Partition": "one" });
    expect([wrong.status, wrong.problem.detail]).toEqual([400, expect.stringContaining("Faultline-Partition")]);
    const framing = await send("hello", place("t", 0, 0));
    expect([framing.status, framing.problem.type]).toEqual([400, "urn:faultline:bad_line"]);
  });
});

describe("a batch over plain HTTP", () => {
  test("is one event a line or a JSON array, and may leave the time out", async () => {
    const service = fresh();
    const timeless = eventOf(service, { event_time: undefined });
    expect((await send(`${timeless}\n\n${timeless}\n`)).answer.accepted).toBe(2);
    expect((await send(`[${timeless},{}]`, { "Content-Type": "application/json" })).answer).toMatchObject({
      accepted: 1,
      rejected: [{ reason: "invalid_service" }],
    });
  });

  test("with an idempotency key is applied once, and the key is bound to its body whatever the service", async () => {
    const [service, other, key] = [fresh(), fresh(), { "Idempotency-Key": fresh() }];
    const body = `${eventOf(service)}\n${eventOf(service)}`;
    expect((await send(body, key)).answer).toMatchObject({ accepted: 2, duplicates: 0 });
    expect((await send(body, key)).answer).toMatchObject({ accepted: 0, duplicates: 2 });
    expect((await send(eventOf(other), key)).status).toBe(422);
    expect((await detail(service)).counters.accepted).toBe(2);
  });

  test("templates ids in endpoints and drops query strings", async () => {
    const service = fresh();
    await send(eventOf(service, { endpoint: "/users/12345/orders?page=2" }));
    const { items } = await (
      await exports.default.fetch(`https://faultline/v1/services/${service}/windows?step=1`, {
        headers: { Authorization: `Bearer ${env.VIEWER_TOKEN}` },
      })
    ).json<{ items: { request_count: number }[] }>();
    expect(items.map((item) => item.request_count)).toEqual([1]);
  });
});

describe("what is too much or of the wrong kind", () => {
  test("bytes, lines and services are bounded, and nothing of such a batch is applied", async () => {
    const service = fresh();
    const tooLarge = await send(new Uint8Array(BODY_BYTES_MAX + 1));
    const tooManyLines = await send(`${eventOf(service)}\n`.repeat(BATCH_LINES_MAX + 1));
    const tooManyServices = await send(Array.from({ length: 1001 }, (_, i) => eventOf(`${service}-${i}`)).join("\n"));
    expect([tooLarge.status, tooManyLines.status, tooManyServices.status]).toEqual([413, 413, 413]);
    expect((await detail(service)) as unknown).toMatchObject({ status: 404 });
  });

  test("types and encodings that are not spoken are 415", async () => {
    expect((await send(eventOf(fresh()), { "Content-Type": "text/plain" })).status).toBe(415);
    expect((await send("[]", { ...place("t", 0, 0), "Content-Type": "application/json" })).status).toBe(415);
    expect((await send(eventOf(fresh()), { "Content-Encoding": "gzip" })).status).toBe(415);
  });

  test("tokens: none or a wrong one is 401, another role's is 403", async () => {
    expect((await send("", { Authorization: "" })).status).toBe(401);
    expect((await send("", { Authorization: "Bearer nobody" })).status).toBe(401);
    for (const token of [env.VIEWER_TOKEN, env.ADMIN_TOKEN])
      expect((await send("", { Authorization: `Bearer ${token}` })).status).toBe(403);
  });
});

describe("admission", () => {
  test("a quarantined service's events are rejected, again at each delivery, also after the quarantine", async () => {
    const [service, topic] = [fresh(), fresh()];
    const written_ms = Date.now();
    const batch = (offset: number): string => line(offset, eventOf(service), written_ms);
    await send(batch(1), place(topic, 1, 1));
    const quarantine = (quarantined: boolean): Promise<Response> =>
      exports.default.fetch(`https://faultline/v1/services/${service}/quarantine`, {
        method: "POST",
        body: JSON.stringify({ quarantined }),
        headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}`, "Content-Type": "application/json" },
      });
    expect((await quarantine(true)).status).toBe(200);
    // At once, though this isolate remembers the name as admitted; and what was applied before stays so.
    const both = await send(`${batch(1)}\n${batch(2)}`, place(topic, 1, 2));
    expect(both.answer).toMatchObject({
      accepted: 0,
      duplicates: 1,
      rejected: [{ offset: 2, reason: "quarantined" }],
    });
    expect((await quarantine(false)).status).toBe(200);
    expect((await send(batch(2), place(topic, 2, 2))).answer).toMatchObject({
      accepted: 0,
      rejected: [{ offset: 2, reason: "quarantined" }],
    });
    expect((await send(batch(3), place(topic, 3, 3))).answer).toMatchObject({ accepted: 1, rejected: [] });
  });
});
