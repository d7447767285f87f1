/** What the Narrator's variables may hold: a wrong one is named with what would be right. */
import { expect, test } from "vitest";
import { parseNarratorSettings } from "./narrator-settings.ts";

test.each([{}, { NARRATOR_INSTANCES: "", NARRATOR_DAILY_TOKENS: " " }])(
  "what is not set has its default",
  (variables) => {
    expect(parseNarratorSettings(variables)).toEqual({ instances: 1, daily_tokens: 500_000 });
  },
);

test("what is set holds, at both ends of its range", () => {
  const least = { NARRATOR_INSTANCES: "1", NARRATOR_DAILY_TOKENS: "0" };
  expect(parseNarratorSettings(least)).toEqual({ instances: 1, daily_tokens: 0 });
  const most = { NARRATOR_INSTANCES: " 64 ", NARRATOR_DAILY_TOKENS: "1000000000000" };
  expect(parseNarratorSettings(most)).toEqual({ instances: 64, daily_tokens: 1_000_000_000_000 });
});

test.each([
  [{ NARRATOR_INSTANCES: "0" }, 'NARRATOR_INSTANCES must be a whole number from 1 to 64, not "0"'],
  [{ NARRATOR_INSTANCES: "65" }, 'NARRATOR_INSTANCES must be a whole number from 1 to 64, not "65"'],
  [{ NARRATOR_INSTANCES: "1.5" }, 'NARRATOR_INSTANCES must be a whole number from 1 to 64, not "1.5"'],
  [{ NARRATOR_DAILY_TOKENS: "-1" }, 'NARRATOR_DAILY_TOKENS must be a whole number from 0 to 1000000000000, not "-1"'],
  [{ NARRATOR_DAILY_TOKENS: "1e6" }, 'NARRATOR_DAILY_TOKENS must be a whole number from 0 to 1000000000000, not "1e6"'],
])("given %o, then the message names it", (variables, message) => {
  expect(() => parseNarratorSettings(variables)).toThrow(new TypeError(message));
});
