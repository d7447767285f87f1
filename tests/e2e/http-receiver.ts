/** Somebody's HTTP server that a running Faultline sends to: what came is kept whole, and each kind of receiver answers in its way. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** As `performance.now()` tells it. */
  readonly at_ms: number;
}

export abstract class HttpReceiver {
  readonly #server: Server = createServer((request, response) => void this.#take(request, response));

  /** Has to end the response, unless it is to hang. Must not throw: nobody would hear of it. */
  protected abstract answer(request: ReceivedRequest, response: ServerResponse): void;

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at_ms = performance.now();
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch (error) {
      // Who is killed while it asks is not answered.
      if (!request.complete) return;
      throw error;
    }
    const { method = "", url: path = "", headers } = request;
    this.answer({ method, path, headers, body: Buffer.concat(chunks).toString(), at_ms }, response);
  }
}
