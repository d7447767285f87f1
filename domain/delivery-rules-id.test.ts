import { expect, it } from "vitest";
import { lineId, messageId, type MessagePurpose, seqOf } from "./delivery-rules-id.ts";

it("names a line after subscription, incident and change", () => {
  expect(lineId("sub_1", "checkout-1764020652-error_rate", 7)).toBe("sub_1:checkout-1764020652-error_rate:7");
  expect(seqOf("sub_1:checkout-1764020652-error_rate:7")).toBe(7);
});

it("names a message alike whenever it is made again, in 22 characters that a header can carry", () => {
  const incident = { incident_id: "checkout-1764020652-error_rate", unsent: 0 };
  const id = messageId("sub_1", "message", incident, 7);
  expect(id).toMatch(/^msg_[A-Za-z0-9_-]{22}$/);
  expect(messageId("sub_1", "message", incident, 7)).toBe(id);
  expect(messageId("sub_1", "message", { ...incident, unsent: 1 }, 7)).not.toBe(id);
});

it("names no two messages alike", () => {
  const purposes: readonly MessagePurpose[] = ["message", "digest", "caught_up", "repeated:1", "repeated:2"];
  const ids = new Set<string>();
  let made = 0;
  for (const subscription of ["sub_1", "sub_2", "sub_0123456789abcdef"])
    for (const purpose of purposes)
      for (let seq = 1; seq <= 20; seq += 1)
        for (let second = 0; second < 50; second += 1) {
          ids.add(
            messageId(
              subscription,
              purpose,
              { incident_id: `checkout-${1_764_020_000 + second}-error_rate`, unsent: 0 },
              seq,
            ),
          );
          made += 1;
        }
  expect(ids.size).toBe(made);
  // Each part of an id (five characters are 30 bits) tells messages apart nearly as well as chance would.
  for (const from of [4, 10, 16, 21]) {
    const parts = new Set([...ids].map((id) => id.slice(from, from + 5)));
    expect(parts.size).toBeGreaterThan(made * 0.999);
  }
});
