import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aMessage, anItem, aWebhook, FORMS, SENT_MS } from "../tests/message-example.ts";
import { isTaken } from "../tests/target-schemas.ts";
import { requestOf } from "./targets.ts";
import type { MessageKind, Target } from "./target.ts";

const SECRETS = ["k", "n"].map((letter) => `whsec_${btoa(letter.repeat(24))}`) as [string, string];

/** The library judges by the clock: five minutes. */
const now_ms = Date.now();

function sent(secrets: readonly string[], at_ms = now_ms) {
  return requestOf(aMessage(), aWebhook({ secrets }), null, at_ms)!;
}

describe("a webhook after the specification", () => {
  test("is verified by the library", () => {
    const { body, headers } = sent([SECRETS[0]]);
    expect(new Webhook(SECRETS[0]).verify(body, headers)).toEqual(JSON.parse(body));
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "Faultline",
      "webhook-id": "msg_0123456789abcdefABCDEF",
      "webhook-timestamp": String(Math.floor(now_ms / 1000)),
    });
  });

  test("has a signature by each secret, so that both are valid while one takes the other's place", () => {
    const { body, headers } = sent(SECRETS);
    expect(headers["webhook-signature"]!.split(" ")).toHaveLength(2);
    for (const secret of SECRETS) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  test("is refused by whoever knows another secret, with another body, or later", () => {
    const { body, headers } = sent([SECRETS[0]]);
    expect(() => new Webhook(SECRETS[1]).verify(body, headers)).toThrow(WebhookVerificationError);
    expect(() => new Webhook(SECRETS[0]).verify(`${body} `, headers)).toThrow(WebhookVerificationError);
    const old = sent([SECRETS[0]], now_ms - 301_000);
    expect(() => new Webhook(SECRETS[0]).verify(old.body, old.headers)).toThrow("Message timestamp too old");
  });

  test("is signed anew in each attempt, under the same id and with the same body", () => {
    const [first, later] = [sent([SECRETS[0]]), sent([SECRETS[0]], now_ms + 60_000)];
    expect(later.body).toBe(first.body);
    expect(later.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    expect(later.headers["webhook-signature"]).not.toBe(first.headers["webhook-signature"]);
  });

  test("is not signed without a secret", () => {
    expect(sent([]).headers).not.toHaveProperty("webhook-signature");
  });

  test("carries the headers that were given, which take the place of all but the signature's", () => {
    const target = aWebhook({
      secrets: [SECRETS[0]],
      headers: { "User-Agent": "me", "X-Key": "1", "Webhook-Id": "forged" },
    });
    const { headers, body } = requestOf(aMessage(), target, null, now_ms)!;
    expect(headers).toMatchObject({ "user-agent": "me", "x-key": "1", "webhook-id": "msg_0123456789abcdefABCDEF" });
    expect(Object.keys(headers).filter((name) => name !== name.toLowerCase())).toEqual([]);
    expect(() => new Webhook(SECRETS[0]).verify(body, headers)).not.toThrow();
  });

  test.each([
    ["opened", "incident.opened"],
    ["resolved", "incident.resolved"],
    ["acknowledged", "incident.acknowledged"],
    ["digest", "incidents.digest"],
    ["caught_up", "incidents.caught_up"],
    ["test", "test"],
  ] satisfies [MessageKind, string][])("a message of kind %s is of type %s", (kind, type) => {
    const event = JSON.parse(requestOf(aMessage({ kind }), aWebhook(), null, SENT_MS)!.body) as Record<string, unknown>;
    expect(event).toMatchObject({
      type,
      timestamp: "2026-11-24T10:04:54Z",
      data: { kind, items: [{ change: "opened" }] },
    });
  });

  test("tells programs what people are told: numbers, words, links to act by", () => {
    const { data } = JSON.parse(requestOf(aMessage(), aWebhook(), null, SENT_MS)!.body) as {
      data: { items: Record<string, unknown>[] };
    };
    expect(data.items[0]).toMatchObject({
      incident: { id: "checkout-1795514656-error_rate", metric_value: 0.31, excess_low: 280 },
      narrative: { possible_causes: [{ cause: "release", certainty: "LIKELY" }] },
      impact: "310 of 1,000 requests failed, about 306 more than normal.",
      spark: { values: [0.004, null, 0.12, 0.31, 0.3], bars: "▁·▄██" },
      links: { acknowledge: "https://faultline.example.org/act/a", traces: null },
    });
  });
});

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("a real receiver", () => {
  const received: Received[] = [];
  let server: Server;
  let origin = "";

  beforeAll(async () => {
    server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const { url = "", headers } = request;
        received.push({ url, headers, body: Buffer.concat(pieces).toString("utf8") });
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  /** The target with the receiver in its host's place. */
  function here(target: Target): Target {
    const moved = (url: string) => `${origin}${new URL(url).pathname}`;
    if (target.type !== "slack") return { ...target, url: moved(target.url) };
    return { ...target, url: target.url === null ? null : moved(target.url), api_url: moved(target.api_url) };
  }

  async function receivedFrom(target: Target): Promise<Received> {
    // What is told has signs of one to four bytes.
    const { url, headers, body } = requestOf(
      aMessage({ items: [anItem({ owner: "é漢😀" })] }),
      here(target),
      null,
      now_ms,
    )!;
    const answer = await fetch(url, { method: "POST", headers, body });
    await answer.text();
    return received.at(-1)!;
  }

  test.each(FORMS.map(([name, target], index) => ({ name, target, index })))(
    "of $name ($index) gets what its schema says",
    async ({ name, target }) => {
      const { body, headers, url } = await receivedFrom(target);
      expect(isTaken(name, body)).toBe(true);
      expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
      if (target.type === "slack" && target.token !== null) {
        expect({ url, authorization: headers.authorization }).toEqual({
          url: "/api/chat.postMessage",
          authorization: "Bearer xoxb-1",
        });
      }
      if (target.type === "alertmanager") expect(url).toBe("/api/v2/alerts");
    },
  );

  test("verifies what came over the wire", async () => {
    const { body, headers } = await receivedFrom(aWebhook({ secrets: SECRETS }));
    const signed = headers as Record<string, string>;
    for (const secret of SECRETS) expect(new Webhook(secret).verify(body, signed)).toEqual(JSON.parse(body));
  });
});
