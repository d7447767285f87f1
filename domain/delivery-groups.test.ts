import { describe, expect, it } from "vitest";
import { DeliveryWorld, silence, START_MS } from "../tests/delivery-world.ts";

describe("incidents that open together", () => {
  it("are told in one message, the worst first, once the first has waited", () => {
    const w = new DeliveryWorld({ group_wait_s: 5 });
    w.open("a", { severity: "high" });
    w.advance(3_000);
    w.open("b", { severity: "critical" });
    w.open("c", { severity: "medium" });
    expect(w.ledger("a")).toEqual(["opened: waiting"]);
    w.advance(1_999);
    expect(w.messages).toEqual([]);
    w.advance(1);
    expect(w.told()).toEqual(["5 s opened: b, a, c"]);
    expect(w.messages[0]).toMatchObject({ group_key: "a", group_open: 3, more: 0 });
    for (const id of ["a", "b", "c"]) expect(w.ledger(id)).toEqual(["opened: told"]);
    expect(w.linesOf("c")[0]!.message_id).toBe(w.messages[0]!.id);
  });

  it("are told at once and each alone where there is no wait, in one thread", () => {
    const w = new DeliveryWorld({ group_wait_s: 0 });
    w.open("a");
    w.open("b");
    expect(w.told()).toEqual(["0 s opened: a", "0 s opened: b"]);
    expect(w.messages.map(({ group_key }) => group_key)).toEqual(["a", "a"]);
  });

  it("are named up to twenty, and counted beyond", () => {
    const w = new DeliveryWorld();
    for (let i = 0; i < 25; i += 1) w.open(`s${i}`);
    w.open("worst", { severity: "critical" });
    w.advance(5_000);
    expect(w.messages).toHaveLength(1);
    expect(w.messages[0]!.items).toHaveLength(20);
    expect(w.messages[0]).toMatchObject({ more: 6, group_open: 26 });
    expect(w.messages[0]!.items[0]!.incident_id).toBe("worst");
    expect([...w.lines.values()].every(({ message_id }) => message_id === w.messages[0]!.id)).toBe(true);
  });

  it("keep what else happens while they wait within the same message", () => {
    const w = new DeliveryWorld({ changes: ["opened", "escalated", "narrated", "resolved"] });
    w.tells_acknowledged = true;
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "critical" });
    w.narrate("a");
    w.acknowledge("a");
    w.change("a", { flapping: true });
    w.advance(5_000);
    expect(w.told()).toEqual(["5 s opened: a"]);
    const grouped = ["escalated: grouped", "narrated: grouped", "acknowledged: grouped", "flapping: grouped"];
    expect(w.ledger("a")).toEqual(["opened: told", ...grouped]);
    for (const line of w.linesOf("a")) expect(line.message_id).toBe(w.messages[0]!.id);
    // The message showed that it flaps.
    w.change("a", { flapping: true, reopened_count: 1 });
    expect(w.ledger("a").at(-1)).toBe("reopened: flapping");
  });

  it("are told without who was silenced while it waited, and of that one once the silence is over, if it is open then", () => {
    const w = new DeliveryWorld({ group_wait_s: 60, changes: ["opened", "escalated", "resolved"] });
    for (const id of ["a", "b", "c"]) w.open(id, { severity: "medium" });
    w.advance(10_000);
    w.change("a", { severity: "critical" });
    w.silences = [silence({ services: ["a", "b"], ends_at: new Date(START_MS + 600_000).toISOString() })];
    w.advance(50_000);
    expect(w.told()).toEqual(["60 s opened: c"]);
    expect(w.ledger("a")).toEqual(["opened: silence", "escalated: silence"]);
    w.resolve("b");
    w.advance(600_000);
    expect(w.told()).toEqual(["60 s opened: c", "660 s opened: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: silence"]);
    expect(w.ledger("b")).toEqual(["opened: silence", "resolved: silence"]);
  });

  it("are told of by nobody where all of them were silenced while they waited", () => {
    const w = new DeliveryWorld({ group_wait_s: 60 });
    w.open("a");
    w.silences = [silence()];
    w.advance(60_000);
    w.resolve("a");
    w.advance(7_200_000);
    expect(w.messages).toEqual([]);
    expect(w.ledger("a")).toEqual(["opened: silence", "resolved: silence"]);
  });

  it("are told with their end if it comes so soon", () => {
    const w = new DeliveryWorld();
    w.open("a");
    w.advance(2_000);
    w.resolve("a");
    w.advance(3_000);
    expect(w.told()).toEqual(["5 s resolved: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: told"]);
    expect(w.messages[0]!.group_open).toBe(0);
    w.advance(60_000);
    expect(w.messages).toHaveLength(1);
  });

  it("are told of as opened, with an end that nobody wants to hear of withheld", () => {
    const w = new DeliveryWorld({ changes: ["opened"] });
    w.open("a");
    w.resolve("a");
    w.advance(5_000);
    expect(w.told()).toEqual(["5 s opened: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: change"]);
  });

  it("put what is over behind what is open", () => {
    const w = new DeliveryWorld();
    w.open("a", { severity: "critical" });
    w.open("b", { severity: "medium" });
    w.resolve("a");
    w.advance(5_000);
    expect(w.told()).toEqual(["5 s opened: b, a resolved"]);
    expect(w.messages[0]!.group_open).toBe(1);
  });

  it("go without a message if the subscription is switched off while they wait", () => {
    const w = new DeliveryWorld();
    w.open("a");
    w.resolve("a");
    w.open("b");
    w.disabled = "switched off";
    w.advance(5_000);
    expect(w.messages).toEqual([]);
    expect(w.ledger("a")).toEqual(["opened: disabled", "resolved: disabled"]);
    w.disabled = null;
    w.advance(5_000);
    expect(w.told()).toEqual(["10 s opened: b"]);
    expect(w.ledger("a")).toEqual(["opened: disabled", "resolved: disabled"]);
    expect(w.ledger("b")).toEqual(["opened: told"]);
  });
});

describe("a group", () => {
  it("takes who opens within five minutes, each told as soon as the first was", () => {
    const w = new DeliveryWorld({ group_wait_s: 10 });
    w.open("a");
    w.advance(10_000);
    for (const id of ["b", "c", "d"]) {
      w.open(id);
      w.advance(80_000);
    }
    expect(w.told()).toEqual(["10 s opened: a", "20 s opened: b", "100 s opened: c", "180 s opened: d"]);
    expect(new Set(w.messages.map(({ group_key }) => group_key))).toEqual(new Set(["a"]));
    expect(w.messages.map(({ group_open }) => group_open)).toEqual([1, 2, 3, 4]);
  });

  it("takes nobody after five minutes", () => {
    const w = new DeliveryWorld({ group_wait_s: 5 });
    w.open("a");
    w.advance(5_000 + 300_000);
    w.open("b");
    w.advance(1);
    w.open("c");
    w.advance(10_000);
    expect(w.told()).toEqual(["5 s opened: a", "310 s opened: b", "310.001 s opened: c"]);
    expect(w.messages.map(({ group_key }) => group_key)).toEqual(["a", "a", "c"]);
  });

  it("counts the five minutes from its first message", () => {
    const w = new DeliveryWorld({ group_wait_s: 0 });
    w.open("a");
    w.advance(200_000);
    w.open("b");
    w.advance(200_000);
    w.open("c");
    expect(w.messages.map(({ group_key }) => group_key)).toEqual(["a", "a", "c"]);
  });

  it("takes nobody once all of it is over", () => {
    const w = new DeliveryWorld();
    w.open("a");
    w.advance(5_000);
    w.resolve("a");
    w.open("b");
    w.advance(5_000);
    expect(w.messages.map(({ group_key }) => group_key)).toEqual(["a", "a", "b"]);
    expect(w.group("a")!.over_ms).toBe(START_MS + 5_000);
  });

  it("that is older takes nobody new because one of its own comes back", () => {
    const w = new DeliveryWorld({ group_wait_s: 0 });
    w.open("a");
    w.advance(600_000);
    w.resolve("a");
    w.open("b");
    w.reopen("a");
    w.open("c");
    expect(w.messages.map(({ kind, group_key }) => `${kind} ${group_key}`)).toEqual([
      "opened a",
      "resolved a",
      "opened b",
      "reopened a",
      "opened b",
    ]);
  });

  it("is over when the last of it was resolved, though words of it come later", () => {
    const w = new DeliveryWorld({ group_wait_s: 0, changes: ["opened", "narrated", "resolved"] });
    w.open("a");
    w.resolve("a");
    w.advance(60_000);
    w.narrate("a");
    expect(w.kinds()).toEqual(["opened", "resolved", "narrated"]);
    expect(w.group("a")!.over_ms).toBe(START_MS);
    w.reopen("a");
    expect(w.group("a")!.over_ms).toBeNull();
  });

  it("waits no shorter later than at first, however long that is", () => {
    const w = new DeliveryWorld({ group_wait_s: 200 });
    w.open("a");
    w.advance(200_000);
    w.open("b");
    w.advance(200_000);
    expect(w.told()).toEqual(["200 s opened: a", "400 s opened: b"]);
  });

  it("tells at once what grows worse or ends, in its thread", () => {
    const w = new DeliveryWorld();
    w.open("a", { severity: "medium" });
    w.open("b");
    w.advance(5_000);
    w.change("a", { severity: "critical" });
    w.resolve("b");
    w.resolve("a");
    expect(w.told().slice(1)).toEqual(["5 s escalated: a", "5 s resolved: b", "5 s resolved: a"]);
    expect(w.messages.map(({ group_key, group_open }) => [group_key, group_open])).toEqual([
      ["a", 2],
      ["a", 2],
      ["a", 1],
      ["a", 0],
    ]);
  });

  it("hears again of what came back, in its thread, within a later message", () => {
    const w = new DeliveryWorld();
    w.open("a");
    w.open("b");
    w.advance(5_000);
    w.resolve("a");
    w.advance(60_000);
    w.reopen("a");
    w.open("c");
    w.advance(10_000);
    expect(w.told().slice(2)).toEqual(["70 s reopened: a, c opened"]);
    expect(w.messages[2]).toMatchObject({ group_key: "a", group_open: 3 });
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: told", "reopened: told"]);
  });
});

describe("a reminder", () => {
  it("is sent every so often for what is open, with what else was told counted anew", () => {
    const w = new DeliveryWorld({ repeat_min: 10 });
    w.open("a", { severity: "medium" });
    w.open("b", { severity: "critical" });
    w.advance(5_000);
    w.advance(300_000);
    w.change("a", { severity: "high" });
    w.advance(1_200_000);
    w.resolve("b");
    w.advance(600_000);
    w.resolve("a");
    w.advance(86_400_000);
    expect(w.told()).toEqual([
      "5 s opened: b, a",
      "305 s escalated: a",
      "905 s repeated: b, a",
      "1505 s repeated: b, a",
      "1505 s resolved: b",
      "2105 s repeated: a",
      "2105 s resolved: a",
    ]);
    expect(w.linesOf("a").map(({ id }) => id)).toEqual([
      "sub_1:a:1",
      "sub_1:a:2",
      "sub_1:a:2:repeated:1",
      "sub_1:a:2:repeated:2",
      "sub_1:a:2:repeated:3",
      "sub_1:a:3",
    ]);
    expect(new Set(w.messages.map(({ id }) => id)).size).toBe(w.messages.length);
    expect(w.group("a")!.due_ms).toBeNull();
  });

  it("is not put off by the end of another", () => {
    const w = new DeliveryWorld({ group_wait_s: 0, repeat_min: 10 });
    w.open("a");
    w.open("b");
    w.advance(300_000);
    w.resolve("b");
    w.advance(300_000);
    expect(w.told().slice(2)).toEqual(["300 s resolved: b", "600 s repeated: a"]);
  });

  it("is for who has it neither in hand nor silenced; why not is noted once", () => {
    const w = new DeliveryWorld({ repeat_min: 5, group_wait_s: 0 });
    w.open("a");
    w.open("b");
    w.open("c");
    w.acknowledge("b");
    w.silences = [silence({ services: ["c"], ends_at: new Date(START_MS + 660_000).toISOString() })];
    w.advance(1_000_000);
    expect(w.told().slice(3)).toEqual(["300 s repeated: a", "600 s repeated: a", "900 s repeated: a, c"]);
    expect(w.ledger("b")).toEqual(["opened: told", "repeated: acknowledged"]);
    expect(w.ledger("c")).toEqual(["opened: told", "repeated: silence", "repeated: told"]);
  });

  it("comes and goes with the wish for it", () => {
    const w = new DeliveryWorld({ group_wait_s: 0 });
    w.open("a");
    w.advance(600_000);
    w.wish = { ...w.wish, repeat_min: 15 };
    w.change("a", { request_count: 900 });
    w.advance(600_000);
    w.wish = { ...w.wish, repeat_min: null };
    w.advance(86_400_000);
    expect(w.told()).toEqual(["0 s opened: a", "900 s repeated: a"]);
    expect(w.group("a")!.due_ms).toBeNull();
  });

  it("is not made while the subscription is switched off", () => {
    const w = new DeliveryWorld({ group_wait_s: 0, repeat_min: 5 });
    w.open("a");
    w.disabled = "switched off";
    w.advance(900_000);
    expect(w.told()).toEqual(["0 s opened: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "repeated: disabled"]);
  });
});
