/** The tables of what a subscription sends: how much of it is kept, and what a message keeps of its incidents. */
import { describe, expect, test } from "vitest";
import type { MessageDraft } from "../domain/delivery-rules-state.ts";
import { incidentRow, anomalyRow } from "../tests/history-rows.ts";
import { SqliteStorage } from "../tests/sqlite-storage.ts";
import { SubscriptionMessages } from "./subscription-messages.ts";
import { type IncidentContent, SubscriptionStore } from "./subscription-sql.ts";

const content: IncidentContent = {
  incident: incidentRow(),
  narrative: null,
  owner: null,
  links: { runbook: null, traces: null },
  spark: null,
};
const BY = { subscription_id: "sub_1", subscription_name: "on call" };

function draftOf(number: number): MessageDraft {
  const items = [{ incident_id: content.incident.id, change: "opened" as const }];
  return { id: `msg_${number}`, kind: "opened", group_key: `group ${number}`, items, more: 0, group_open: 1 };
}

function filled(count: number, delivered: number): SubscriptionMessages {
  const storage = new SqliteStorage();
  // The tables of incidents, of which none is kept back here.
  void new SubscriptionStore(storage);
  const messages = new SubscriptionMessages(storage);
  for (let number = 1; number <= count; number += 1) {
    messages.add(draftOf(number), () => content, number);
    const { id: message_id } = draftOf(number);
    const line = {
      incident_id: `incident ${number}`,
      service: "checkout",
      change: "opened",
      event_at: "2026-11-24T10:00:00Z",
    } as const;
    messages.saveDraft(
      { id: `line ${number}`, ...line, status: "waiting", reason: null, detail: null, silence_id: null, message_id },
      BY,
      number,
    );
    const end = { status: "delivered", next_ms: number, failures: 0, attempt: null, withheld: null } as const;
    if (number <= delivered) messages.settle(message_id, end, number);
  }
  return messages;
}

describe("what is over", () => {
  test("is kept up to a number of messages and lines, the newest of them; what waits stays", () => {
    const messages = filled(30, 25);
    messages.told(messages.untold(100));
    messages.prune(0, 10);
    const kept = Array.from({ length: 15 }, (_, i) => `msg_${30 - i}`);
    expect(messages.newest(null, 100).map(({ id }) => id)).toEqual(kept);
    const lines = Array.from({ length: 30 }, (_, i) => messages.line(`line ${i + 1}`) !== null);
    expect(lines).toEqual(Array.from({ length: 30 }, (_, i) => i >= 15));
  });

  test("is forgotten with age, but for lines that history has yet to hear of", () => {
    const messages = filled(10, 10);
    messages.told(messages.untold(3));
    messages.prune(1_000, 10);
    expect(messages.newest(null, 100)).toEqual([]);
    expect(messages.untold(100).map(({ id }) => id)).toEqual([4, 5, 6, 7, 8, 9, 10].map((number) => `line ${number}`));
    expect(messages.line("line 1")).toBeNull();
  });
});

describe("a message", () => {
  test("that is made again stays as it is", () => {
    const messages = filled(1, 1);
    messages.add(draftOf(1), () => content, 99);
    expect(messages.newest(null, 10)).toMatchObject([{ id: "msg_1", status: "delivered", created_ms: 1 }]);
  });

  test("keeps the most severe anomalies of an incident with many, so that twenty incidents fit a row", () => {
    const messages = new SubscriptionMessages(new SqliteStorage());
    const anomalies = Array.from({ length: 50 }, (_, i) =>
      anomalyRow({ severity: i >= 45 ? "critical" : "medium", description: "x".repeat(1_000) }),
    );
    const large = { ...content, incident: incidentRow({ anomalies }) };
    const items = Array.from({ length: 20 }, (_, i) => ({ incident_id: `incident ${i}`, change: "opened" as const }));
    messages.add({ ...draftOf(1), items }, () => large, 1);
    const [message] = messages.newest(null, 1);
    const kept = message!.content.items[0]!.incident.anomalies;
    expect(kept).toHaveLength(10);
    expect(kept.filter(({ severity }) => severity === "critical")).toHaveLength(5);
    expect(JSON.stringify(message).length).toBeLessThan(1_000_000);
  });

  test("says how many of its incidents nothing is known of any more", () => {
    const messages = new SubscriptionMessages(new SqliteStorage());
    messages.add({ ...draftOf(1), more: 2 }, () => null, 1);
    expect(messages.newest(null, 1)[0]!.content).toEqual({ items: [], more: 3, group_open: 1 });
  });
});

describe("a line", () => {
  test("that changed while history took it goes again", () => {
    const messages = filled(1, 0);
    const before = messages.untold(10);
    messages.settle("msg_1", { status: "delivered", next_ms: 1, failures: 0, attempt: null, withheld: null }, 2);
    messages.told(before);
    expect(messages.untold(10)).toMatchObject([{ id: "line 1", status: "delivered", revision: 2 }]);
  });
});
