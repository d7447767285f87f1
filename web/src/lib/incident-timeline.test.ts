import { describe, expect, test } from "vitest";
import { aDelivery } from "./testing/delivery.ts";
import { anIncident } from "./testing/incident.ts";
import { aNarrative, FACTS } from "./testing/narrative.ts";
import { incidentTimeline } from "./incident-timeline.ts";
import type { Delivery } from "../../../domain/delivery.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { DurableEvent } from "../../../domain/message.ts";
import type { Narrative } from "../../../domain/narrative.ts";

const textsOf = (incident: Incident, events: readonly DurableEvent[], narrative: Narrative | null = null) =>
  incidentTimeline(incident, events, narrative).map(({ at_ms, text }) => {
    return `${new Date(at_ms).toISOString().slice(11, 19)} ${text}`;
  });

let seq = 0;
const changed = (incident: Incident): DurableEvent => ({ type: "incident", seq: ++seq, action: "updated", incident });
const told = (narrative: Narrative): DurableEvent => {
  return { type: "narrative", seq: ++seq, severity: "critical", narrative };
};

describe("without its events, which are kept for a day", () => {
  test("an incident tells its onset, when it was told, who took it on and how it ended", () => {
    const incident = anIncident({
      status: "resolved",
      resolution: "recovered",
      resolved_at: "2026-11-24T10:20:00Z",
      acknowledged_at: "2026-11-24T10:06:00Z",
      acknowledged_by: "admin",
      deployed_version: "24.3",
      deployed_at: "2026-11-24T09:58:40Z",
    });
    expect(textsOf(incident, [])).toEqual([
      "09:58:40 Version 24.3 deployed",
      "10:04:12 Onset",
      "10:04:18 Told, 6 s after the onset",
      "10:06:00 Acknowledged by admin",
      "10:20:00 Recovered",
    ]);
  });

  test("its newest narrative stands where it was written, with other services' onsets that its evidence knows", () => {
    expect(textsOf(anIncident({}), [], aNarrative({}))).toEqual([
      "10:03:58 payments became slow 14 s before",
      "10:04:12 Onset",
      "10:04:18 Told, 6 s after the onset",
      "10:04:19 Narrative from the template",
    ]);
  });
});

test("another service's onset stands at its moment, which its words need not tell again", () => {
  const text = "payments became slow at 10:03:58 UTC, 14 s before this onset.";
  const narrative = aNarrative({ evidence: [{ ...FACTS.payments, text }] });
  expect(textsOf(anIncident({}), [], narrative)[0]).toBe("10:03:58 payments became slow, 14 s before this onset");
});

test("what subscriptions were told is there once a message, and nothing that was withheld", () => {
  const line = aDelivery({ heard_at: "2026-11-24T10:04:18Z", delivered_at: "2026-11-24T10:04:23Z" });
  const deliveries: Delivery[] = [
    line,
    { ...line, id: "sub_1:i:2", change: "escalated" },
    { ...line, id: "sub_1:i:3", change: "narrated", status: "withheld", reason: "change", delivered_at: null },
  ];
  const entries = incidentTimeline(anIncident({}), [], null, deliveries);
  expect(entries.at(-1)).toMatchObject({
    at_ms: Date.parse("2026-11-24T10:04:23Z"),
    text: "Told Team room: opened, escalated",
  });
  expect(entries.filter(({ text }) => text.includes("Team room"))).toHaveLength(1);
});

describe("with its events", () => {
  const opened = anIncident({ severity: "high" });
  const at = (time: string, wanted: Partial<Incident>) => anIncident({ updated_at: `2026-11-24T${time}Z`, ...wanted });

  test("each rise of how bad it is has its mark, a fall none", () => {
    const events = [opened, at("10:04:24", { revision: 2 }), at("10:04:30", { revision: 3 })].map(changed);
    const entries = incidentTimeline(anIncident({}), events, null);
    expect(entries.map(({ text, severity }) => [text, severity])).toEqual([
      ["Onset", null],
      ["Told as high, 6 s after the onset", "high"],
      ["Raised to critical", "critical"],
    ]);
  });

  test("what was said of it, taken back, and that it came back, are told", () => {
    const events = [
      opened,
      at("10:10:00", { revision: 2, feedback: "false_positive" }),
      at("10:11:00", { revision: 3, feedback: null }),
      at("10:11:30", { revision: 4, feedback: "useful" }),
      at("10:12:00", { revision: 5, reopened_count: 1 }),
    ].map(changed);
    expect(textsOf(anIncident({}), events).slice(-4)).toEqual([
      "10:10:00 Marked as a false alarm",
      "10:11:00 Mark taken back",
      "10:11:30 Marked as useful",
      "10:12:00 Came back",
    ]);
  });

  test("who took it on stays told once it came back, and who did so again", () => {
    const ada = { acknowledged_at: "2026-11-24T10:06:00Z", acknowledged_by: "Ada" };
    const bob = { acknowledged_at: "2026-11-24T10:13:00Z", acknowledged_by: "Bob" };
    const events = [
      opened,
      at("10:06:00", { revision: 2, ...ada }),
      at("10:10:00", { revision: 3, ...ada, status: "resolved" }),
      at("10:12:00", { revision: 4, reopened_count: 1 }),
    ].map(changed);
    expect(textsOf(at("10:13:00", { revision: 5, reopened_count: 1, ...bob }), events).slice(-3)).toEqual([
      "10:06:00 Acknowledged by Ada",
      "10:12:00 Came back",
      "10:13:00 Acknowledged by Bob",
    ]);
  });

  test("a narrative is told once it is written, not while the model is waited for", () => {
    const template = { source: "template", llm_model: "tiny:1b", latency_ms: null } as const;
    const llm = { source: "llm", reason: null, llm_model: "tiny:1b", latency_ms: 3000 } as const;
    const newest = aNarrative({ revision: 3, written_at: "2026-11-24T10:04:31Z" }, llm);
    const events = [
      told(aNarrative({ revision: 1 }, { ...template, reason: "waiting" })),
      told(aNarrative({ revision: 2, written_at: "2026-11-24T10:04:28Z" }, { ...template, reason: "writing" })),
      told(newest),
    ];
    expect(textsOf(anIncident({}), events, newest).slice(-2)).toEqual([
      "10:04:19 Narrative from the template",
      "10:04:31 Narrative by tiny:1b, checked",
    ]);
  });

  test("a model's words that the evidence did not bear out are told as refused", () => {
    const refused = { source: "template", reason: "ungrounded", llm_model: "tiny:1b", latency_ms: null } as const;
    const narrative = aNarrative({ revision: 2, written_at: "2026-11-24T10:04:40Z" }, refused);
    expect(textsOf(anIncident({}), [told(aNarrative({})), told(narrative)], narrative).slice(2)).toEqual([
      "10:04:18 Told, 6 s after the onset",
      "10:04:40 Narrative of the model refused: the evidence did not bear it out",
    ]);
  });

  test("each version that was written is told once, however often its words became fuller", () => {
    const events = [
      told(aNarrative({ revision: 1 })),
      told(aNarrative({ revision: 2, written_at: "2026-11-24T10:04:20Z" })),
      told(aNarrative({ revision: 3, version: 4, written_at: "2026-11-24T10:04:29Z" })),
      told(aNarrative({ revision: 3, version: 5, written_at: "2026-11-24T10:05:00Z" })),
    ];
    expect(textsOf(anIncident({}), events).slice(-2)).toEqual([
      "10:04:20 Narrative from the template",
      "10:05:00 Narrative from the template, written anew",
    ]);
  });
});

test("another metric that joins is told once, however often it comes and goes", () => {
  const [first] = anIncident({}).anomalies;
  const slow = { ...first!, anomaly_type: "latency", metric_name: "p95_latency_ms" } as const;
  const anomalies = [
    { ...slow, detected_at: "2026-11-24T10:07:00Z" },
    first!,
    { ...slow, detected_at: "2026-11-24T10:05:00Z" },
    { ...first!, detected_at: "2026-11-24T10:06:00Z" },
  ];
  expect(textsOf(anIncident({ anomalies }), []).filter((text) => text.includes("found"))).toEqual([
    "10:05:00 Also found: latency",
  ]);
});
