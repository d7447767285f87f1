import { expect, test } from "vitest";
import { changeWords, detailWords, ledgers, outcomeWords, rowsOf } from "./ledger-words.ts";
import { aDelivery } from "../testing/delivery.ts";
import { WITHHELD_REASONS } from "../../../../domain/delivery.ts";

test("each subscription has its lines, in the order in which it heard, under its newest name", () => {
  const found = ledgers([
    aDelivery({ id: "sub_2:i:10", subscription_id: "sub_2", subscription_name: "Phone" }),
    aDelivery({ id: "sub_1:i:10", subscription_name: "Room" }),
    aDelivery({ id: "sub_1:i:9" }),
    aDelivery({ id: "sub_1:i:4", heard_at: "2026-11-24T09:59:00.000Z" }),
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
  expect(outcomeWords(aDelivery(changes))).toBe(words);
});

test("what is withheld alike is one row, where it was withheld first; nothing else is", () => {
  const unwished = { status: "withheld", change: "narrated", reason: "change", delivered_at: null } as const;
  const found = rowsOf([
    aDelivery({ id: "1" }),
    aDelivery({ id: "2", ...unwished }),
    aDelivery({ id: "3" }),
    aDelivery({ id: "4", ...unwished }),
    aDelivery({ id: "5", ...unwished, detail: "another" }),
    aDelivery({ id: "6", ...unwished, change: "resolved" }),
  ]);
  expect(found.map(({ line, times }) => `${line.id} ${times}`)).toEqual(["1 1", "2 2", "3 1", "5 1", "6 1"]);
  expect(outcomeWords(found[1]!.line, found[1]!.times)).toBe("withheld 2 times: it does not want to hear of this");
});

test("a silence is named once: by the link to it, and the detail goes on", () => {
  const silenced = { status: "withheld", reason: "silence", silence_id: "sil_1" } as const;
  const detail = "sil_1 holds until 2026-11-24T11:30:00Z: reindexing";
  expect(detailWords(aDelivery({ ...silenced, detail }))).toBe(" holds until 2026-11-24T11:30:00Z: reindexing");
  expect(detailWords(aDelivery({ detail: "It is medium, below high." }))).toBe("It is medium, below high.");
});

test("every reason and every change has words of its own", () => {
  const reasons = WITHHELD_REASONS.map((reason) => outcomeWords(aDelivery({ status: "withheld", reason })));
  expect(new Set(reasons).size).toBe(WITHHELD_REASONS.length);
  expect(changeWords("repeated")).toBe("Still open");
});
