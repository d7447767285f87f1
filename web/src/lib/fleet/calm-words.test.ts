import { expect, test } from "vitest";
import { sentenceText } from "../sentence.ts";
import { anIncident } from "../testing/incident.ts";
import { lastIncidentSentence } from "./calm-words.ts";

const NOW = Date.parse("2026-11-27T14:20:00Z");

test("a calm page tells how long it has been so, and what was before", () => {
  const last = anIncident({ status: "resolved", resolved_at: "2026-11-24T10:20:00Z", resolution: "recovered" });
  const sentence = lastIncidentSentence(last, NOW);
  expect(sentenceText(sentence!)).toMatch(
    /^No incident for 3 days 4 h\. The last one: checkout was failing: 33 % errors at worst, .* from 24 Nov 10:04:12 for 15 min\./,
  );
  expect(new Set(sentence!.phrases.map(({ tone }) => tone))).toEqual(new Set(["quiet", "name"]));
});

test("nothing is said where there was none, or where it is not over", () => {
  expect(lastIncidentSentence(null, NOW)).toBeNull();
  expect(lastIncidentSentence(anIncident({}), NOW)).toBeNull();
});
