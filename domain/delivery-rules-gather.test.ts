import { describe, expect, it } from "vitest";
import { DeliveryWorld, silence } from "../tests/delivery-world.ts";

const HOUR_MS = 3_600_000;
const AT_ONCE = { group_wait_s: 0, max_per_hour: 2 };

describe("more messages than an hour may have", () => {
  it("are withheld, and told by one digest as soon as the hour allows", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a");
    w.advance(60_000);
    w.open("b");
    w.advance(60_000);
    w.open("c", { severity: "medium" });
    w.open("d", { severity: "critical" });
    expect(w.ledger("c")).toEqual(["opened: rate"]);
    expect(w.linesOf("c")[0]!.detail).toContain("More than 2 messages within an hour");
    w.advance(HOUR_MS - 120_001);
    expect(w.messages).toHaveLength(2);
    w.advance(1);
    expect(w.told()[2]).toBe("3600 s digest: d opened, c opened");
    for (const id of ["c", "d"]) expect(w.linesOf(id)[0]!.message_id).toBe(w.messages[2]!.id);
  });

  it("do not hold up that something ended, which counts for nothing", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a");
    w.open("b");
    w.resolve("a");
    w.resolve("b");
    expect(w.kinds()).toEqual(["opened", "opened", "resolved", "resolved"]);
    w.advance(HOUR_MS);
    w.open("c");
    w.resolve("c");
    w.open("d");
    expect(w.kinds().slice(4)).toEqual(["opened", "resolved", "opened"]);
    expect(w.memory().sent_ms).toHaveLength(2);
  });

  it("are told in the digest as they are by then, each incident once", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 1 });
    w.open("a", { severity: "medium" });
    w.open("b", { severity: "medium" });
    w.open("c", { severity: "high" });
    w.change("b", { severity: "critical" });
    w.change("a", { severity: "high" });
    w.resolve("c");
    w.advance(HOUR_MS);
    expect(w.told()[1]).toBe("3600 s digest: b opened, a escalated, c resolved");
    expect(w.ledger("b")).toEqual(["opened: rate", "opened: rate"]);
    expect(w.ledger("c")).toEqual(["opened: rate", "resolved: rate"]);
  });

  it("make what the digest named known: its end is told in the digest's thread, and so is what follows", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 1, repeat_min: 60 });
    w.open("a");
    w.resolve("a");
    w.open("b");
    w.open("c");
    w.advance(HOUR_MS);
    const digest = w.messages[2]!;
    expect(digest).toMatchObject({ kind: "digest", group_open: 2 });
    w.resolve("b");
    w.advance(HOUR_MS);
    expect(w.told().slice(3)).toEqual(["3600 s resolved: b", "7200 s repeated: c"]);
    for (const message of w.messages.slice(3)) expect(message.group_key).toBe(digest.group_key);
    expect(w.messages[3]!.group_open).toBe(1);
  });

  it("make it known as it is then: that it comes and goes, though a silence holds by now", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 1 });
    w.open("a");
    w.open("b", { severity: "medium" });
    w.silences = [silence({ services: ["b"] })];
    w.change("b", { flapping: true });
    w.advance(HOUR_MS);
    expect(w.told()[1]).toBe("3600 s digest: b opened");
    w.silences = [];
    w.advance(HOUR_MS);
    w.change("b", { severity: "critical" });
    w.resolve("b");
    expect(w.ledger("b")).toEqual(["opened: rate", "flapping: silence", "escalated: flapping", "resolved: told"]);
  });

  it("leave alone what waits again by then", () => {
    const w = new DeliveryWorld({ group_wait_s: 5, max_per_hour: 2 });
    w.open("a");
    w.advance(1_000_000);
    w.open("b");
    w.advance(1_000_000);
    w.open("c", { severity: "medium" });
    w.advance(1_604_000);
    w.change("c", { severity: "critical" });
    w.advance(2 * HOUR_MS);
    expect(w.told().slice(2)).toEqual(["3605 s digest: c opened", "4605 s digest: c opened"]);
    expect(w.ledger("c")).toEqual(["opened: rate", "opened: rate"]);
  });

  it("leave what was over by the digest at that", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 1, changes: ["opened", "narrated", "resolved"] });
    w.open("a");
    w.open("b");
    w.resolve("a");
    w.resolve("b");
    w.narrate("a");
    w.advance(2 * HOUR_MS);
    expect(w.told().slice(2)).toEqual(["3600 s digest: b resolved, a narrated"]);
    // Who heard of its end hears what is said of it, once the hour allows; of the other only the digest told.
    w.narrate("b");
    w.narrate("a");
    expect(w.ledger("b")).toEqual(["opened: rate", "resolved: rate", "narrated: rate"]);
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: told", "narrated: rate", "narrated: told"]);
  });

  it("count what the digest has no room for, whose end nobody waits for", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 1 });
    w.open("a");
    for (let i = 0; i < 25; i += 1) w.open(`s${i}`, { severity: "medium" });
    w.open("worst", { severity: "critical" });
    w.change("s24", { severity: "high" });
    w.advance(HOUR_MS);
    const digest = w.messages[1]!;
    expect(digest.items).toHaveLength(20);
    expect(digest.more).toBe(6);
    expect(digest.items.slice(0, 2).map(({ incident_id }) => incident_id)).toEqual(["worst", "s24"]);
    w.resolve("s20");
    w.resolve("s0");
    expect(w.ledger("s20")).toEqual(["opened: rate", "resolved: rate"]);
    expect(w.ledger("s0")).toEqual(["opened: rate", "resolved: told"]);
    w.advance(2 * HOUR_MS);
    expect(w.kinds()).toEqual(["opened", "digest", "resolved"]);
  });

  it("take with them what waited in a group", () => {
    const w = new DeliveryWorld({ group_wait_s: 5, max_per_hour: 1 });
    w.open("a");
    w.advance(5_000);
    w.open("b", { severity: "medium" });
    w.change("b", { severity: "critical" });
    w.open("c");
    w.resolve("c");
    w.advance(10_000);
    expect(w.ledger("b")).toEqual(["opened: rate", "escalated: rate"]);
    expect(w.ledger("c")).toEqual(["opened: rate", "resolved: rate"]);
    w.advance(HOUR_MS);
    expect(w.told().slice(1)).toEqual(["3605 s digest: b opened, c resolved"]);
    w.resolve("b");
    expect(w.messages[2]).toMatchObject({ kind: "resolved", group_key: "a" });
  });

  it("are counted by the hour that passed, though the clock went back", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a");
    w.stepClock(-600_000);
    w.open("b");
    w.open("c");
    expect(w.ledger("c")).toEqual(["opened: rate"]);
    w.advance(HOUR_MS);
    expect(w.kinds()).toEqual(["opened", "opened", "digest"]);
  });

  it("hold a reminder up as well", () => {
    const w = new DeliveryWorld({ group_wait_s: 0, max_per_hour: 1, repeat_min: 5 });
    w.open("a");
    w.advance(HOUR_MS);
    expect(w.ledger("a")).toEqual(["opened: told", "repeated: rate"]);
    expect(w.told()).toEqual(["0 s opened: a", "3600 s digest: a repeated"]);
  });

  it("hold reminders up hour by hour, in one digest each", () => {
    const w = new DeliveryWorld({ group_wait_s: 0, max_per_hour: 1, repeat_min: 35 });
    w.open("a");
    w.advance(6 * HOUR_MS);
    expect(w.kinds().slice(0, 4)).toEqual(["opened", "digest", "repeated", "digest"]);
    expect(new Set(w.messages.map(({ id }) => id)).size).toBe(w.messages.length);
  });

  it("leave the digest to its time, though the wish allows more by now", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 1 });
    w.open("a");
    w.open("b");
    w.wish = { ...w.wish, max_per_hour: 10 };
    w.open("c");
    w.advance(HOUR_MS);
    expect(w.told()).toEqual(["0 s opened: a", "0 s opened: c", "3600 s digest: b opened"]);
  });

  it("wait on where the wish allows fewer by then", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a");
    w.advance(600_000);
    w.open("b");
    w.open("c");
    w.wish = { ...w.wish, max_per_hour: 1 };
    w.advance(2 * HOUR_MS);
    expect(w.told()[2]).toBe("4200 s digest: c opened");
  });

  it("are told once the subscription is switched on again, if it is off when the digest is due", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 1 });
    w.open("a");
    w.open("b");
    w.disabled = "switched off";
    w.advance(2 * HOUR_MS);
    expect(w.told()).toEqual(["0 s opened: a"]);
    w.disabled = null;
    w.resolve("b");
    expect(w.told().slice(1)).toEqual(["7200 s digest: b opened", "7200 s resolved: b"]);
    expect(w.ledger("b")).toEqual(["opened: rate", "resolved: told"]);
  });
});

describe("what is caught up on", () => {
  const old = { historical: true } as const;

  it("is withheld, and told in one message once no more has come for a minute", () => {
    const w = new DeliveryWorld();
    w.open("a", { ...old, severity: "medium" });
    w.advance(59_000);
    w.open("b", { ...old, severity: "critical" });
    w.resolve("a");
    w.advance(59_999);
    expect(w.messages).toEqual([]);
    w.advance(1);
    expect(w.told()).toEqual(["119 s caught_up: b opened, a resolved"]);
    expect(w.ledger("a")).toEqual(["opened: historical", "resolved: historical"]);
    for (const line of w.linesOf("a")) expect(line.message_id).toBe(w.messages[0]!.id);
    // It has been told of: nothing more of it is.
    w.change("b", { severity: "critical", flapping: true });
    w.resolve("b");
    w.advance(HOUR_MS);
    expect(w.messages).toHaveLength(1);
    expect(w.ledger("b")).toEqual(["opened: historical", "flapping: historical", "resolved: historical"]);
    expect(w.linesOf("b").at(-1)!.message_id).toBeNull();
  });

  it("is told at once when something happens that is new", () => {
    const w = new DeliveryWorld({ group_wait_s: 0 });
    w.open("a", old);
    w.advance(1_000);
    w.open("b");
    expect(w.told()).toEqual(["1 s opened: b", "1 s caught_up: a opened"]);
  });

  it("counts more than twenty", () => {
    const w = new DeliveryWorld();
    for (let i = 0; i < 23; i += 1) w.open(`s${i}`, old);
    w.advance(60_000);
    expect(w.messages[0]!.items).toHaveLength(20);
    expect(w.messages[0]!.more).toBe(3);
  });

  it("leaves out what would not have been told", () => {
    const w = new DeliveryWorld({ min_severity: "high" });
    w.silences = [silence({ services: ["quiet"] })];
    w.open("mild", { ...old, severity: "medium" });
    w.open("quiet", old);
    w.advance(60_000);
    expect(w.messages).toEqual([]);
    expect([w.ledger("mild"), w.ledger("quiet")]).toEqual([["opened: historical"], ["opened: historical"]]);
    expect(w.linesOf("mild")[0]!.message_id).toBeNull();
    w.change("mild", { severity: "critical" });
    w.advance(60_000);
    expect(w.told()).toEqual(["120 s caught_up: mild escalated"]);
  });

  it("waits for the hour to allow another message", () => {
    const w = new DeliveryWorld({ group_wait_s: 0, max_per_hour: 1 });
    w.open("a");
    w.open("b", old);
    w.advance(HOUR_MS);
    expect(w.told()).toEqual(["0 s opened: a", "3600 s caught_up: b opened"]);
  });
});
