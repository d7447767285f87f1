import { describe, expect, it } from "vitest";
import { DeliveryWorld, silence, START_MS } from "../tests/delivery-world.ts";

const HOUR_MS = 3_600_000;
const AT_ONCE = { group_wait_s: 0 };

describe("what was withheld while nothing could be delivered is told", () => {
  it("as an opening, when the subscription is switched on again and it is open still; its line says so", () => {
    const w = new DeliveryWorld({ group_wait_s: 5 });
    w.disabled = "switched off";
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "critical" });
    w.open("b");
    w.resolve("b");
    w.advance(HOUR_MS);
    w.change("a", { request_count: 900 });
    expect(w.messages).toEqual([]);
    w.disabled = null;
    w.advance(5_000);
    expect(w.told()).toEqual(["3605 s opened: a"]);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: disabled"]);
    expect(w.ledger("b")).toEqual(["opened: disabled", "resolved: disabled"]);
    w.resolve("a");
    expect(w.ledger("a").at(-1)).toBe("resolved: told");
  });

  it("as what grew worse, or came back, where its beginning was known", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a", { severity: "medium" });
    w.open("b");
    w.resolve("b");
    w.disabled = "switched off";
    w.change("a", { severity: "high" });
    w.change("a", { severity: "critical" });
    w.reopen("b");
    w.disabled = null;
    expect(w.kinds().slice(3)).toEqual(["escalated", "reopened"]);
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: disabled", "escalated: told"]);
    expect(w.ledger("b")).toEqual(["opened: told", "resolved: told", "reopened: told"]);
  });

  it("by all rules that hold then: a silence, a severity, what is caught up on", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, min_severity: "high" });
    w.disabled = "switched off";
    w.open("quiet");
    w.open("mild", { severity: "medium" });
    w.open("old", { historical: true });
    w.silences = [silence({ services: ["quiet"], ends_at: new Date(START_MS + 90_000).toISOString() })];
    w.disabled = null;
    const ledgers = ["quiet", "mild", "old"].map((id) => w.ledger(id)[0]);
    expect(ledgers).toEqual(["opened: silence", "opened: severity", "opened: historical"]);
    w.advance(120_000);
    expect(w.told()).toEqual(["60 s caught_up: old opened", "90 s opened: quiet"]);
  });

  it("where a silence ended meanwhile", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.silences = [silence({ ends_at: new Date(START_MS + 60_000).toISOString() })];
    w.open("a");
    w.advance(30_000);
    w.disabled = "switched off";
    w.advance(60_000);
    expect(w.ledger("a")).toEqual(["opened: disabled"]);
    w.disabled = null;
    expect(w.told()).toEqual(["90 s opened: a"]);
  });

  it("again, under another id, where its message was made and not sent", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, repeat_min: 30 });
    w.open("a", { flapping: true });
    w.disabled = "the target answered 410";
    w.unsend(w.messages[0]!.id);
    expect(w.incidents.get("a")).toMatchObject({
      stand: { kind: "withheld", reason: "disabled" },
      flapping_told: false,
    });
    expect(w.group("a")!.open).toBe(0);
    w.disabled = null;
    expect(w.kinds()).toEqual(["opened", "opened"]);
    expect(w.messages[1]!.id).not.toBe(w.messages[0]!.id);
    expect(w.linesOf("a")[0]!.message_id).toBe(w.messages[1]!.id);
    expect(w.group("a")!.open).toBe(1);
  });

  it("again as what its digest, or the message of what was caught up on, did not tell", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, max_per_hour: 2 });
    w.open("old", { historical: true });
    w.advance(60_000);
    w.open("a");
    w.open("b");
    w.advance(HOUR_MS);
    expect(w.kinds()).toEqual(["caught_up", "opened", "digest"]);
    w.disabled = "the target answered 410";
    w.unsend(w.messages[0]!.id, w.messages[2]!.id);
    w.disabled = null;
    w.advance(2 * HOUR_MS);
    expect(w.told().slice(3)).toEqual(["3660 s opened: b", "7260 s caught_up: old opened"]);
  });

  it("not again where its message was handed over by hand", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a");
    w.disabled = "the target answered 410";
    const { id } = w.messages[0]!;
    w.unsend(id);
    w.handOver(id);
    w.disabled = null;
    w.resolve("a");
    expect(w.kinds()).toEqual(["opened", "resolved"]);
  });
});

describe("who heard that it began hears that it ended", () => {
  const ids = (w: DeliveryWorld): readonly string[] => w.messages.map(({ id }) => id);

  it("when the subscription is switched on again, also in a silence of then, and however long it was off", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a");
    w.open("b");
    w.disabled = "switched off";
    w.change("a", { severity: "critical" });
    w.resolve("a");
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: disabled", "resolved: disabled"]);
    w.advance(30 * 24 * HOUR_MS);
    w.groups.clear();
    w.silences = [silence({ starts_at: new Date(w.now_ms).toISOString(), ends_at: "2027-01-01T00:00:00Z" })];
    w.disabled = null;
    expect(w.told().slice(2)).toEqual(["2592000 s resolved: a"]);
    expect(w.messages[2]).toMatchObject({ group_key: w.messages[0]!.group_key });
    expect(w.ledger("a")).toEqual(["opened: told", "escalated: disabled", "resolved: told"]);
  });

  it("but not where ends are not wanted, nor who heard of nothing", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, changes: ["opened"] });
    w.open("a");
    w.disabled = "switched off";
    w.open("b");
    w.resolve("a");
    w.resolve("b");
    w.disabled = null;
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: change"]);
    expect(w.ledger("b")).toEqual(["opened: disabled", "resolved: disabled"]);
    expect(w.incidents.get("a")!.stand).toEqual({ kind: "over" });
  });

  it("and is reminded of what came back before they could hear so, whose end they hear then", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, repeat_min: 5 });
    w.open("a");
    w.open("b");
    w.disabled = "switched off";
    w.resolve("a");
    w.resolve("b");
    w.advance(HOUR_MS);
    w.reopen("a");
    w.reopen("b");
    w.resolve("b");
    w.disabled = null;
    expect(w.told().slice(2)).toEqual(["3600 s repeated: a", "3600 s resolved: b"]);
    w.resolve("a");
    expect(w.kinds().slice(4)).toEqual(["resolved"]);
    expect(w.ledger("a")).toEqual([
      "opened: told",
      "resolved: disabled",
      "reopened: disabled",
      "repeated: disabled",
      "repeated: told",
      "resolved: told",
    ]);
    expect(w.ledger("b")).not.toContain("repeated: disabled");
  });

  it("where the message that said so was not sent, and was not handed over by hand", () => {
    const w = new DeliveryWorld(AT_ONCE);
    for (const id of ["a", "b"]) w.open(id);
    for (const id of ["a", "b"]) w.resolve(id);
    w.disabled = "the target answered 410";
    w.unsend(ids(w)[2]!, ids(w)[3]!);
    w.handOver(ids(w)[3]!);
    w.disabled = null;
    expect(w.told().slice(4)).toEqual(["0 s resolved: a"]);
    expect(ids(w)[4]).not.toBe(ids(w)[2]);
  });

  it("but not where the message of its beginning was not sent either", () => {
    const w = new DeliveryWorld(AT_ONCE);
    w.open("a");
    w.change("a", { severity: "critical" });
    w.resolve("a");
    w.open("b");
    w.resolve("b");
    w.reopen("b");
    w.disabled = "the target answered 410";
    w.unsend(...ids(w));
    w.disabled = null;
    expect(w.told().slice(6)).toEqual(["0 s reopened: b"]);
    expect(w.incidents.get("a")).toMatchObject({ stand: { kind: "withheld", reason: "disabled" }, kept_back: null });
  });

  it("where neither its end nor its return was sent, the return while it waited for others", () => {
    const w = new DeliveryWorld({ group_wait_s: 5 });
    w.open("a");
    w.advance(5_000);
    w.resolve("a");
    w.reopen("a");
    w.disabled = "the target answered 410";
    w.unsend(ids(w)[1]!);
    expect(w.ledger("a")).toEqual(["opened: told", "resolved: disabled", "reopened: disabled"]);
    w.resolve("a");
    w.advance(5_000);
    w.disabled = null;
    expect(w.told().slice(2)).toEqual(["10 s resolved: a"]);
  });

  it("and nothing of it where that it grew worse was not sent, and its end is not wanted", () => {
    const w = new DeliveryWorld({ ...AT_ONCE, changes: ["opened", "escalated"] });
    w.open("a", { severity: "medium" });
    w.change("a", { severity: "critical" });
    w.resolve("a");
    w.disabled = "the target answered 410";
    w.unsend(ids(w)[1]!);
    w.disabled = null;
    expect(w.messages).toHaveLength(2);
    expect(w.incidents.get("a")).toMatchObject({ stand: { kind: "over" }, kept_back: null });
  });
});
