/** A receiver of webhooks over real HTTP that verifies what it gets with the library, and answers by path as a test has it. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export interface ReceivedWebhook {
  readonly path: string;
  readonly id: string;
  readonly at_ms: number;
  readonly kind: string;
  /** Incidents it names, as `ID change`. */
  readonly says: readonly string[];
}

/** What is done with a request; 204 where nothing is said. `attempt`: 1 for the first at its path. */
export type WebhookAnswer = (response: ServerResponse, attempt: number) => void;

interface StandardBody {
  readonly data: {
    readonly kind: string;
    readonly items: readonly { readonly change: string; readonly incident: { readonly id: string } }[];
  };
}

export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** Requests whose signature did not verify, or that were no webhooks. */
  readonly breaches: string[] = [];
  readonly answers = new Map<string, WebhookAnswer>();
  readonly #server: Server = createServer((request, response) => void this.#take(request, response));

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

  at(path: string): ReceivedWebhook[] {
    return this.received.filter((own) => own.path === path);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at_ms = performance.now();
    const path = request.url ?? "";
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      const body = Buffer.concat(chunks).toString();
      const event = new Webhook(WEBHOOK_SECRET).verify(body, Object.fromEntries(headers)) as StandardBody;
      const { kind, items } = event.data;
      const says = items.map(({ change, incident }) => `${incident.id} ${change}`);
      this.received.push({ path, id: String(request.headers["webhook-id"]), at_ms, kind, says });
    } catch (error) {
      this.breaches.push(`${request.method} ${path}: ${String(error)}`);
    }
    const answer = this.answers.get(path);
    if (answer === undefined) response.writeHead(204).end();
    else answer(response, this.at(path).length);
  }
}
