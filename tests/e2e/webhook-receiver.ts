/** A receiver of webhooks over real HTTP that verifies what it gets with the library, and answers by path as a test has it. */
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { HttpReceiver, type ReceivedRequest } from "./http-receiver.ts";

export const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export interface ReceivedWebhook {
  readonly path: string;
  readonly id: string;
  readonly at_ms: number;
  readonly kind: string;
  readonly group_key: string;
  /** Incidents it names, as `ID change`. */
  readonly says: readonly string[];
  /** All of it but what is made anew for each attempt: links, and the newest words. */
  readonly content: string;
}

/** What is done with a request; 204 where nothing is said. `attempt`: 1 for the first at its path. */
export type WebhookAnswer = (response: ServerResponse, attempt: number, received: ReceivedWebhook | null) => void;

interface StandardBody {
  readonly data: {
    readonly kind: string;
    readonly group_key: string;
    readonly items: readonly { readonly change: string; readonly incident: { readonly id: string } }[];
  };
}

const MADE_ANEW = new Set(["links", "narrative"]);

export class WebhookReceiver extends HttpReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** Requests whose signature did not verify, or that were no webhooks. */
  readonly breaches: string[] = [];
  readonly answers = new Map<string, WebhookAnswer>();
  /** At every other path. */
  otherwise: WebhookAnswer = (response) => void response.writeHead(204).end();

  at(path: string): ReceivedWebhook[] {
    return this.received.filter((own) => own.path === path);
  }

  protected override answer(request: ReceivedRequest, response: ServerResponse): void {
    const { method, path, at_ms, body } = request;
    let received: ReceivedWebhook | null = null;
    try {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      const event = new Webhook(WEBHOOK_SECRET).verify(body, Object.fromEntries(headers)) as StandardBody;
      const { kind, group_key, items } = event.data;
      const says = items.map(({ change, incident }) => `${incident.id} ${change}`);
      const content = JSON.stringify(event, (key, value: unknown) => (MADE_ANEW.has(key) ? null : value));
      received = { path, id: String(request.headers["webhook-id"]), at_ms, kind, group_key, says, content };
      this.received.push(received);
    } catch (error) {
      this.breaches.push(`${method} ${path}: ${String(error)}`);
    }
    const answer = this.answers.get(path) ?? this.otherwise;
    answer(response, this.at(path).length, received);
  }
}
