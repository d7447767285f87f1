import { expect, test } from "vitest";
import { bodyOf, draftOf, newDraft, targetWords, webhookSecret, withAddress } from "./subscription-draft.ts";
import { parseBySchema, subscriptionChangeSchema, subscriptionSchema } from "../../../../domain/subscription-schema.ts";
import type { SubscriptionItem } from "../../../../domain/subscription.ts";

const SECRET = webhookSecret(new Uint8Array(32).fill(7));

const ITEM: SubscriptionItem = {
  id: "sub_0000000000000001",
  revision: 4,
  name: "Team room",
  services: ["checkout", "pay-*"],
  min_severity: "high",
  changes: ["opened", "resolved"],
  group_wait_s: 5,
  repeat_min: 30,
  max_per_hour: 60,
  enabled: true,
  target: {
    type: "slack",
    preset: null,
    origin: "https://slack.com",
    set: ["token"],
    names: {},
    shown: { channel: "#alerts" },
  },
  created_at: "2026-11-24T10:00:00Z",
  changed_at: "2026-11-24T10:00:00Z",
  changed_by: "admin",
  health: null,
};

test.each([
  ["https://hooks.slack.com/services/T0/B0/x", {}],
  ["https://discord.com/api/webhooks/1/abc", {}],
  ["https://acme.webhook.office.com/webhookb2/x", {}],
  ["https://api.telegram.org/bot1:A/sendMessage?chat_id=-100", {}],
  ["https://ntfy.sh/outages", {}],
  ["0123456789abcdef0123456789abcdef", {}],
  ["https://api.opsgenie.com", { api_key: "k" }],
  ["https://chat.example.org/hooks/abcdefghijklmnopqrstuvwxyz", {}],
  ["https://am.example.org:9093", { headers: "X-Scope: a\n\nAuthorization: Basic eDp5" }],
  ["https://example.org/hook", {}],
])("pasting %s and saving is all that it takes", (address, more) => {
  const draft = { ...withAddress(newDraft(SECRET), address), ...more };
  expect(parseBySchema(subscriptionSchema, bodyOf(draft))).toMatchObject({ ok: true });
});

test("only a plain webhook is signed; a preset is not given what it cannot verify", () => {
  const plain = bodyOf(withAddress(newDraft(SECRET), "https://example.org/hook"));
  expect(plain["target"]).toMatchObject({ preset: null, secrets: [SECRET] });
  const discord = bodyOf(withAddress(newDraft(SECRET), "https://discord.com/api/webhooks/1/abc"));
  expect(discord["target"]).not.toHaveProperty("secrets");
});

test("a name that somebody typed stays, one that was filled in follows the address", () => {
  const first = withAddress(newDraft(SECRET), "https://hooks.slack.com/services/x");
  expect(first.name).toBe("Slack");
  expect(withAddress(first, "https://ntfy.sh/outages").name).toBe("outages");
  expect(withAddress({ ...first, name: "Mine" }, "https://ntfy.sh/outages").name).toBe("Mine");
});

test("what is not typed anew keeps its value when one is changed", () => {
  const body = bodyOf({ ...draftOf(ITEM), min_severity: "critical" });
  expect(parseBySchema(subscriptionChangeSchema, body)).toMatchObject({ ok: true });
  expect(body).toMatchObject({ min_severity: "critical", repeat_min: 30, services: ["checkout", "pay-*"] });
  expect(body["target"]).toEqual({ type: "slack", channel: "#alerts" });
});

test("a new secret stands before the one that is stored", () => {
  const item = { ...ITEM, target: { ...ITEM.target, type: "webhook" as const, shown: {} } };
  expect(bodyOf({ ...draftOf(item), secret: SECRET })["target"]).toMatchObject({ secrets: [SECRET, null] });
  expect(bodyOf(draftOf(item))["target"]).not.toHaveProperty("secrets");
});

test("a template that is emptied is taken away", () => {
  const shown = { templates: { default: { body: "{}" } } };
  const draft = draftOf({ ...ITEM, target: { ...ITEM.target, type: "webhook", shown } });
  expect(draft.template).toBe("{}");
  expect(bodyOf({ ...draft, template: "" })["target"]).toMatchObject({ templates: null });
});

test("numbers that are none go as they were typed, for the answer to name", () => {
  const draft = withAddress(newDraft(SECRET), "https://example.org/hook");
  const parsed = parseBySchema(subscriptionSchema, bodyOf({ ...draft, group_wait_s: "soon" }));
  expect(parsed).toMatchObject({ ok: false, problems: [{ path: "group_wait_s" }] });
});

test("where it goes is told in words", () => {
  expect(targetWords(ITEM)).toBe("Slack, #alerts at slack.com");
  const target = { ...ITEM.target, type: "webhook" as const, origin: "https://example.org", shown: {} };
  expect(targetWords({ target })).toBe("Webhook at example.org");
  expect(targetWords({ target: { ...target, preset: "discord" } })).toBe("Discord, example.org");
});
