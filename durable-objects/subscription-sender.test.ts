/** A request to a target, over real HTTP: whatever the other side does, an answer or a reason comes, in bounded time and size. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TargetRequest } from "../domain/notification.ts";
import { parseAllowedTargets } from "../domain/target-url.ts";
import type { KnownBy } from "./bounded-fetch.ts";
import { boundedSender, type Sender } from "./subscription-sender.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

let server: Server;
let handler: Handler;
let origin: string;
let asked: string[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    void handler(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const sender: Sender = boundedSender(fetch, () => parseAllowedTargets("127.0.0.1"));
const local = (sent: TargetRequest, known_by: KnownBy = "body") => sender(sent, known_by);
/** A byte now and then, for as long as anybody listens. */
const drips: Handler = (_, response) => {
  response.writeHead(200).write("a");
  const drip = setInterval(() => response.write("a"), 1);
  response.once("close", () => clearInterval(drip));
};
const begins = (status: number): Handler => {
  return (_, response) => void response.writeHead(status).write("a");
};
const request = (path = "/hook") => ({ url: `${origin}${path}`, headers: { "x-own": "1" }, body: '{"a":"ä"}' });

describe("a request to a target", () => {
  test("is a POST with its headers and body, and brings status, headers and text", async () => {
    let got = "";
    handler = async (incoming, response) => {
      for await (const chunk of incoming) got += String(chunk);
      response.writeHead(202, { "x-answer": incoming.headers["x-own"] }).end("thänks");
    };
    const answer = await local(request());
    expect(answer).toMatchObject({ status: 202, body: "thänks" });
    expect("headers" in answer && answer.headers.get("x-answer")).toBe("1");
    expect(asked).toEqual(["POST /hook"]);
    expect(got).toBe('{"a":"ä"}');
  });

  test("is a PUT where its form says so", async () => {
    handler = (_, response) => void response.writeHead(202).end();
    expect(await local({ ...request(), method: "PUT" })).toMatchObject({ status: 202 });
    expect(asked).toEqual(["PUT /hook"]);
  });

  test("is not led elsewhere by a redirect", async () => {
    handler = (_, response) => void response.writeHead(302, { location: `${origin}/elsewhere` }).end();
    expect(await local(request())).toMatchObject({ status: 302 });
    expect(asked).toEqual(["POST /hook"]);
  });

  test("reads 20,000 bytes of an answer without end", async () => {
    handler = (_, response) => {
      response.writeHead(500);
      const write = (): void =>
        void (!response.destroyed && response.write("x".repeat(8_192), () => setImmediate(write)));
      write();
    };
    const answer = await local(request());
    expect(answer).toMatchObject({ status: 500 });
    expect("body" in answer && answer.body).toHaveLength(20_000);
  });

  const failure = "it gave no whole answer within 10000 ms";

  test.each<[what: string, known_by: KnownBy, came: object, Handler]>([
    ["says nothing", "status", { failure }, () => undefined],
    ["begins a success, which its body may take back", "body", { failure }, begins(200)],
  ])("is given up after 10 s where the other side %s", async (_, known_by, came, slow) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { promise, resolve } = Promise.withResolvers<void>();
    handler = (incoming, response) => {
      void slow(incoming, response);
      resolve();
    };
    const answer = local(request(), known_by);
    await promise;
    vi.advanceTimersByTime(9_999);
    let isSettled = false;
    void answer.then(() => (isSettled = true));
    await new Promise((settle) => void setImmediate(settle));
    expect(isSettled).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await answer).toMatchObject(came);
  });

  test.each<KnownBy>(["status", "body"])(
    "has failed with its status after 10 s where its body hangs (%s)",
    async (known_by) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const body = new ReadableStream<Uint8Array>({ start: (bytes) => bytes.enqueue(new TextEncoder().encode("a")) });
      const gone = (): Promise<Response> => Promise.resolve(new Response(body, { status: 410 }));
      const answer = boundedSender(gone, () => parseAllowedTargets("127.0.0.1"))(request(), known_by);
      await new Promise((settle) => void setImmediate(settle));
      vi.advanceTimersByTime(10_000);
      expect(await answer).toMatchObject({ status: 410, body: "a" });
    },
  );

  describe.each<[what: string, Handler]>([
    ["hangs after its headers", (_, response) => response.writeHead(200, { "content-length": "9" }).flushHeaders()],
    ["drips", drips],
    [
      "breaks off",
      (_, response) => void response.writeHead(200, { "content-length": "9" }).write("a", () => response.destroy()),
    ],
    ["is no gzip", (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip at all")],
    ["has no end", (_, response) => void response.writeHead(200).write("x".repeat(100_000))],
  ])("whose success %s", (_, spoilt) => {
    test("is taken at its headers, and its connection is given up", async () => {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      handler = (incoming, response) => {
        response.once("close", resolve);
        return spoilt(incoming, response);
      };
      expect(await local(request(), "status")).toMatchObject({ status: 200, body: "" });
      await closed;
    });
  });

  test.each<[what: string, status: number, Handler]>([
    [
      "breaks off",
      410,
      (_, response) => void response.writeHead(410, { "content-length": "9" }).write("a", () => response.destroy()),
    ],
    [
      "is no gzip",
      429,
      (_, response) => void response.writeHead(429, { "content-encoding": "gzip" }).end("no gzip at all"),
    ],
  ])("has failed with its status where its body %s", async (_, status, spoilt) => {
    handler = spoilt;
    expect(await local(request(), "status")).toMatchObject({ status });
    expect(await local(request(), "body")).toMatchObject({ status });
  });

  test("says so where the connection fails", async () => {
    handler = (_, response) => void response.destroy();
    expect(await local(request())).toEqual({ failure: expect.stringContaining("the connection failed") });
  });

  test("is not made to where it may not go any more", async () => {
    handler = (_, response) => void response.end();
    const strict = boundedSender(fetch, () => parseAllowedTargets(""));
    expect(await strict(request(), "status")).toEqual({ failure: expect.stringContaining("https://") });
    expect(asked).toEqual([]);
  });

  test("says what is wrong with a setting that cannot be read", async () => {
    const broken = boundedSender(fetch, () => parseAllowedTargets("http://x"));
    expect(await broken(request(), "status")).toEqual({ failure: expect.stringContaining("ALLOWED_TARGETS") });
  });

  test("says what is wrong with headers that are none", async () => {
    const answer = await local({ ...request(), headers: { "not a header": "1" } });
    expect(answer).toEqual({ failure: expect.any(String) });
    expect(asked).toEqual([]);
  });
});
