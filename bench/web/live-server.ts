/**
 * A server between a browser and Faultline: everything passes through it but the fleet's live socket, on which a benchmark speaks
 * itself, at its own pace.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { FleetMessage } from "../../domain/message.ts";
import { acceptUpgrade, answerFrames, frameOf, TEXT } from "../../tests/websocket-frames.ts";

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
    // A page that is closed resets its connection; what was on its way is lost, as it should be.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = null;
    });
    acceptUpgrade(asked, socket);
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
