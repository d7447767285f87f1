/**
 * A proxy between the bridge and a real Faultline that treats batches as told: it passes them on, or does any of the wrong
 * things that a server or a proxy on the way may do. It watches that no batch is sent before the one before it was settled.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Exchange {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly lines: number;
  readonly body: Buffer;
  /** When it came, `performance.now()`. */
  readonly at_ms: number;
  readonly response: ServerResponse;
  /** Lets Faultline apply the batch. */
  readonly forward: () => Promise<Answer>;
}

/** Says whether the bridge was told that the batch is settled: only then may the next one of the partition come. */
export type Treatment = (exchange: Exchange) => boolean | Promise<boolean>;

export const pass: Treatment = async ({ response, forward }) => (await relay(response, forward)) === 200;

/** Brings the server's answer back; gives its status. */
async function relay(response: ServerResponse, forward: Exchange["forward"]): Promise<number> {
  const { status, headers, body } = await forward();
  response.writeHead(status, headers).end(body);
  return status;
}

function answer(status: number, body = "", headers: Readonly<Record<string, string>> = {}): Treatment {
  return ({ response }) => {
    response.writeHead(status, headers).end(body);
    return false;
  };
}

/** Faultline applies the batch, but the bridge does not hear so. */
function applied(then: (response: ServerResponse, body: Buffer) => void): Treatment {
  return async ({ forward, response }) => {
    const { body } = await forward();
    then(response, body);
    return false;
  };
}

/** What a bridge may meet instead of an answer of Faultline's, by name. */
export const WRONG_ANSWERS: Readonly<Record<string, Treatment>> = {
  "500": answer(500),
  "502 with HTML": answer(502, "<html>bad gateway</html>", { "content-type": "text/html" }),
  "503": answer(503, '{"title":"Service Unavailable"}', { "retry-after": "0" }),
  "504": answer(504),
  "429": answer(429, "", { "retry-after": "1" }),
  "401": answer(401),
  "403": answer(403),
  "400": answer(400, '{"accepted":1,"rejected":[]}'),
  "404": answer(404),
  "415": answer(415),
  "422": answer(422, '{"accepted":1,"rejected":[]}'),
  "302": answer(302, "", { location: "/signed-out" }),
  "307": answer(307, "", { location: "/elsewhere" }),
  "201": answer(201, '{"accepted":1,"rejected":[]}'),
  "204": answer(204),
  "200 with HTML": answer(200, "<html>sign in</html>", { "content-type": "text/html" }),
  "200 with nothing": answer(200),
  "200 without accepted": answer(200, '{"rejected":[]}'),
  "200 with accepted as a text": answer(200, '{"accepted":"60","rejected":[]}'),
  "200 without rejected": answer(200, '{"accepted":60}'),
  "a reset before it was applied": ({ response }) => {
    response.destroy();
    return false;
  },
  "a reset after it was applied": applied((response) => void response.destroy()),
  "500 after it was applied": applied((response) => void response.writeHead(500).end()),
  "an answer that is cut off": applied((response, body) => {
    response.writeHead(200, { "content-length": String(body.length) });
    response.write(body.subarray(0, body.length / 2), () => void response.destroy());
  }),
  // The bridge gives up after its POST_TIMEOUT.
  "a timeout": () => false,
  "a timeout after it was applied": applied(() => undefined),
};

export function slow(wait_ms: number): Treatment {
  return async (exchange) => {
    await delay(wait_ms);
    return await pass(exchange);
  };
}

/** 413 for more lines or bytes than these; nothing of such a batch is applied. */
export function atMost(lines: number, bytes: number): Treatment {
  return async (exchange) => {
    if (exchange.lines <= lines && exchange.body.length <= bytes) return await pass(exchange);
    exchange.response.writeHead(413).end();
    return exchange.lines === 1;
  };
}

export class FaultyProxy {
  treatment: Treatment = pass;
  /** Every batch that came, in order. */
  readonly seen: Exchange[] = [];
  /** Where a batch skipped what was not yet settled. */
  readonly breaches: string[] = [];
  readonly #target: string;
  readonly #settled = new Map<number, number>();
  readonly #server = createServer((request, response) => {
    // A bridge that is killed in mid-request is no fault of the proxy's.
    this.#take(request, response).catch(() => response.destroy());
  });
  #port = 0;

  constructor(target: string) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Last offset of each partition of which the bridge was told that it is settled. */
  get settled(): ReadonlyMap<number, number> {
    return this.#settled;
  }

  /** Listens, after `refuse()` at the same port as before. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** From now on connections are refused, and those that are open are cut. */
  async refuse(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const forward = (): Promise<Answer> => this.#forward(request.url ?? "/", request.headers, body);
    if (request.url === "/v1/ingest") await this.#treat(request.headers, body, response, forward);
    else await relay(response, forward);
  }

  async #treat(headers: IncomingHttpHeaders, body: Buffer, response: ServerResponse, forward: () => Promise<Answer>) {
    const number = (name: string): number => Number(headers[`faultline-${name}`]);
    const exchange: Exchange = {
      partition: number("partition"),
      first: number("first-offset"),
      last: number("last-offset"),
      lines: body.toString("latin1").split("\n").length,
      body,
      at_ms: performance.now(),
      response,
      forward,
    };
    this.seen.push(exchange);
    this.#watch(exchange);
    const isSettled = await this.treatment(exchange);
    if (isSettled && exchange.last > (this.#settled.get(exchange.partition) ?? -1))
      this.#settled.set(exchange.partition, exchange.last);
  }

  #watch({ partition, first, last }: Exchange): void {
    if (first === -1) return;
    const settled = this.#settled.get(partition);
    if (settled === undefined) this.#settled.set(partition, first - 1);
    else if (first > settled + 1) this.breaches.push(`partition ${partition}: ${first}..${last} after ${settled}`);
  }

  #forward(path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(`${this.#target}${path}`, { method: "POST", headers }, (incoming) => {
        const { statusCode = 0, headers: answered } = incoming;
        buffer(incoming).then((bytes) => resolve({ status: statusCode, headers: answered, body: bytes }), reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}
