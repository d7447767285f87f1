import { expect, test } from "vitest";
import { changeWords, ledgers, outcomeWords, rowsOf } from "./ledger-words.ts";
import { WITHHELD_REASONS, type Delivery } from "../../../../domain/delivery.ts";

const HEARD = "2026-11-24T10:00:00.000Z";

function delivery(changes: Partial<Delivery> = {}): Delivery {
  return {
    id: "sub_1:checkout-1-error_rate:4",
    subscription_id: "sub_1",
    subscription_name: "Team room",
    incident_id: "checkout-1-error_rate",
    service: "checkout",
    change: "opened",
    status: "delivered",
    reason: null,
    detail: null,
    message_id: "msg_1",
    event_at: HEARD,
    heard_at: HEARD,
    delivered_at: "2026-11-24T10:00:05.240Z",
    attempts: 1,
    http_status: 200,
    latency_ms: 40,
    revision: 2,
    ...changes,
  };
}

test("each subscription has its lines, in the order in which it heard, under its newest name", () => {
  const found = ledgers([
    delivery({ id: "sub_2:i:10", subscription_id: "sub_2", subscription_name: "Phone" }),
    delivery({ id: "sub_1:i:10", subscription_name: "Room" }),
    delivery({ id: "sub_1:i:9" }),
    delivery({ id: "sub_1:i:4", heard_at: "2026-11-24T09:59:00.000Z" }),
  ]);
  expect(found.map(({ name }) => name)).toEqual(["Phone", "Room"]);
  expect(found[1]!.lines.map(({ id }) => id)).toEqual(["sub_1:i:4", "sub_1:i:9", "sub_1:i:10"]);
});

test.each([
  [{}, "delivered within 5.2 s"],
  [{ delivered_at: "2026-11-24T11:02:00.000Z", attempts: 4 }, "delivered within 1 h 2 min, at attempt 4"],
  [{ status: "waiting", attempts: 0, delivered_at: null }, "on its way"],
  [{ status: "waiting", attempts: 1, delivered_at: null }, "not taken yet, 1 attempt; it is tried again"],
  [{ status: "failed", attempts: 10, delivered_at: null }, "given up after 10 attempts"],
  [{ status: "withheld", reason: "silence", delivered_at: null }, "withheld: a silence holds"],
] as const)("%o is told as %s", (changes, words) => {
  expect(outcomeWords(delivery(changes))).toBe(words);
});

test("what is withheld alike is one row, where it was withheld first; nothing else is", () => {
  const unwished = { status: "withheld", change: "narrated", reason: "change", delivered_at: null } as const;
  const found = rowsOf([
    delivery({ id: "1" }),
    delivery({ id: "2", ...unwished }),
    delivery({ id: "3" }),
    delivery({ id: "4", ...unwished }),
    delivery({ id: "5", ...unwished, detail: "another" }),
    delivery({ id: "6", ...unwished, change: "resolved" }),
  ]);
  expect(found.map(({ line, times }) => `${line.id} ${times}`)).toEqual(["1 1", "2 2", "3 1", "5 1", "6 1"]);
  expect(outcomeWords(found[1]!.line, found[1]!.times)).toBe("withheld 2 times: it does not want to hear of this");
});

test("every reason and every change has words of its own", () => {
  const reasons = WITHHELD_REASONS.map((reason) => outcomeWords(delivery({ status: "withheld", reason })));
  expect(new Set(reasons).size).toBe(WITHHELD_REASONS.length);
  expect(changeWords("repeated")).toBe("Still open");
});
