import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FleetMessage, type FleetRemoval, LIVE_SUBPROTOCOL, PING, PONG } from "../../domain/message.ts";
import { LiveServer } from "./live-server.ts";

const removal = (service: string): FleetRemoval => ({ type: "removed", service });

let asked: IncomingHttpHeaders = {};
const behind = createServer((request, response) => {
  asked = request.headers;
  response.writeHead(418, { "X-Behind": request.url }).end("told");
});
let live: LiveServer;

beforeEach(async () => {
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  live = new LiveServer(`http://127.0.0.1:${(behind.address() as AddressInfo).port}`, removal("first"));
  await live.start();
});
afterEach(async () => {
  await live.stop();
  behind.closeAllConnections();
  await new Promise((resolve) => behind.close(resolve));
});

/** A page's socket with what it was told, in order. */
async function open(): Promise<{ socket: WebSocket; next: () => Promise<string> }> {
  const socket = new WebSocket(live.url.replace("http", "ws"), LIVE_SUBPROTOCOL);
  const told: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.addEventListener("message", ({ data }) => {
    const taker = waiting.shift();
    if (taker === undefined) told.push(String(data));
    else taker(String(data));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  const next = () => {
    const text = told.shift();
    return text === undefined ? new Promise<string>((resolve) => waiting.push(resolve)) : Promise.resolve(text);
  };
  return { socket, next };
}

test("a request passes as it is, with the host that was asked", async () => {
  const answer = await fetch(`${live.url}/v1/services?limit=1`);
  expect([answer.status, answer.headers.get("X-Behind"), await answer.text()]).toEqual([
    418,
    "/v1/services?limit=1",
    "told",
  ]);
  expect(asked.host).toBe(new URL(live.url).host);
});

test("a socket is told the first message, its heartbeat is answered, and a message of any length arrives whole", async () => {
  const { socket, next } = await open();
  expect(socket.protocol).toBe(LIVE_SUBPROTOCOL);
  expect(JSON.parse(await next())).toEqual(removal("first"));
  socket.send(PING);
  expect(await next()).toBe(PONG);
  const messages: readonly FleetMessage[] = [10, 200, 70_000].map((length) => removal("x".repeat(length)));
  for (const message of messages) live.send(message);
  for (const message of messages) expect(JSON.parse(await next())).toEqual(message);
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  socket.close();
  await closed;
  expect(() => live.send(removal("nobody"))).toThrow("no page");
});
