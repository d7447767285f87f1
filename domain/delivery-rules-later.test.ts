import { describe, expect, it } from "vitest";
import { DeliveryWorld, silence, START_MS } from "../tests/delivery-world.ts";
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

describe("what was withheld is told later", () => {
  it("as an opening, once it is severe enough", () => {
    const w = world({ min_severity: "high" });
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "high" });
    w.change("a", { severity: "critical" });
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: severity", "opened: told", "escalated: told", "resolved: told"]);
  });

  it("as what grew worse, where openings are not wanted", () => {
    const w = world({ min_severity: "high", changes: ["escalated"] });
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "high" });
    expect(w.ledger("a")).toEqual(["opened: severity", "escalated: told"]);
  });

  it("as an opening, when the silence ends and it is open still; its line says so", () => {
    const w = world();
    w.silences = [silence({ ends_at: new Date(START_MS + 60_000).toISOString() })];
    w.open("a", { severity: "medium" });
    w.open("b");
    w.change("a", { severity: "high" });
    w.resolve("b");
    w.advance(59_999);
    expect(w.messages).toEqual([]);
    w.advance(1);
    expect(w.told()).toEqual(["60 s opened: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: silence"]);
    expect(w.ledger("b")).toEqual(["opened: silence", "resolved: silence"]);
    expect(w.linesOf("b").map(({ silence_id }) => silence_id)).toEqual(["sil_1", "sil_1"]);
    expect(w.linesOf("a")[0]!.silence_id).toBeNull();
  });

  it("when a longer silence ends that began meanwhile", () => {
    const w = world();
    w.silences = [silence({ ends_at: new Date(START_MS + 60_000).toISOString() })];
    w.open("a");
    w.silences = [...w.silences, silence({ id: "sil_2", ends_at: new Date(START_MS + 90_000).toISOString() })];
    w.advance(600_000);
    expect(w.told()).toEqual(["90 s opened: a"]);
  });

  it("with the next sign of life, when the silence was ended by hand", () => {
    const w = world();
    w.silences = [silence()];
    w.open("a");
    w.silences = [];
    w.advance(60_000);
    w.change("a", { request_count: 900 });
    expect(w.told()).toEqual(["60 s opened: a"]);
    w.advance(86_400_000);
    expect(w.messages).toHaveLength(1);
  });

  it("when the silence is looked at again that was ended or shortened by hand", () => {
    const w = world();
    const until = (ms: number) => silence({ ends_at: new Date(START_MS + ms).toISOString() });
    w.silences = [until(3_600_000)];
    w.open("a");
    w.open("b");
    w.resolve("b");
    w.look();
    w.silences = [until(7_200_000)];
    w.look();
    w.silences = [until(90_000)];
    w.advance(60_000);
    w.look();
    expect(w.messages).toEqual([]);
    w.advance(30_000);
    expect(w.told()).toEqual(["90 s opened: a"]);
    w.silences = [silence()];
    w.open("c");
    w.silences = [];
    w.look();
    expect(w.told().slice(1)).toEqual(["90 s opened: c"]);
  });

  it("before the words that follow it", () => {
    const w = world({ changes: ["opened", "escalated", "narrated"] });
    w.open("a", { severity: "medium" });
    w.silences = [silence()];
    w.change("a", { severity: "critical" });
    w.silences = [];
    w.narrate("a");
    expect(w.kinds()).toEqual(["opened", "escalated", "narrated"]);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: told", "narrated: told"]);
  });

  it("unless somebody takes it on first", () => {
    const w = world();
    w.tells_acknowledged = true;
    w.open("a", { severity: "medium" });
    w.silences = [silence()];
    w.change("a", { severity: "critical" });
    w.silences = [];
    w.acknowledge("a");
    w.advance(86_400_000);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: acknowledged", "acknowledged: told"]);
  });

  it("as what grew worse, where it was known before the silence", () => {
    const w = world();
    w.open("a", { severity: "medium" });
    w.silences = [silence({ ends_at: new Date(START_MS + 60_000).toISOString() })];
    w.change("a", { severity: "critical" });
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: silence"]);
    w.advance(60_000);
    expect(w.told()).toEqual(["0 s opened: a", "60 s escalated: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: told"]);
  });

  it("as the newest of what grew worse meanwhile, which outweighs a reminder", () => {
    const ends_at = new Date(START_MS + 60_000).toISOString();
    const w = world();
    w.open("a", { severity: "medium" });
    w.silences = [silence({ incident_id: "a", ends_at })];
    w.change("a", { request_count: 900 });
    w.change("a", { severity: "high" });
    w.change("a", { severity: "critical" });
    w.advance(60_000);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: silence", "escalated: told"]);
  });

  it("when it escapes a silence that is for milder ones", () => {
    const w = world();
    w.silences = [silence({ severities: ["medium", "high"] })];
    w.open("a");
    w.change("a", { severity: "critical" });
    w.advance(86_400_000);
    expect(w.told()).toEqual(["0 s opened: a"]);
    expect(w.ledger("a")).toEqual(["opened: silence", "opened: told"]);
  });

  it("but not what was told before a silence of its service, which nobody set to be reminded", () => {
    const w = world();
    w.open("a");
    w.silences = [silence({ services: ["a"], ends_at: new Date(START_MS + 60_000).toISOString() })];
    w.change("a", { request_count: 900 });
    w.advance(86_400_000);
    expect(w.told()).toEqual(["0 s opened: a"]);
  });

  it("as a reminder, when a snooze ends and nobody has it in hand", () => {
    const snooze = (id: string) =>
      silence({ id: `sil_${id}`, incident_id: id, ends_at: new Date(START_MS + 3_600_000).toISOString() });
    const w = world();
    for (const id of ["a", "b", "c", "d"]) w.open(id);
    w.acknowledge("d");
    w.silences = ["a", "b", "c", "d"].map(snooze);
    w.advance(60_000);
    for (const id of ["a", "b", "c", "d"]) w.change(id, { request_count: 900 });
    w.acknowledge("b");
    w.resolve("c");
    w.advance(86_400_000);
    expect(w.told().slice(4)).toEqual(["60 s resolved: c", "3600 s repeated: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "repeated: told"]);
    expect(w.ledger("b")).toEqual(["opened: told", "repeated: acknowledged"]);
    expect(w.ledger("d")).toEqual(["opened: told"]);
  });
});
