/**
 * A server between a browser and Faultline: everything passes through it but the fleet's live socket, on which a benchmark speaks
 * itself, at its own pace.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type FleetMessage, LIVE_SUBPROTOCOL, PING, PONG } from "../../domain/message.ts";

/** RFC 6455, section 1.3. */
const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 0x1;
const CLOSE = 0x8;

export class LiveServer {
  readonly #server = createServer((asked, answer) => pass(this.#behind, asked, answer));
  readonly #behind: URL;
  readonly #first: FleetMessage;
  #socket: Duplex | null = null;

  /**
   * @param behind the URL of Faultline
   * @param first what every socket is told when it opens
   */
  constructor(behind: string, first: FleetMessage) {
    this.#behind = new URL(behind);
    this.#first = first;
    this.#server.on("upgrade", (asked: IncomingMessage, socket: Duplex) => this.#open(asked, socket));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** @throws where no page listens: a figure of ticks that nobody took would be a lie */
  send(message: FleetMessage): void {
    if (this.#socket === null || this.#socket.writableEnded) throw new Error("no page has the live socket open");
    this.#socket.write(frameOf(TEXT, JSON.stringify(message)));
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #open(asked: IncomingMessage, socket: Duplex): void {
    const accept = createHash("sha1").update(`${asked.headers["sec-websocket-key"]}${HANDSHAKE_GUID}`).digest("base64");
    const headers = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${accept}`,
      `Sec-WebSocket-Protocol: ${LIVE_SUBPROTOCOL}`,
    ];
    // A page that is closed resets its connection; what was on its way is lost, as it should be.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = null;
    });
    socket.write(`${headers.join("\r\n")}\r\n\r\n`);
    answerFrames(socket);
    socket.write(frameOf(TEXT, JSON.stringify(this.#first)));
    this.#socket = socket;
  }
}

/** Hands a request on as it is: with the same Host, so that Faultline takes the browser's Origin for its own. */
function pass(behind: URL, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, url, headers } = asked;
  const onward = request({ host: behind.hostname, port: behind.port, method, path: url, headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  onward.on("error", (error) => answer.destroy(error));
  asked.pipe(onward);
}

/** A whole message in one frame, as a server sends it: not masked. */
function frameOf(opcode: number, text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, body.length]), body]);
  if (body.length < 0x10000) {
    const head = Buffer.from([0x80 | opcode, 126, 0, 0]);
    head.writeUInt16BE(body.length, 2);
    return Buffer.concat([head, body]);
  }
  const head = Buffer.alloc(10);
  head.set([0x80 | opcode, 127]);
  head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

/** Answers what the page sends: its heartbeat, and its goodbye. Both are short: a longer frame is none of the page's. */
function answerFrames(socket: Duplex): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2) {
      const length = held[1]! & 0x7f;
      if (length >= 126) return void socket.destroy(new Error("the page sent more than a heartbeat"));
      if (held.length < 6 + length) return;
      const mask = held.subarray(2, 6);
      const text = Buffer.from(Array.from({ length }, (_, at) => held[6 + at]! ^ mask[at % 4]!));
      const opcode = held[0]! & 0x0f;
      held = held.subarray(6 + length);
      if (opcode === CLOSE) return void socket.end(frameOf(CLOSE, ""));
      if (opcode === TEXT && text.toString() === PING) socket.write(frameOf(TEXT, PONG));
    }
  });
}
