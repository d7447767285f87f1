/** A way to the server that passes everything on and can hold acknowledgements back, or answer them as a proxy might. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of an acknowledgement. `hold`: it is never answered and never reaches the server. */
export type AckFate = "pass" | "hold" | "html" | "503" | "lose the answer";

export class HeldAcks {
  fate: AckFate = "pass";
  /** Acknowledgements that did not pass. */
  held = 0;
  readonly #target: () => string;
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });

  constructor(target: () => string) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fate = request.url?.endsWith("/ack") === true ? this.fate : "pass";
    if (fate !== "pass") this.held += 1;
    if (fate === "hold") return;
    if (fate === "html") return void response.end("<html>sign in</html>");
    if (fate === "503") return void response.writeHead(503).end();
    const { method = "GET", url = "/" } = request;
    const body = method === "GET" ? null : await buffer(request);
    const answer = await fetch(`${this.#target()}${url}`, {
      method,
      headers: { Authorization: request.headers.authorization ?? "", "Content-Type": "application/json" },
      body: body === null ? null : new Uint8Array(body),
    });
    const text = await answer.text();
    if (fate === "lose the answer") return void response.destroy();
    response.writeHead(answer.status, { "Content-Type": answer.headers.get("Content-Type") ?? "" }).end(text);
  }
}
