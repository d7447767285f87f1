/** The server's side of a WebSocket, as far as tests and benchmarks need one: RFC 6455 without fragments and extensions. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { LIVE_SUBPROTOCOL, PING, PONG } from "../domain/message.ts";

/** RFC 6455, section 1.3. */
const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
export const TEXT = 0x1;
export const CLOSE = 0x8;

/** Accepts an upgrade to the live protocol. */
export function acceptUpgrade(asked: IncomingMessage, socket: Duplex): void {
  const accept = createHash("sha1").update(`${asked.headers["sec-websocket-key"]}${HANDSHAKE_GUID}`).digest("base64");
  const headers = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${LIVE_SUBPROTOCOL}`,
  ];
  socket.write(`${headers.join("\r\n")}\r\n\r\n`);
}

/** A whole message in one frame, as a server sends it: not masked. */
export function frameOf(opcode: number, content: string | Buffer): Buffer {
  const body = Buffer.from(content);
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

/** Answers what a client sends: its heartbeat, and its goodbye. Both are short: a longer frame is none of the protocol's. */
export function answerFrames(socket: Duplex): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2) {
      const length = held[1]! & 0x7f;
      if (length >= 126) return void socket.destroy(new Error("the client sent more than a heartbeat"));
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
