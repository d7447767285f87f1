import { describe, expect, test } from "vitest";
import { aMessage, anIncident, anItem, aWebhook, overIncident, SENT_MS } from "../tests/message-example.ts";
import { isTaken } from "../tests/target-schemas.ts";
import type { Message } from "./notification.ts";
import { requestOf } from "./targets.ts";
import type { Preset } from "./target.ts";

function bodyOf(preset: Preset, message: Message): Record<string, unknown> {
  const target = aWebhook({ preset, params: { chat_id: "-1001", topic: "alerts", message_thread_id: "7" } });
  return JSON.parse(requestOf(message, target, null, SENT_MS)!.body) as Record<string, unknown>;
}

const over = aMessage({ items: [anItem({ change: "resolved", incident: overIncident() })] });
const medium = aMessage({ items: [anItem({ incident: anIncident({ severity: "medium" }) })] });

test("Teams gets a card of plain text whose colour is the state, and buttons", () => {
  const cardOf = (message: Message) =>
    (
      bodyOf("teams", message)["attachments"] as [
        { content: { body: { inlines: [{ text: string; color?: string }] }[]; actions: unknown[] } },
      ]
    )[0].content;
  const card = cardOf(aMessage());
  expect(card.body.map(({ inlines }) => inlines[0].text)).toEqual([
    expect.stringMatching(/^Critical incident of checkout/),
    expect.stringMatching(/^Impact/),
    expect.stringMatching(/^Began/),
    expect.stringMatching(/^After/),
    expect.stringMatching(/^Likely cause/),
    expect.stringMatching(/^Do first/),
    expect.stringMatching(/^Trend: .*▁·▄██/),
    "Owner: team-pay",
  ]);
  expect(card.actions).toContainEqual({
    type: "Action.OpenUrl",
    title: "Acknowledge",
    url: "https://faultline.example.org/act/a",
  });
  expect([aMessage(), medium, over].map((message) => cardOf(message).body[0]!.inlines[0].color)).toEqual([
    "Attention",
    "Warning",
    "Good",
  ]);
});

test("Discord gets an embed, and calls nobody", () => {
  const { embeds, allowed_mentions } = bodyOf("discord", aMessage()) as {
    embeds: Record<string, unknown>[];
    allowed_mentions: unknown;
  };
  expect(allowed_mentions).toEqual({ parse: [] });
  expect(embeds[0]).toMatchObject({
    title: "checkout: critical",
    color: 0xd92d20,
    url: "https://faultline.example.org/incidents/checkout-1795514656-error_rate",
    description: expect.stringMatching(
      /^\*\*Critical incident[^]*\[Acknowledge\]\(https:\/\/faultline\.example\.org\/act\/a\)/,
    ),
  });
  expect((bodyOf("discord", over)["embeds"] as { title: string; color: number }[])[0]).toMatchObject({
    title: "checkout: resolved",
    color: 0x2e9e5b,
  });
});

test("Mattermost gets an attachment with a summary of plain text", () => {
  expect(bodyOf("mattermost", aMessage())).toMatchObject({
    attachments: [
      {
        color: "#d92d20",
        fallback: expect.stringMatching(/^Critical incident/),
        text: expect.stringContaining("Owner: team-pay\n[Open the incident]("),
      },
    ],
  });
});

test("a bracket in a link does not end it", () => {
  const links = { runbook: "https://wiki.example.org/a_(b)", traces: null };
  const { attachments } = bodyOf("mattermost", aMessage({ items: [anItem({ links })] })) as {
    attachments: [{ text: string }];
  };
  expect(attachments[0].text).toContain("[Runbook](https://wiki.example.org/a%5F%28b%29)");
});

test("Telegram gets text with its marks beside it, counted as Telegram counts", () => {
  const owner = "😀 owner";
  const { text, entities, ...rest } = bodyOf("telegram", aMessage({ items: [anItem({ owner })] })) as {
    text: string;
    entities: { type: string; offset: number; length: number; url?: string }[];
  };
  expect(rest).toEqual({ chat_id: "-1001", message_thread_id: 7, link_preview_options: { is_disabled: true } });
  const marked = entities.map(({ type, offset, length }) => [type, text.slice(offset, offset + length)]);
  expect(marked[0]).toEqual(["bold", text.split("\n")[0]]);
  expect(marked.slice(1)).toEqual(
    ["Open the incident", "Acknowledge", "Snooze for 1 h", "False alarm", "Runbook"].map((label) => [
      "text_link",
      label,
    ]),
  );
});

test("ntfy gets a priority by severity, and what a tap opens", () => {
  expect(bodyOf("ntfy", aMessage())).toMatchObject({
    topic: "alerts",
    priority: 5,
    tags: ["rotating_light"],
    click: "https://faultline.example.org/incidents/checkout-1795514656-error_rate",
    actions: [{ label: "Acknowledge" }, { label: "Snooze for 1 h" }, { label: "False alarm" }],
  });
  expect(bodyOf("ntfy", medium)).toMatchObject({ priority: 3 });
  expect(bodyOf("ntfy", over)).toMatchObject({ priority: 3, tags: ["white_check_mark"] });
});

describe("Opsgenie", () => {
  const target = aWebhook({ preset: "opsgenie", url: "https://api.opsgenie.com/v2/alerts?x=1" });
  const ask = (message: Message) => {
    const request = requestOf(message, target, null, SENT_MS);
    return request === null ? null : { url: request.url, ...(JSON.parse(request.body) as Record<string, unknown>) };
  };
  const ALERT = "https://api.opsgenie.com/v2/alerts/checkout-1795514656-error_rate";

  test.each(["opened", "escalated", "reopened", "flapping", "repeated"] as const)(
    "creates an alert, or counts it again, for %s",
    (kind) => {
      expect(ask(aMessage({ kind }))).toMatchObject({
        url: target.url,
        alias: "checkout-1795514656-error_rate",
        priority: "P1",
        entity: "checkout",
        details: { endpoint: "/cart/pay" },
      });
    },
  );

  const next = (message: Message) => requestOf(message, target, null, SENT_MS)!.next ?? null;
  const anOpen = (severity: "medium" | "high" | "critical") => anItem({ incident: anIncident({ severity }) });

  test.each(["escalated", "reopened", "flapping", "repeated"] as const)(
    "gives an alert that may be open already the priority that it has come to, for %s",
    (kind) => {
      const items = [anOpen("high")];
      expect(next(aMessage({ kind, items, group_open: 1 }))).toMatchObject({
        method: "PUT",
        url: `${ALERT}/priority?x=1&identifierType=alias`,
        body: '{"priority":"P2"}',
      });
      expect(isTaken("opsgenie", next(aMessage({ kind, items, group_open: 1 }))!.body)).toBe(true);
    },
  );

  test("never lowers it for an incident that it does not tell of", () => {
    const told = (kind: Message["kind"], severity: "high" | "critical") =>
      next(aMessage({ kind, items: [anOpen(severity)], group_open: 2 }));
    expect(told("escalated", "high")).toBeNull();
    expect(told("opened", "high")).toBeNull();
    expect(told("escalated", "critical")).toMatchObject({ body: '{"priority":"P1"}' });
    expect(told("opened", "critical")).toMatchObject({ body: '{"priority":"P1"}' });
  });

  test("asks for no priority of an alert that is new", () => {
    expect(next(aMessage({ items: [anOpen("high")], group_open: 1 }))).toBeNull();
    for (const kind of ["digest", "test"] as const) expect(next(aMessage({ kind }))).toBeNull();
  });

  test("signs what follows as it signs the first", () => {
    const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    const request = requestOf(aMessage({ kind: "escalated" }), { ...target, secrets }, null, SENT_MS)!;
    expect(request.next!.headers["webhook-signature"]).toMatch(/^v1,/);
    expect(request.next!.headers["webhook-signature"]).not.toBe(request.headers["webhook-signature"]);
    expect(request.next!.headers["content-type"]).toBe("application/json");
  });

  test("closes it with the last that is resolved, and notes what goes before", () => {
    expect(ask(over)).toMatchObject({ url: `${ALERT}/close?x=1&identifierType=alias`, source: "Faultline" });
    expect(ask({ ...over, group_open: 1 })).toMatchObject({ url: `${ALERT}/notes?x=1&identifierType=alias` });
    expect(ask(aMessage({ kind: "narrated" }))).toMatchObject({ url: `${ALERT}/notes?x=1&identifierType=alias` });
  });

  test("acknowledges it", () => {
    expect(ask(aMessage({ kind: "acknowledged" }))).toMatchObject({
      url: `${ALERT}/acknowledge?x=1&identifierType=alias`,
    });
  });

  test("makes an alert of its own of a digest and of a test, and none of what is over", () => {
    expect(ask(aMessage({ kind: "digest" }))).toMatchObject({ alias: "msg_0123456789abcdefABCDEF" });
    expect(ask(aMessage({ kind: "test" }))).toMatchObject({ alias: "msg_0123456789abcdefABCDEF", priority: "P5" });
    expect(ask({ ...over, kind: "digest" })).toBeNull();
    expect(ask(aMessage({ kind: "caught_up" }))).toBeNull();
  });

  test("an alias that has signs of an address stays one part of it", () => {
    const url = ask({ ...over, group_key: "a/../b?c#d" })!.url;
    expect(url).toBe("https://api.opsgenie.com/v2/alerts/a%2F..%2Fb%3Fc%23d/close?x=1&identifierType=alias");
  });
});
