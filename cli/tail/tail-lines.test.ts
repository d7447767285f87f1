import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { Incident, Severity } from "../../domain/incident.ts";
import type { IncidentEvent, NarrativeEvent } from "../../domain/message.ts";
import { incidentOf } from "../../tests/fleet-harness.ts";
import { narrativeRow } from "../../tests/history-rows.ts";
import { type Beginning, JSON_LINES, PlainLines } from "./tail-lines.ts";

const incident = incidentOf("checkout", { severity: "critical", revision: 0, updated_at: "2026-11-24T10:00:05Z" });
const eventOf = (change: Partial<Incident> = {}): IncidentEvent => ({
  type: "incident",
  seq: 8,
  action: "updated",
  incident: { ...incident, ...change },
});
const narrativeOf = (change: Parameters<typeof narrativeRow>[0] = {}): NarrativeEvent => ({
  type: "narrative",
  seq: 9,
  severity: "high",
  narrative: narrativeRow(change),
});
const first: Beginning = { standing: "first", replays: false, seq: 7, services: 3, incidents: [incident] };

describe("lines for people", () => {
  test.each([
    ["medium", "● medium", "○ medium"],
    ["high", "▲ high", "△ high"],
    ["critical", "◆ critical", "◇ critical"],
  ] as const)("tell %s by word and shape, hollow when somebody has it in hand", (severity: Severity, full, hollow) => {
    const lines = new PlainLines(false);
    expect(lines.event(eventOf({ severity }))).toEqual([
      expect.stringMatching(new RegExp(`^2026-11-24 10:00:05  ${full} +checkout is open: `)),
    ]);
    expect(lines.event(eventOf({ severity, acknowledged_at: "2026-11-24T10:00:05Z" }))[0]).toContain(hollow);
    expect(lines.event(eventOf({ severity, status: "resolved" }))[0]).toContain(`✓ ${severity}`);
  });

  test("tell what opens from what is open", () => {
    const event = { ...eventOf(), action: "opened" } as const;
    expect(new PlainLines(false).event(event)[0]).toContain("checkout opened: ");
  });

  test("have colours only where told, and say the same without", () => {
    const [coloured = ""] = new PlainLines(true).event(eventOf());
    const [plain] = new PlainLines(false).event(eventOf());
    expect(coloured).toContain("\u001b[");
    expect(plain).not.toContain("\u001b");
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  test("begin with where they begin and what is open, and go on from there", () => {
    const lines = new PlainLines(false);
    expect(lines.beginning(first)).toEqual([
      "Now at change 7: 3 services, 1 incident open.",
      expect.stringContaining("checkout is open: "),
    ]);
    expect(lines.event(eventOf({ revision: 1 }))[0]).toContain("checkout goes on: ");
    expect(new PlainLines(false).beginning({ ...first, services: null, incidents: [] })).toEqual([
      "Now at change 7: no incident is open.",
    ]);
  });

  test("after a reset say so first, and tell what is open anew", () => {
    const lines = new PlainLines(false);
    lines.beginning(first);
    const [reset, , open] = lines.beginning({ ...first, standing: "reset", replays: true });
    expect(reset).toMatch(/^RESET: changes may be missing/);
    expect(open).toContain("checkout is open: ");
    // An older change of it follows.
    expect(lines.event(eventOf())[0]).toContain("checkout is open: ");
  });

  test("tell the same words of an incident once", () => {
    const lines = new PlainLines(false);
    expect(lines.event(narrativeOf())).toEqual([
      `${" ".repeat(21)}checkout in words: 12 % of the requests of checkout fail.`,
      `${" ".repeat(21)}  inconclusive: The facts do not tell.`,
      `${" ".repeat(21)}  do: Read the logs of checkout.`,
    ]);
    expect(lines.event(narrativeOf({ revision: 3, reason: "writing" }))).toEqual([]);
    expect(lines.event(narrativeOf({ revision: 4, source: "llm", llm_model: "qwen3" } as never))).toHaveLength(3);
  });
});

describe("lines for programs", () => {
  test("are the events as they came, and what is open before them", () => {
    expect(JSON_LINES.beginning(first).map((line) => JSON.parse(line))).toEqual([
      { type: "snapshot", seq: 7, reset: false, incidents: [incident] },
    ]);
    expect(JSON_LINES.beginning({ ...first, standing: "reset" })[0]).toContain('"reset":true');
    for (const event of [eventOf(), narrativeOf()])
      expect(JSON_LINES.event(event).map((line) => JSON.parse(line))).toEqual([event]);
  });
});
