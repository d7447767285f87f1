import { expect, test } from "vitest";
import { attemptWords, healthWords, outcomeWords, statusWords, wishWords } from "./subscription-words.ts";
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
  [HEALTH, "Nothing delivered yet", false],
  [{ ...HEALTH, delivered_at: "2026-11-24T10:00:00Z" }, "Delivered 10:00:00", false],
  [{ ...HEALTH, state: "failing", reason: "status 500" }, "The newest attempt failed: status 500", true],
  [
    { ...HEALTH, state: "unhealthy", since: "2026-11-24T10:00:00Z", reason: "no answer" },
    "Unhealthy since 10:00:00: no answer",
    true,
  ],
  [{ ...HEALTH, state: "disabled", since: "2026-11-24T10:00:00Z" }, "Disabled by its target since 10:00:00", true],
  [null, "Not known: its object does not answer", true],
] as const)("%o is told as %s", (health, text, wrong) => {
  expect(healthWords({ enabled: true, health }, NOW)).toEqual({ text, wrong });
});

test("one that is switched off is not wrong, whatever its target did", () => {
  expect(healthWords({ enabled: false, health: { ...HEALTH, state: "failing" } }, NOW).wrong).toBe(false);
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

test("what a subscription hears of", () => {
  const item = { services: ["checkout", "pay-*"], min_severity: "high", changes: ["opened", "escalated", "resolved"] };
  expect(wishWords(item as unknown as SubscriptionItem)).toBe(
    "When an incident of checkout or pay-* opens, gets worse or is over, high and worse",
  );
  expect(
    wishWords({ ...item, services: ["*"], changes: ["opened"], min_severity: "medium" } as unknown as SubscriptionItem),
  ).toBe("When an incident of any service opens, medium and worse");
});
