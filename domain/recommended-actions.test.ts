import { describe, expect, test } from "vitest";
import { deployed, ended, evidenceOf, FACT, neighbour } from "../tests/evidence-facts.ts";
import type { Evidence, Fact } from "./evidence.ts";
import { templateStory } from "./template-narrative.ts";

const LINKS = { runbook: "https://wiki.example/x", traces: "https://traces.example/x" };

function actionsOf(facts: readonly Fact[], more: Partial<Evidence> = {}): readonly string[] {
  return templateStory(evidenceOf(facts, more)).recommended_actions.map(({ text }) => text);
}

describe("recommended actions", () => {
  test("given the service's own links, begin with them, and only they have a URL", () => {
    const facts = [FACT.errors, FACT.onset, FACT.pay, deployed(30)];
    expect(templateStory(evidenceOf(facts, { links: LINKS })).recommended_actions).toEqual([
      { text: "Follow the runbook of checkout.", facts: ["onset", "endpoint.1"], url: LINKS.runbook },
      { text: "Look at the traces of “/pay” since 10:02:11 UTC.", facts: ["onset", "endpoint.1"], url: LINKS.traces },
      {
        text: "Read what version “2.4.1” changed in “/pay”; roll it back if that explains what happens since 10:02:11 UTC.",
        facts: ["deploy", "onset", "endpoint.1"],
        url: null,
      },
      {
        text: "Check what “/pay” alone calls or locks (databases, queues, other services) for failures and delays since 10:02:11 UTC.",
        facts: ["endpoint.1", "errors", "onset"],
        url: null,
      },
    ]);
  });

  test("given a single cause and no links, end with the logs", () => {
    expect(actionsOf([FACT.errors, FACT.onset, FACT.pay]).at(-1)).toBe(
      "Read the logs of checkout for “/pay” since 10:02:11 UTC.",
    );
    expect(actionsOf([FACT.errors, FACT.spread]).at(-1)).toBe("Read the logs of checkout.");
  });

  test("given an incident that is over, look at its time, and roll nothing back", () => {
    const actions = actionsOf([FACT.errors, FACT.onset, FACT.spread, deployed(30), ended()]);
    expect(actions).toEqual([
      "Read what version “2.4.1” changed in checkout before it is deployed again.",
      "Check what all endpoints of checkout share (database, cache, network, hosts) for failures and delays from 10:02:11 to 10:12:00 UTC.",
    ]);
  });

  test.each([
    [
      "other service",
      [FACT.errors, FACT.spread, neighbour("payments", 40)],
      "Look at payments first: its incident began 40 s before that of checkout.",
    ],
    [
      "silence",
      [FACT.down, FACT.pipeline],
      "Check whether the processes of checkout run and report, and whether requests are routed to them: nothing was heard.",
    ],
    [
      "fewer requests",
      [FACT.traffic, FACT.pipeline],
      "Ask who calls checkout, and look at what lies before it, for a change.",
    ],
    [
      "load",
      [FACT.latency, FACT.spread, FACT.rising],
      "Compare the load of checkout with its limits (processor, memory, pools, queues); add capacity or shed load.",
    ],
    ["clients", [FACT.errors, FACT.pay, FACT.clients], "Find out which clients send the refused requests to “/pay”."],
    ["a usual hour", [FACT.errors, FACT.usual], "Look for jobs of checkout and of what it uses that ran."],
    ["nothing known", [FACT.onset], "Read the logs of checkout since 10:02:11 UTC."],
  ] as const)("given %s, say where to look", (_what, facts, text) => {
    expect(actionsOf(facts)[0]).toBe(text);
  });
});
