/** A live address on a port of its own, which tells what an actor's socket would be told; or answers as a test says. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { FleetMessage, ServiceMessage } from "../domain/message.ts";
import { type LiveRequest, parseLiveRequest } from "../durable-objects/live-sockets.ts";
import { acceptUpgrade, answerFrames, CLOSE, frameOf, TEXT } from "./websocket-frames.ts";

type Received = readonly (FleetMessage | ServiceMessage)[];

interface OpenSocket {
  readonly socket: Duplex;
  /** Grows with what is told; `sent` of them are on their way. */
  readonly received: Received;
  sent: number;
}

/** Instead of greeting: an HTTP answer, or an open socket on which nothing ever comes. */
export type Treatment =
  | { readonly type: "greet" }
  | { readonly type: "mute" }
  | { readonly type: "refuse"; readonly status: number; readonly detail: string; readonly headers?: readonly string[] };

export class LiveEndpoint {
  treatment: Treatment = { type: "greet" };
  /** Each upgrade that was greeted: what its client asked for. */
  readonly asked: LiveRequest[] = [];
  /** Headers of the newest upgrade. */
  headers: IncomingMessage["headers"] = {};
  readonly #connect: (request: LiveRequest) => Received;
  readonly #open = new Set<OpenSocket>();
  readonly #sockets = new Set<Duplex>();
  readonly #server = createServer((_asked, answer) => answer.writeHead(426).end());
  #port = 0;

  /** @param connect what a new socket is told: a list that grows while it is open */
  constructor(connect: (request: LiveRequest) => Received) {
    this.#connect = connect;
    this.#server.on("upgrade", (asked: IncomingMessage, socket: Duplex) => this.#upgrade(asked, socket));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** After `close` again at the same port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Sends what the open sockets have been told since. */
  pump(): void {
    for (const open of this.#open) {
      for (const message of open.received.slice(open.sent)) open.socket.write(frameOf(TEXT, JSON.stringify(message)));
      open.sent = open.received.length;
    }
  }

  /** Closes all sockets as a server does. */
  goodbye(code: number, reason: string): void {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(code);
    for (const { socket } of this.#open) socket.end(frameOf(CLOSE, Buffer.concat([head, Buffer.from(reason)])));
  }

  #upgrade(asked: IncomingMessage, socket: Duplex): void {
    this.headers = asked.headers;
    this.#sockets.add(socket);
    // A client that was cut off resets its connection.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    const { treatment } = this;
    if (treatment.type === "refuse") {
      const body = JSON.stringify({ detail: treatment.detail });
      const head = [`HTTP/1.1 ${treatment.status} Refused`, "Connection: close", ...(treatment.headers ?? [])];
      socket.end([...head, `Content-Length: ${body.length}`, "", body].join("\r\n"));
      return;
    }
    acceptUpgrade(asked, socket);
    if (treatment.type === "mute") return;
    answerFrames(socket);
    const request = parseLiveRequest(new URL(asked.url ?? "/", this.url));
    this.asked.push(request);
    const open = { socket, received: this.#connect(request), sent: 0 };
    this.#open.add(open);
    socket.on("close", () => this.#open.delete(open));
    this.pump();
  }
}
