/**
 * The chat rooms and pagers that incidents are told to, over real HTTP under one address: each takes what its recorded schema says
 * (tests/schemas/) from whoever has its key, and answers as its documentation has it. A test may have it answer otherwise.
 */
import type { ServerResponse } from "node:http";
import type { FormName } from "../message-example.ts";
import { isTaken } from "../target-schemas.ts";
import { HttpReceiver, type ReceivedRequest } from "./http-receiver.ts";

export const KEYS = {
  slack: "xoxb-0123456789-e2e",
  pagerduty: "0123456789abcdef0123456789abcdef",
  opsgenie: "GenieKey 01234567-89ab-cdef-0123-456789abcdef",
  telegram: "123456:e2e-token",
} as const;

export interface ToldService extends Omit<ReceivedRequest, "body"> {
  readonly body: Readonly<Record<string, unknown>>;
}

/** An answer in place of the ordinary one. */
export interface OtherAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** By the beginning of its path: the schema of what it takes, null: anything that is JSON. */
const SERVICES: readonly (readonly [prefix: string, schema: FormName | null])[] = [
  ["/slack", "slack"],
  ["/pagerduty", "pagerduty"],
  ["/opsgenie", "opsgenie"],
  ["/teams", "teams"],
  ["/telegram", "telegram"],
  ["/own", null],
];

export class TargetServices extends HttpReceiver {
  readonly told: ToldService[] = [];
  /** Requests that no service would take. */
  readonly breaches: string[] = [];
  /** By path, each for one request. */
  readonly answers = new Map<string, OtherAnswer[]>();
  /** Times of Slack's messages that began a thread, by channel. */
  readonly #threads = new Map<unknown, Set<unknown>>();
  #messages = 0;

  /** What came below a path, in order. */
  at(path: string): ToldService[] {
    return this.told.filter((own) => own.path.startsWith(path));
  }

  protected override answer(request: ReceivedRequest, response: ServerResponse): void {
    const { path } = request;
    let body: ToldService["body"] = {};
    const service = SERVICES.find(([prefix]) => path.startsWith(prefix));
    try {
      body = JSON.parse(request.body) as ToldService["body"];
      const schema = service?.[1] ?? null;
      if (service === undefined || (schema !== null && !isTaken(schema, request.body)))
        this.breaches.push(`${request.method} ${path} takes no ${request.body}`);
    } catch (error) {
      this.breaches.push(`${request.method} ${path}: ${String(error)}`);
    }
    const one = { ...request, body };
    this.told.push(one);
    const other = this.answers.get(path)?.shift();
    if (other === undefined) this.#ordinary(one, response);
    else say(response, other.status, other.body ?? {}, other.headers);
  }

  #ordinary(one: ToldService, response: ServerResponse): void {
    const { path, headers, body } = one;
    if (path === "/slack/api/chat.postMessage") return say(response, 200, this.#posted(headers.authorization, body));
    if (path.startsWith("/slack/")) return void response.writeHead(200).end("ok");
    if (path.startsWith("/pagerduty/")) {
      if (body["routing_key"] !== KEYS.pagerduty) return say(response, 400, { status: "invalid event" });
      return say(response, 202, { status: "success", message: "Event processed", dedup_key: body["dedup_key"] });
    }
    if (path.startsWith("/opsgenie/")) {
      if (headers.authorization !== KEYS.opsgenie) return say(response, 401, { message: "Could not authenticate" });
      return say(response, 202, { result: "Request will be processed", took: 0.1, requestId: "r" });
    }
    if (path.startsWith("/telegram/")) return say(response, 200, { ok: true, result: { message_id: 1 } });
    response.writeHead(202).end();
  }

  /** chat.postMessage: a refusal, too, has the status 200. */
  #posted(authorization: string | undefined, body: ToldService["body"]): object {
    if (authorization !== `Bearer ${KEYS.slack}`) return { ok: false, error: "invalid_auth" };
    const { channel, thread_ts } = body;
    const known = this.#threads.get(channel) ?? new Set();
    this.#threads.set(channel, known);
    if (thread_ts !== undefined && !known.has(thread_ts)) return { ok: false, error: "thread_not_found" };
    this.#messages += 1;
    const ts = `1700000000.${String(this.#messages).padStart(6, "0")}`;
    if (thread_ts === undefined) known.add(ts);
    return {
      ok: true,
      channel,
      ts,
      message: { text: body["text"], ...(thread_ts === undefined ? {} : { thread_ts }) },
    };
  }
}

function say(response: ServerResponse, status: number, body: object, headers: OtherAnswer["headers"] = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
