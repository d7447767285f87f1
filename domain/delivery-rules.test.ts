import { describe, expect, it } from "vitest";
import { DeliveryWorld, silence } from "../tests/delivery-world.ts";
import type { SubscriptionWish } from "./subscription.ts";

/** Everything is wanted and nothing waits. */
const ALL: Partial<SubscriptionWish> = {
  changes: ["opened", "escalated", "narrated", "resolved"],
  group_wait_s: 0,
  min_severity: "medium",
};

function world(wish: Partial<SubscriptionWish> = {}): DeliveryWorld {
  return new DeliveryWorld({ ...ALL, ...wish });
}

describe("a change is seen from the incident's successive states", () => {
  it("and told, each kind under its own name", () => {
    const w = world();
    w.tells_acknowledged = true;
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "critical" });
    w.narrate("a");
    w.resolve("a");
    w.reopen("a");
    w.acknowledge("a");
    w.change("a", { flapping: true });
    expect(w.kinds()).toEqual(["opened", "escalated", "narrated", "resolved", "reopened", "acknowledged", "flapping"]);
    expect(w.ledger("a")).toEqual([
      "opened: told",
      "escalated: told",
      "narrated: told",
      "resolved: told",
      "reopened: told",
      "acknowledged: told",
      "flapping: told",
    ]);
  });

  it("so that growth alone, or a verdict of somebody, makes no line", () => {
    const w = world();
    w.open("a");
    w.change("a", { request_count: 900 });
    w.change("a", { feedback: "useful" });
    expect(w.ledger("a")).toEqual(["opened: told"]);
  });

  it("and an incident that is first seen while it grows has opened for this subscription", () => {
    const w = world();
    w.change(w.open("a"), {});
    const later = world();
    later.repeat(w.events[1]!);
    expect(later.ledger("a")).toEqual(["opened: told"]);
  });

  it("and one that is first seen when it is resolved is withheld, with its words", () => {
    const w = world();
    w.open("a");
    w.resolve("a");
    w.narrate("a");
    w.change("a", { feedback: "useful" });
    const later = world();
    for (const event of w.events.slice(1)) later.repeat(event);
    expect(later.ledger("a")).toEqual(["resolved: change", "narrated: change"]);
    expect(later.linesOf("a")[0]!.detail).toContain("before this subscription");
    const latest = world();
    latest.repeat(w.events.at(-1)!);
    expect(latest.ledger("a")).toEqual([]);
  });

  it("and words of an incident that nobody heard of are nothing", () => {
    const w = world();
    w.open("a");
    w.narrate("a");
    const later = world();
    later.repeat(w.events[1]!);
    expect(later.lines.size + later.incidents.size).toBe(0);
  });

  it("and words in the making are none, while those that stay are", () => {
    const w = world();
    w.open("a");
    w.narrate("a", { source: "template", reason: "waiting", llm_model: null, latency_ms: null });
    w.narrate("a", { source: "template", reason: "writing", llm_model: null, latency_ms: null });
    expect(w.ledger("a")).toEqual(["opened: told"]);
    w.narrate("a", { source: "template", reason: "no_model", llm_model: null, latency_ms: null });
    expect(w.ledger("a")).toEqual(["opened: told", "narrated: told"]);
  });

  it("and words of the template come with their change, in its message, while those that are news are told", () => {
    const w = world();
    const template = { source: "template", reason: "no_model", llm_model: null, latency_ms: null } as const;
    w.open("a");
    w.narrate("a", template);
    w.resolve("a");
    w.narrate("a", template);
    w.narrate("a");
    expect(w.kinds()).toEqual(["opened", "resolved", "narrated"]);
    expect(w.ledger("a")).toEqual([
      "opened: told",
      "narrated: grouped",
      "resolved: told",
      "narrated: grouped",
      "narrated: told",
    ]);
    const [opened, , resolved] = w.linesOf("a").map(({ message_id }) => message_id);
    expect(w.linesOf("a").map(({ message_id }) => message_id)).toEqual([
      opened,
      opened,
      resolved,
      resolved,
      expect.not.stringMatching(resolved!),
    ]);
  });

  it("and words of the template are told alone where their change is not wished", () => {
    const w = world({ changes: ["opened", "narrated"] });
    const template = { source: "template", reason: "no_model", llm_model: null, latency_ms: null } as const;
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "critical" });
    w.narrate("a", template);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: change", "narrated: told"]);
  });

  it("and an acknowledgement has no line where the target has no word for it", () => {
    const w = world();
    w.open("a");
    w.acknowledge("a");
    expect(w.ledger("a")).toEqual(["opened: told"]);
  });

  it("and an event that was judged before changes nothing, nor does one that is older", () => {
    const w = world();
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "high" });
    const before = JSON.stringify([[...w.incidents], [...w.groups], w.memory(), w.messages, [...w.lines]]);
    for (const event of w.events) w.repeat(event);
    expect(JSON.stringify([[...w.incidents], [...w.groups], w.memory(), w.messages, [...w.lines]])).toBe(before);
  });
});

describe("a change is withheld", () => {
  it("while the subscription is disabled, as it says why", () => {
    const w = world();
    w.disabled = "switched off";
    w.open("a");
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: disabled", "resolved: disabled"]);
    expect(w.linesOf("a")[0]!.detail).toBe("switched off");
  });

  it("by a silence, which it names", () => {
    const w = world();
    w.silences = [silence({ id: "sil_9", comment: "upgrade" })];
    w.open("a");
    expect(w.linesOf("a")[0]).toMatchObject({ status: "withheld", reason: "silence" });
    expect(w.linesOf("a")[0]!.detail).toBe("sil_9 holds until 2026-11-24T11:00:00Z: upgrade");
  });

  it("below the severity that is wanted", () => {
    const w = world({ min_severity: "high" });
    w.open("a", { severity: "medium" });
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: severity", "resolved: severity"]);
    expect(w.linesOf("a")[0]!.detail).toBe("It is medium, below high.");
  });

  it("that is not subscribed to", () => {
    const w = world({ changes: ["opened"] });
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "high" });
    w.narrate("a");
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: change", "narrated: change", "resolved: change"]);
  });

  it("after it was said once that the incident comes and goes, up to its end", () => {
    const w = world();
    w.open("a", { severity: "medium" });
    w.resolve("a");
    w.reopen("a", { flapping: true });
    w.change("a", { severity: "critical" });
    w.narrate("a");
    w.resolve("a");
    expect(w.ledger("a")).toEqual([
      "opened: told",
      "resolved: told",
      "flapping: told",
      "escalated: flapping",
      "narrated: flapping",
      "resolved: told",
    ]);
    // Its end was told: without a word that it is back nobody would know that it is open.
    w.reopen("a");
    w.narrate("a");
    w.resolve("a");
    expect(w.ledger("a").slice(6)).toEqual(["reopened: told", "narrated: flapping", "resolved: told"]);
  });

  it("but for what the target's own state needs: that somebody has it in hand", () => {
    const w = world();
    w.tells_acknowledged = true;
    w.open("a");
    w.change("a", { flapping: true });
    w.acknowledge("a");
    expect(w.ledger("a")).toEqual(["opened: told", "flapping: told", "acknowledged: told"]);
  });

  it("but not once it is over for good, though its end was not wanted", () => {
    const w = world({ changes: ["opened"] });
    w.open("a");
    w.change("a", { flapping: true });
    w.resolve("a");
    w.reopen("a");
    expect(w.ledger("a")).toEqual(["opened: told", "flapping: told", "resolved: change", "reopened: told"]);
  });

  it("while somebody has it in hand, which ends with the incident", () => {
    const w = world();
    w.open("a", { severity: "medium" });
    w.acknowledge("a");
    w.change("a", { severity: "high" });
    w.narrate("a");
    w.resolve("a");
    w.reopen("a");
    w.change("a", { severity: "critical" });
    expect(w.ledger("a")).toEqual([
      "opened: told",
      "escalated: acknowledged",
      "narrated: acknowledged",
      "resolved: told",
      "reopened: told",
      "escalated: told",
    ]);
  });

  it("for the first of several reasons, in a fixed order", () => {
    const w = world({ min_severity: "critical", changes: ["resolved"] });
    const both = silence();
    const reasonOf = (id: string, historical = false): string => {
      w.open(id, { severity: "medium", historical });
      return w.ledger(id)[0]!;
    };
    w.disabled = "off";
    w.silences = [both];
    expect(reasonOf("a", true)).toBe("opened: disabled");
    w.disabled = null;
    expect(reasonOf("b", true)).toBe("opened: historical");
    expect(reasonOf("c")).toBe("opened: silence");
    w.silences = [];
    expect(reasonOf("d")).toBe("opened: severity");
    w.wish = { ...w.wish, min_severity: "medium" };
    expect(reasonOf("e")).toBe("opened: change");
  });

  it("where it tells more of an incident that nobody was told of", () => {
    const w = world({ min_severity: "high" });
    w.tells_acknowledged = true;
    w.disabled = "off";
    w.open("a");
    w.narrate("a");
    w.acknowledge("a");
    expect(w.ledger("a")).toEqual(["opened: disabled", "narrated: disabled", "acknowledged: disabled"]);
  });
});

describe("the end of an incident", () => {
  it("is told to who heard that it began, though a silence holds by now", () => {
    const w = world();
    w.open("a");
    w.silences = [silence()];
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: told"]);
  });

  it("is withheld for the reason that its beginning was", () => {
    const w = world();
    w.silences = [silence()];
    w.open("a");
    w.silences = [];
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: silence", "resolved: silence"]);
  });

  it("can be subscribed to alone, and then goes by all other rules", () => {
    const w = world({ changes: ["resolved"], min_severity: "high" });
    w.open("a");
    w.resolve("a");
    w.open("b");
    w.silences = [silence()];
    w.resolve("b");
    expect(w.ledger("a")).toEqual(["opened: change", "resolved: told"]);
    expect(w.ledger("b")).toEqual(["opened: change", "resolved: silence"]);
  });

  it("cannot be told while the subscription is disabled", () => {
    const w = world();
    w.open("a");
    w.disabled = "gone";
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: disabled"]);
  });
});
