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

export class WebhookReceiver extends HttpReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** Requests whose signature did not verify, or that were no webhooks. */
  readonly breaches: string[] = [];
  readonly answers = new Map<string, WebhookAnswer>();

  at(path: string): ReceivedWebhook[] {
    return this.received.filter((own) => own.path === path);
  }

  protected override answer(request: ReceivedRequest, response: ServerResponse): void {
    const { method, path, at_ms, body } = request;
    try {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      const event = new Webhook(WEBHOOK_SECRET).verify(body, Object.fromEntries(headers)) as StandardBody;
      const { kind, items } = event.data;
      const says = items.map(({ change, incident }) => `${incident.id} ${change}`);
      this.received.push({ path, id: String(request.headers["webhook-id"]), at_ms, kind, says });
    } catch (error) {
      this.breaches.push(`${method} ${path}: ${String(error)}`);
    }
    const answer = this.answers.get(path);
    if (answer === undefined) response.writeHead(204).end();
    else answer(response, this.at(path).length);
  }
}
