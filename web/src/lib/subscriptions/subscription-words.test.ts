import { expect, test } from "vitest";
import {
  attemptWords,
  changesWords,
  healthWords,
  isFound,
  outcomeWords,
  servicesWords,
  sortedSubscriptions,
  statusWords,
  subscriptionsSentence,
} from "./subscription-words.ts";
import type { SubscriptionHealth, SubscriptionItem } from "../../../../domain/subscription.ts";

const NOW = Date.parse("2026-11-24T10:10:00Z");
const HEALTH: SubscriptionHealth = {
  state: "healthy",
  since: null,
  reason: null,
  delivered_at: null,
  waiting: 0,
  failures: 0,
};

test.each([
  [HEALTH, "Nothing delivered yet", null],
  [{ ...HEALTH, delivered_at: "2026-11-24T10:00:00Z" }, "Delivered 10:00:00", null],
  [{ ...HEALTH, state: "failing", reason: "status 500" }, "The newest attempt failed: status 500", "medium"],
  [
    { ...HEALTH, state: "unhealthy", since: "2026-11-24T10:00:00Z", reason: "no answer" },
    "Unhealthy since 10:00:00: no answer",
    "high",
  ],
  [{ ...HEALTH, state: "disabled", since: "2026-11-24T10:00:00Z" }, "Disabled by its target since 10:00:00", "high"],
  [null, "Not known: its object does not answer", "medium"],
] as const)("%o is told as %s", (health, text, severity) => {
  expect(healthWords({ enabled: true, health }, NOW)).toEqual({ text, severity });
});

test("one that is switched off is not wrong, whatever its target did", () => {
  expect(healthWords({ enabled: false, health: { ...HEALTH, state: "failing" } }, NOW).severity).toBeNull();
});

test("what came of a message", () => {
  expect(outcomeWords({ delivered: true, http_status: 204, latency_ms: 42.6, error: null })).toBe(
    "Taken, with 204 status, within 43 ms.",
  );
  expect(
    outcomeWords({ delivered: false, http_status: null, latency_ms: 10_000, error: "no answer within 10 s" }),
  ).toBe("Not taken, after 10000 ms: no answer within 10 s");
  expect(attemptWords({ at: "", http_status: 500, latency_ms: 12, error: "oops" })).toBe("status 500, 12 ms: oops");
  expect(attemptWords({ at: "", http_status: 200, latency_ms: 12, error: null })).toBe("status 200, 12 ms");
  const message = { message_id: "m", kind: "opened", title: "", incident_ids: [], created_at: "", attempts: [] };
  expect(statusWords({ ...message, status: "failed", next_attempt_at: null }, NOW)).toBe("given up");
  expect(statusWords({ ...message, status: "waiting", next_attempt_at: "2026-11-24T10:15:00Z" }, NOW)).toBe(
    "next attempt 10:15:00",
  );
});

function item(part: Partial<SubscriptionItem>): SubscriptionItem {
  const { name, services, health, enabled } = { name: "Team", services: ["*"], health: HEALTH, enabled: true, ...part };
  const wish = { name, services, enabled, min_severity: "high", changes: ["opened", "escalated", "resolved"] };
  return { ...wish, id: name, health, ...part } as SubscriptionItem;
}

test("what a subscription hears of", () => {
  expect(servicesWords(item({}))).toBe("any service");
  expect(servicesWords(item({ services: ["checkout", "pay-*"] }))).toBe("checkout or pay-*");
  const many = Array.from({ length: 12 }, (_, index) => `s${index}`);
  expect(servicesWords(item({ services: many }))).toBe("s0, s1, s2 or 9 more");
  // One more is shorter by its name.
  expect(servicesWords(item({ services: many.slice(0, 4) }))).toBe("s0, s1, s2 or s3");
  expect(changesWords(item({}))).toBe("opens, gets worse or is over");
});

const FAILING = item({ name: "Z", health: { ...HEALTH, state: "failing" } });
const GONE = item({ name: "Y", health: { ...HEALTH, state: "disabled" } });
const OFF = item({ name: "A", enabled: false });

test("the first sentence says how many there are, and how bad it is with those that do not deliver", () => {
  const told = (items: readonly SubscriptionItem[]) => {
    const { text, wrong, severity } = subscriptionsSentence(items, NOW);
    return [`${text}${wrong}`, severity];
  };
  expect(told([])).toEqual(["Nobody is told of incidents yet.", null]);
  expect(told([item({})])).toEqual(["1 subscription.", null]);
  expect(told([item({}), FAILING])).toEqual(["2 subscriptions, 1 not delivering", "medium"]);
  expect(told([item({}), FAILING, GONE])).toEqual(["3 subscriptions, 2 not delivering", "high"]);
  // Two that are listed, and not one that would ring.
  expect(told([OFF, GONE])).toEqual(["Nobody is told of incidents now.", "high"]);
});

test("what does not deliver stands first", () => {
  expect(sortedSubscriptions([OFF, item({ name: "B" }), FAILING], NOW).map(({ name }) => name)).toEqual([
    "Z",
    "A",
    "B",
  ]);
});

test("a search looks at names, services and where it goes, for each of its words", () => {
  const one = item({ name: "Payments room", services: ["pay-*"] });
  expect(["", "PAY room", "slack", "pay-* slack"].map((search) => isFound(one, "Slack, #ops", search))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(isFound(one, "Slack, #ops", "room teams")).toBe(false);
});
