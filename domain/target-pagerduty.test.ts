import { describe, expect, test } from "vitest";
import { aMessage, anIncident, anItem, overIncident, SENT_MS } from "../tests/message-example.ts";
import type { Message } from "./notification.ts";
import { requestOf, verdictOf } from "./targets.ts";
import type { PagerDutyTarget } from "./target.ts";

const TARGET: PagerDutyTarget = {
  type: "pagerduty",
  url: "https://events.pagerduty.com/v2/enqueue",
  routing_key: "0123456789abcdef0123456789abcdef",
};
const GROUP = "checkout-1795514656-error_rate";

function eventOf(message: Message) {
  const request = requestOf(message, TARGET, null, SENT_MS);
  return request === null ? null : (JSON.parse(request.body) as Record<string, unknown>);
}

const over = anItem({ change: "resolved", incident: overIncident() });

describe("what happens to a group is one alert", () => {
  test.each(["opened", "escalated", "reopened", "flapping", "repeated"] as const)("%s triggers it", (kind) => {
    expect(eventOf(aMessage({ kind }))).toMatchObject({ event_action: "trigger", dedup_key: GROUP });
  });

  test("acknowledged acknowledges it", () => {
    expect(eventOf(aMessage({ kind: "acknowledged" }))).toEqual({
      routing_key: TARGET.routing_key,
      event_action: "acknowledge",
      dedup_key: GROUP,
    });
  });

  test("the last that is resolved resolves it, none before", () => {
    expect(eventOf(aMessage({ items: [over], group_open: 0 }))).toEqual({
      routing_key: TARGET.routing_key,
      event_action: "resolve",
      dedup_key: GROUP,
    });
    expect(eventOf(aMessage({ items: [over], group_open: 1 }))).toBeNull();
  });

  test("new words, and what is caught up with, are nothing to be paged for", () => {
    expect(eventOf(aMessage({ kind: "narrated" }))).toBeNull();
    expect(eventOf(aMessage({ kind: "caught_up" }))).toBeNull();
    expect(eventOf(aMessage({ kind: "digest", items: [over] }))).toBeNull();
  });

  test("a digest and a test are alerts of their own", () => {
    expect(eventOf(aMessage({ kind: "digest" }))).toMatchObject({
      event_action: "trigger",
      dedup_key: "msg_0123456789abcdefABCDEF",
    });
    expect(eventOf(aMessage({ kind: "test" }))).toMatchObject({
      dedup_key: "msg_0123456789abcdefABCDEF",
      payload: { severity: "info" },
    });
  });
});

test.each([
  ["critical", "critical"],
  ["high", "error"],
  ["medium", "warning"],
] as const)("%s is %s", (severity, own) => {
  expect(eventOf(aMessage({ items: [anItem({ incident: anIncident({ severity }) })] }))).toMatchObject({
    payload: { severity: own },
  });
});

test("a trigger carries the sentence, its source, links and all there is to say", () => {
  expect(eventOf(aMessage())).toMatchObject({
    client: "Faultline",
    client_url: "https://faultline.example.org/incidents/checkout-1795514656-error_rate",
    payload: {
      summary: expect.stringMatching(/^Critical incident of checkout: 31\.0 %/),
      source: "checkout",
      component: "/cart/pay",
      class: "error_rate",
      timestamp: "2026-11-24T10:04:12Z",
      custom_details: { text: expect.stringContaining("Likely cause: The release"), incidents: [GROUP], more: 0 },
    },
    links: expect.arrayContaining([{ href: "https://faultline.example.org/act/a", text: "Acknowledge" }]),
  });
});

test("a summary has at most 1,024 characters", () => {
  const message = aMessage({ items: [anItem({ incident: anIncident({ description: "é".repeat(3_000) }) })] });
  const { summary } = eventOf(message)!["payload"] as { summary: string };
  expect(summary.length).toBeLessThanOrEqual(1_024);
  expect(summary).toMatch(/é…$/);
});

test("an answer of 202 is taken, one of 400 says what is wrong", () => {
  const taken = '{"status":"success","message":"Event processed","dedup_key":"x"}';
  expect(verdictOf(TARGET, 202, new Headers(), taken, SENT_MS)).toEqual({ ok: true, thread: null });
  const refused = '{"status":"invalid event","errors":["routing_key is invalid"]}';
  expect(verdictOf(TARGET, 400, new Headers(), refused, SENT_MS)).toMatchObject({
    ok: false,
    error: expect.stringContaining("routing_key is invalid"),
  });
});
