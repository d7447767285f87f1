import { expect, test } from "vitest";
import { FACTS } from "../testing/narrative.ts";
import { neighbourRules } from "./neighbour-rules.ts";

test("another service's onset is a rule with its name, nothing else is one", () => {
  expect(neighbourRules(Object.values(FACTS))).toEqual([
    { key: "neighbour.1", at: 1_795_514_638, kind: "neighbour", severity: null, text: "payments 10:03:58" },
  ]);
});

test("a name that is too long for the lane is cut", () => {
  const [rule] = neighbourRules([{ ...FACTS.payments, names: ["a-service-with-a-really-long-name"] }]);
  expect(rule?.text).toBe("a-service-with-a-really… 10:03:58");
});

test("it has the colour of an incident that is known and goes on", () => {
  const [rule] = neighbourRules([FACTS.payments], "medium");
  expect(rule?.severity).toBe("medium");
});

test("a fact without a moment, as that there are more, is none", () => {
  expect(
    neighbourRules([
      { ...FACTS.payments, values: [] },
      { ...FACTS.payments, names: [] },
    ]),
  ).toEqual([]);
});
