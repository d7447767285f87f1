import { expect, test } from "vitest";
import { sentenceText } from "../sentence.ts";
import { anIncident } from "../testing/incident.ts";
import { incidentsSentence, spanWords } from "./incidents-sentence.ts";

const over = (minutes: number) =>
  anIncident({
    status: "resolved",
    onset_at: "2026-11-24T10:00:00Z",
    resolved_at: `2026-11-24T10:${String(minutes).padStart(2, "0")}:00Z`,
  });
const told = (...incidents: Parameters<typeof incidentsSentence>[0]) =>
  sentenceText(incidentsSentence(incidents, "the last 7 days"));

test("what is open comes first, with how many are critical", () => {
  expect(told(anIncident({}), anIncident({ severity: "medium" }))).toBe(
    "Two incidents are open, one critical; none was resolved in the last 7 days.",
  );
  expect(told(anIncident({}))).toMatch(/^One incident is open, critical;/);
  expect(told(anIncident({ severity: "high" }))).toMatch(/^One incident is open;/);
});

test("what is over is told by its number and how long half of them lasted", () => {
  expect(told(over(3), over(7), over(40))).toBe(
    "No incidents are open; 3 were resolved in the last 7 days, half of them within 7 min.",
  );
  expect(told(over(5))).toMatch(/; 1 was resolved in the last 7 days, after 5 min\.$/);
});

test("a chosen time is told as such", () => {
  expect(spanWords("Last 6 h", false)).toBe("the last 6 h");
  expect([spanWords("Last 1 h", false), spanWords("Last 1\u00a0day", false)]).toEqual([
    "the last hour",
    "the last day",
  ]);
  expect(spanWords("10:04:12 to 10:06:00", true)).toBe("the time shown");
});
