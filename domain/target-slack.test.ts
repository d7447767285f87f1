import { describe, expect, test } from "vitest";
import { aMessage, anIncident, anItem, SENT_MS } from "../tests/message-example.ts";
import type { Message } from "./notification.ts";
import { requestOf, verdictOf } from "./targets.ts";
import type { SlackTarget } from "./target.ts";

const APP: SlackTarget = {
  type: "slack",
  url: null,
  token: "xoxb-1",
  channel: "C1",
  api_url: "https://slack.com/api/",
};

function bodyOf(message: Message, target: SlackTarget, thread: string | null): Record<string, unknown> {
  return JSON.parse(requestOf(message, target, thread, SENT_MS)!.body) as Record<string, unknown>;
}

describe("an app with a bot token", () => {
  test("posts to its channel, and what belongs to the group into the first one's thread", () => {
    const request = requestOf(aMessage(), APP, null, SENT_MS)!;
    expect(request).toMatchObject({
      url: "https://slack.com/api/chat.postMessage",
      headers: { authorization: "Bearer xoxb-1", "content-type": "application/json; charset=utf-8" },
    });
    expect(bodyOf(aMessage(), APP, null)).toMatchObject({ channel: "C1" });
    expect(bodyOf(aMessage(), APP, null)).not.toHaveProperty("thread_ts");
    expect(bodyOf(aMessage({ kind: "narrated" }), APP, "1700000000.000100")).toMatchObject({
      thread_ts: "1700000000.000100",
      reply_broadcast: false,
    });
  });

  test.each(["escalated", "resolved", "reopened"] as const)("shows in the channel too what was %s", (kind) => {
    expect(bodyOf(aMessage({ kind }), APP, "1.2")).toMatchObject({ reply_broadcast: true });
  });

  test("is told the thread by the first answer, and its root by an answer within it", () => {
    const first = verdictOf(
      APP,
      200,
      new Headers(),
      '{"ok":true,"channel":"C1","ts":"1.2","message":{"text":"x"}}',
      SENT_MS,
    );
    expect(first).toEqual({ ok: true, thread: "1.2" });
    const later = '{"ok":true,"channel":"C1","ts":"3.4","message":{"thread_ts":"1.2"}}';
    expect(verdictOf(APP, 200, new Headers(), later, SENT_MS)).toEqual({ ok: true, thread: "1.2" });
  });

  test("has failed where the answer says so, though its status is 200", () => {
    expect(verdictOf(APP, 200, new Headers(), '{"ok":false,"error":"channel_not_found"}', SENT_MS)).toEqual({
      ok: false,
      gone: false,
      retry_after_s: null,
      error: "answered that it failed: channel_not_found",
    });
    expect(verdictOf(APP, 200, new Headers(), '{"ok":false}', SENT_MS)).toMatchObject({ ok: false });
  });
});

describe("an incoming webhook", () => {
  const target: SlackTarget = { ...APP, url: "https://hooks.slack.com/services/T/B/x", token: null, channel: null };

  test("gets the message alone", () => {
    expect(requestOf(aMessage(), target, "1.2", SENT_MS)).toMatchObject({
      url: "https://hooks.slack.com/services/T/B/x",
    });
    expect(Object.keys(bodyOf(aMessage(), target, "1.2")).sort()).toEqual(["blocks", "text", "unfurl_links"]);
  });

  test("answers ok", () => {
    expect(verdictOf(target, 200, new Headers(), "ok", SENT_MS)).toEqual({ ok: true, thread: null });
  });
});

test("blocks tell the state, what there is to say, and where to go", () => {
  const { blocks, text } = bodyOf(aMessage(), APP, null) as {
    blocks: { type: string; text: { text: string } }[];
    text: string;
  };
  expect(text).toMatch(/^Critical incident of checkout: 31\.0 %/);
  expect(blocks.map(({ type }) => type)).toEqual(["header", "section", "section"]);
  expect(blocks[0]!.text.text).toBe("checkout: critical");
  expect(blocks[1]!.text.text).toMatch(
    /Impact: .*\nBegan: .*\n.*\nLikely cause: .*\n.*\nTrend: error rate ▁·▄██ .*\nOwner: team-pay$/,
  );
  expect(blocks[2]!.text.text).toMatch(/^<https:.*\|Open the incident> · <https:.*\|Acknowledge> · .*\|Runbook>$/);
});

test("a long message is several sections, and no more than Slack takes", () => {
  const incident = anIncident({ description: "&".repeat(1_000) });
  const message = aMessage({ items: Array.from({ length: 20 }, () => anItem({ incident })) });
  const { blocks } = bodyOf(message, APP, null) as { blocks: { type: string; text: { text: string } }[] };
  expect(blocks.length).toBeGreaterThan(3);
  expect(blocks.map(({ text }) => text.text.length).reduce((sum, length) => sum + length, 0)).toBeLessThan(13_000);
});
