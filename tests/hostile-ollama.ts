/** A server in Ollama's place that answers what an attacker, a proxy or a bad day would. Each way is a real HTTP answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

export interface HostileRequest {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
}

/** What it does with a request whose body has come. */
export type Way = (response: ServerResponse, server: HostileOllama) => void;

const MIB = 1024 * 1024;

/** An answer as the real one gives it, with a text of the caller's. */
export function chatAnswer(content: string, more: Readonly<Record<string, unknown>> = {}): string {
  const counts = { prompt_eval_count: 700, eval_count: 300 };
  return JSON.stringify({ model: "m", message: { role: "assistant", content }, done: true, ...counts, ...more });
}

export function answer(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Way {
  return (response) => void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

/** Writes until the other side hangs up, as fast as it takes it, `total` bytes at most. */
function pour(response: ServerResponse, server: HostileOllama, piece: Buffer, total: number): void {
  const more = () => {
    while (server.poured < total && !response.destroyed) {
      server.poured += piece.length;
      if (!response.write(piece)) return void response.once("drain", more);
    }
    if (!response.destroyed) response.end();
  };
  more();
}

export const WAYS = {
  fifty_mib: (response, server) => {
    response.writeHead(200, { "content-type": "application/json" });
    pour(response, server, Buffer.alloc(64 * 1024, " "), 50 * MIB);
  },
  fifty_mib_announced: (response, server) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": String(50 * MIB) });
    pour(response, server, Buffer.alloc(64 * 1024, " "), 50 * MIB);
  },
  /** One byte, then nothing: neither an end nor an error. */
  drip: (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write("{");
  },
  no_headers: () => undefined,
  error_without_end: (response, server) => {
    response.writeHead(500, { "content-type": "text/plain" });
    pour(response, server, Buffer.alloc(64 * 1024, "no "), 50 * MIB);
  },
  cut_off: (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
    response.write(chatAnswer("half").slice(0, 30), () => void response.destroy());
  },
  cut_off_json: answer(chatAnswer("half").slice(0, 40)),
  reset: (response) => void response.destroy(),
  status_500: answer('{"error":"llama runner process has terminated"}', 500),
  status_503_html: (response) =>
    void response.writeHead(503, { "content-type": "text/html" }).end("<h1>Busy</h1>\u0007"),
  status_401: answer("{}", 401),
  no_model: answer('{"error":"model \\"m\\" not found, try pulling it first"}', 404),
  not_found: (response) => void response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found"),
  html: (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>sign in</html>"),
  redirect: (response, server) => void response.writeHead(307, { location: `${server.url}/elsewhere` }).end(),
  nothing: answer(""),
  no_content: (response) => void response.writeHead(204).end(),
  null_json: answer("null"),
  a_list: answer("[1,2,3]"),
  not_done: answer(chatAnswer("{}", { done: false })),
  no_message: answer('{"done":true}'),
  number_as_content: answer('{"done":true,"message":{"content":7}}'),
  error_with_200: answer('{"error":"out of memory"}'),
} as const satisfies Readonly<Record<string, Way>>;

export class HostileOllama {
  readonly requests: HostileRequest[] = [];
  /** Bytes that the newest endless answer has written. */
  poured = 0;
  /** Connections that the other side closed before it was answered. */
  given_up = 0;
  way: Way = WAYS.nothing;
  url = "";
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as HostileRequest["body"];
    this.requests.push({ url: request.url ?? "", headers: request.headers, body });
    this.poured = 0;
    response.once("close", () => {
      if (!response.writableFinished) this.given_up += 1;
    });
    this.way(response, this);
  }
}

/** 50 MiB in 50 KiB. Made when it is asked for: half a second of work that most tests do not need. */
export function gzipBomb(): Way {
  const bomb = gzipSync(Buffer.alloc(50 * MIB, " "));
  return (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
}
