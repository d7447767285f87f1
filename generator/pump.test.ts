/** The way into a real HTTP server that behaves as a receiver may: refuses for a while, breaks off, answers nonsense. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Disorder } from "./disorder.ts";
import { GeneratorFailure } from "./failure.ts";
import { NO_FAULTS, scheduleOf } from "./fault.ts";
import { createHttpSink } from "./http-sink.ts";
import { Pump } from "./pump.ts";
import type { Occurrence } from "./report.ts";
import { servicesOf } from "./services.ts";
import { eventsBetween } from "./stream.ts";

const START = Date.parse("2026-11-24T10:00:00Z");
const STREAM = { seed: 1, services: servicesOf(3), rate: 1000, faults: NO_FAULTS };

interface Request {
  readonly headers: IncomingMessage["headers"];
  readonly lines: readonly string[];
}

type Answer = (request: Request, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const accept: Answer = ({ lines }, response) =>
  void response.end(JSON.stringify({ accepted: lines.length, duplicates: 0, late: 0, dropped: 0, rejected: [] }));
const refuse =
  (status: number): Answer =>
  (_, response) =>
    void response.writeHead(status).end();
const breakOff: Answer = (_, response) => void response.destroy();

/** A receiver that answers its requests in turn as told, the last way from then on; and a pump into it. */
async function setUp(answers: readonly Answer[], now = () => START + 3_600_000) {
  const requests: Request[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const request = { headers: incoming.headers, lines: Buffer.concat(chunks).toString().split("\n") };
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? accept;
      requests.push(request);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const told: Occurrence[] = [];
  const ending = new AbortController();
  const sink = createHttpSink({ sink: "http", url: `http://127.0.0.1:${port}`, token: "secret" });
  const report = (_: number, occurrence: Occurrence) => void told.push(occurrence);
  const pump = new Pump({ sink, disorder: new Disorder(1, 0), report, ended: ending.signal, now, run: "run" });
  return { requests, told, pump, ending };
}

const linesOf = (from_ms: number, to_ms: number) =>
  [...eventsBetween(STREAM, from_ms, to_ms)].map((event) => JSON.stringify(event));

describe("the pump", () => {
  it("sends each event once, in order, in batches of at most 5,000 with keys of their own, as plain NDJSON", async () => {
    const { requests, pump } = await setUp([accept]);
    await pump.sendPast(STREAM, START, START + 20_000);
    expect(requests.flatMap((request) => request.lines)).toEqual(linesOf(START, START + 20_000));
    expect(requests.length).toBeLessThanOrEqual(10);
    expect(requests.every((request) => request.lines.length <= 5000)).toBe(true);
    expect(new Set(requests.map((request) => request.headers["idempotency-key"])).size).toBe(requests.length);
    expect(requests[0]?.headers).toMatchObject({
      authorization: "Bearer secret",
      "content-type": "application/x-ndjson",
    });
    expect(Object.keys(requests[0]?.headers ?? {}).filter((name) => name.startsWith("faultline-"))).toEqual([]);
    expect(pump.totals().sent).toBe(linesOf(START, START + 20_000).length);
  });

  it("sends a batch that was not taken again, the same one with the same key, and says so once", async () => {
    const { requests, told, pump } = await setUp([accept, refuse(503), breakOff, refuse(429), refuse(502), accept]);
    await pump.sendPast(STREAM, START, START + 10_000);
    const [first, second, ...rest] = requests;
    expect(rest.slice(0, 4)).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining({ lines: second?.lines })),
    );
    expect(new Set(requests.slice(1, 6).map((request) => request.headers["idempotency-key"])).size).toBe(1);
    expect([...(first?.lines ?? []), ...requests.slice(5).flatMap((request) => request.lines)]).toEqual(
      linesOf(START, START + 10_000),
    );
    expect(told.filter(({ kind }) => kind === "waiting").length).toBe(1);
    expect(told.filter(({ kind }) => kind === "resumed").length).toBe(1);
  });

  it.each([
    [401, "", 3, /refuses the ingest token \(401\)/],
    [403, '{"detail":"not for ingest"}', 3, /403: not for ingest/],
    [302, "", 1, /answers 302, not as Faultline does: is --url right/],
    [404, "", 1, /is --url right/],
    [200, "<html>hello</html>", 1, /is --url right/],
    [422, '{"detail":"event_time: wrong"}', 1, /refuses the batch \(422: event_time: wrong\)/],
  ])("stops on %i %s with exit code %i", async (status, body, exitCode, message) => {
    const { requests, pump } = await setUp([
      (_, response) => void response.writeHead(status, { location: "/elsewhere" }).end(body),
    ]);
    const failure = await pump.sendPast(STREAM, START, START + 1000).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GeneratorFailure);
    expect(failure).toMatchObject({ exitCode, message: expect.stringMatching(message) });
    expect(requests.length).toBe(1);
  });

  it("ends promptly while it waits for a receiver that takes nothing", async () => {
    const { pump, ending } = await setUp([refuse(503)]);
    const sending = pump.sendPast(STREAM, START, START + 1000);
    setTimeout(() => ending.abort(), 300);
    await expect(sending).rejects.toThrow(/abort/i);
  });

  it("sends live events when their time has come, and no earlier", async () => {
    const { requests, pump } = await setUp([accept], Date.now);
    const from_ms = Date.now();
    await pump.sendLive(STREAM, from_ms, from_ms + 600);
    expect(Date.now() - from_ms).toBeGreaterThanOrEqual(600);
    expect(requests.length).toBeGreaterThanOrEqual(3);
    expect(requests.flatMap((request) => request.lines)).toEqual(linesOf(from_ms, from_ms + 600));
  });

  it("drops what could not be sent for a minute, counts it and goes on with now", async () => {
    // Given a clock that stands 10 minutes on when the first batch has been taken,
    let clock_ms = START + 1000;
    const { requests, told, pump } = await setUp(
      [
        (request, response) => {
          clock_ms = START + 600_000;
          accept(request, response);
        },
        accept,
      ],
      () => clock_ms,
    );
    // when the live stream goes on until then,
    await pump.sendLive(STREAM, START, START + 600_000);
    // then the first second was sent and the rest was dropped.
    expect(requests.flatMap((request) => request.lines)).toEqual(linesOf(START, START + 1000));
    expect(told).toContainEqual({ kind: "dropped", about: 599_000, span_s: 599 });
    expect(pump.totals()).toMatchObject({ dropped_about: 599_000 });
  });

  it("tells each fault when the stream reaches it, and its end", async () => {
    const fault = {
      service: "search",
      endpoint: null,
      kind: "latency",
      factor: 5,
      from_ms: START + 500,
      to_ms: START + 1500,
    } as const;
    const { told, pump } = await setUp([accept]);
    await pump.sendPast({ ...STREAM, faults: scheduleOf([fault]) }, START, START + 1000);
    expect(told.filter(({ kind }) => kind === "fault")).toEqual([{ kind: "fault", fault }]);
    expect(told.filter(({ kind }) => kind === "heal")).toEqual([]);
    await pump.sendPast({ ...STREAM, faults: scheduleOf([fault]) }, START + 1000, START + 2000);
    expect(told.filter(({ kind }) => kind === "heal")).toEqual([{ kind: "heal", fault }]);
  });

  it("tells once what the receiver rejects", async () => {
    const rejected = [{ offset: -1, reason: "too_many_services", detail: "2,000 services are known" }];
    const { told, pump } = await setUp([(_, response) => void response.end(JSON.stringify({ accepted: 1, rejected }))]);
    await pump.sendPast(STREAM, START, START + 12_000);
    expect(told.filter(({ kind }) => kind === "rejected")).toEqual([
      { kind: "rejected", count: 1, reason: "too_many_services, 2,000 services are known" },
    ]);
    expect(pump.totals().rejected).toBeGreaterThan(1);
  });
});
