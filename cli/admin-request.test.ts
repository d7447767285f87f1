/** What a command says where a server gives no answer: whether what it asked for may be done. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { adminRequest, type AdminRequest } from "./admin-request.ts";

let answer: (response: ServerResponse) => void;
let server: Server;
let url = "";

beforeEach(async () => {
  server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(stop);

async function stop(): Promise<void> {
  if (!server.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

function asked(method: AdminRequest["method"], more: Partial<AdminRequest> = {}): Promise<Response> {
  return adminRequest(url, "token", { method, path: "/v1/x", answer_ms_max: 100, ...more });
}

test.each<[string, (response: ServerResponse) => void]>([
  ["hangs", () => undefined],
  ["breaks off", (response) => void response.destroy()],
])("a server that %s may have done it: that is said of a change, and not of a question", async (_, does) => {
  answer = does;
  await expect(asked("PUT")).rejects.toThrow(/gave no answer \(.+\): whether it was done is not known; look before/);
  const nothing = /^nothing answers at .+: start it with `npm start`/;
  await expect(asked("GET")).rejects.toThrow(nothing);
  await expect(asked("PUT", { is_question: true })).rejects.toThrow(nothing);
});

test("a server that is not there has done nothing", async () => {
  await stop();
  await expect(asked("PUT")).rejects.toThrow(/^nothing answers at .+ \(ECONNREFUSED\): start it with `npm start`/);
});
