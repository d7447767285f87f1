/** What is wrong with a subscription's form, beside its field. */
import { describe, expect, test } from "vitest";
import { newDraft, withAddress, type SubscriptionDraft } from "./subscription-draft.ts";
import { problemsOf } from "./subscription-problems.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const pasted = (address: string): SubscriptionDraft => withAddress(newDraft(SECRET), address);

describe("a new one", () => {
  test.each([
    "https://example.org/hook",
    "https://hooks.slack.com/services/T0/B0/x",
    "https://ntfy.sh/ops",
    "0123456789abcdef0123456789abcdef",
  ])("is right as soon as %s is pasted", (address) => {
    expect(problemsOf(pasted(address))).toEqual({});
  });

  test("needs an address and a name, which an empty form says", () => {
    expect(problemsOf(newDraft(SECRET))).toEqual({
      address: "Paste the address that messages are to be sent to.",
      name: "Say what people are to call it.",
    });
    expect(problemsOf({ ...pasted("example.org/hook"), name: "Team" })).toEqual({
      address: "It must be a whole address, from https:// on.",
    });
  });

  test("needs no address where a bot's token, or PagerDuty's key, says where it goes", () => {
    const named = { ...newDraft(SECRET), name: "Team" };
    expect(problemsOf({ ...named, form: "slack", token: "xoxb-1", channel: "#ops" })).toEqual({});
    expect(problemsOf({ ...named, form: "slack" })).toHaveProperty("address");
  });

  test("names each field that is wrong, in words of the form", () => {
    const wrong = {
      ...pasted("https://example.org/hook"),
      services: "Check-out",
      changes: [],
      group_wait_s: "1000",
      repeat_min: "1",
      max_per_hour: "many",
      secret: "short",
    };
    expect(problemsOf(wrong)).toMatchObject({
      services: expect.stringMatching(/^It must be a service's name, or a pattern/),
      changes: "Choose at least one.",
      group_wait_s: "It must be a number of seconds from 0 to 300.",
      repeat_min: "It must be a whole number of minutes from 5 to 10080.",
      max_per_hour: "It must be a whole number of messages from 1 to 1000.",
      secret: expect.stringMatching(/^It must be /),
    });
  });
});

test("one that is changed keeps what is left empty", () => {
  const stored = { ...newDraft(""), id: "sub_0123456789abcdef", name: "Team" };
  expect(problemsOf(stored)).toEqual({});
  expect(problemsOf({ ...stored, name: "", address: "nonsense" })).toEqual({
    address: "It must be a whole address, from https:// on.",
    name: "Say what people are to call it.",
  });
});
