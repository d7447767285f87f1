import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { Story } from "../../domain/narrative.ts";
import { evidenceExample } from "../../tests/evidence-example.ts";
import { type ExpectationsInput, expectationsSchema, unmet } from "./expectations.ts";

const STORY: Story = {
  summary: [{ text: "Requests to “/cart/pay” fail.", facts: ["errors", "endpoint.1"] }],
  possible_causes: [
    { cause: "release", certainty: "LIKELY", text: "Version “2.4.0” came before.", facts: ["deploy"] },
    { cause: "other_service", certainty: "INCONCLUSIVE", text: "payment-gateway.", facts: ["neighbour.1"] },
  ],
  recommended_actions: [],
};
const MET = { first_cause: ["release"], certainty: ["LIKELY"] } as const satisfies ExpectationsInput;

function unmetOf(expected: Partial<ExpectationsInput>, story = STORY): readonly string[] {
  return unmet(story, evidenceExample(), v.parse(expectationsSchema, { ...MET, ...expected }));
}

describe("an expectation", () => {
  test("given a story that meets it, then nothing is unmet", () => {
    const all: Partial<ExpectationsInput> = {
      names: ["/cart/pay"],
      rests_on: ["errors", "endpoint"],
      also: ["other_service"],
      not_causes: ["saturation"],
      not_likely: ["other_service"],
      not_blamed: ["web"],
    };
    expect(unmetOf(all)).toEqual([]);
  });

  test.each([
    [{ names: ["/orders"] }, "the summary does not name /orders"],
    [{ rests_on: ["impact"] }, "the summary rests on no fact of kind impact"],
    [{ first_cause: ["other_service"] }, "the first cause is release, not other_service"],
    [{ certainty: ["INCONCLUSIVE"] }, "the first cause is LIKELY, not INCONCLUSIVE"],
    [{ also: ["callers"] }, "callers is not offered"],
    [{ not_causes: ["other_service"] }, "other_service is offered"],
    [{ not_likely: ["release"] }, "release is LIKELY"],
    [{ not_blamed: ["payment-gateway"] }, "a cause names payment-gateway"],
    [{ inconclusive: true }, "a cause is more than INCONCLUSIVE"],
  ] satisfies [Partial<ExpectationsInput>, string][])("given %j, says what is not met", (expected, says) => {
    expect(unmetOf(expected)).toEqual([says]);
  });

  test("given no cause at all, says so", () => {
    expect(unmetOf({}, { ...STORY, possible_causes: [] })).toEqual([
      "the first cause is none, not release",
      "the first cause is none, not LIKELY",
    ]);
  });

  test("given a long name, takes one that was shortened, not one that could be another", () => {
    const name = `/${"a".repeat(60)}`;
    const named = (shown: string): Story => ({ ...STORY, summary: [{ text: `“${shown}…” fails.`, facts: [] }] });
    expect(unmetOf({ names: [name] }, named(name.slice(0, 45)))).toEqual([]);
    expect(unmetOf({ names: [name] }, named(name.slice(0, 20)))).toHaveLength(1);
  });
});
