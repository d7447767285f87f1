/** What holds of deliveries whatever happens: to incidents, to silences, to the subscription, to the clock. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { DeliveryWorld, silence } from "../tests/delivery-world.ts";
import { lineId } from "./delivery-rules-id.ts";
import type { IncidentState } from "./delivery-rules-state.ts";
import { CHANGES, type DeliveredChange, WITHHELD_REASONS, type WithheldReason } from "./delivery.ts";
import { type Incident, SEVERITIES, type Severity } from "./incident.ts";
import type { SubscriptionWish } from "./subscription.ts";

const HOUR_MS = 3_600_000;
const SERVICES = 4;

type Command =
  | { readonly do: "open"; readonly on: number; readonly severity: Severity; readonly historical: boolean }
  | {
      readonly do: "escalate" | "resolve" | "reopen" | "flap" | "acknowledge" | "narrate" | "grow";
      readonly on: number;
    }
  | {
      readonly do: "silence";
      readonly on: number;
      readonly minutes: number;
      readonly by: "service" | "incident" | "all";
    }
  | { readonly do: "unsilence" | "look" | "enable" | "disable" | "hear_again" }
  | { readonly do: "gone"; readonly unsent: number }
  | { readonly do: "advance" | "step"; readonly ms: number };

const on = fc.nat({ max: SERVICES - 1 });
const severity = fc.constantFrom(...SEVERITIES);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("open" as const), on, severity, historical: rarely() }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom("escalate", "resolve", "reopen", "flap", "acknowledge", "narrate", "grow"),
      on,
    }) as fc.Arbitrary<Command>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("silence" as const),
      on,
      minutes: fc.integer({ min: 1, max: 20 }),
      by: fc.constantFrom("service", "incident", "all"),
    }) as fc.Arbitrary<Command>,
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("unsilence", "unsilence", "look", "enable", "enable", "disable", "hear_again"),
    }) as fc.Arbitrary<Command>,
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("gone" as const), unsent: fc.nat({ max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 20_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: HOUR_MS }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("step" as const), ms: fc.integer({ min: -300_000, max: 300_000 }) }),
  },
);

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat({ max: 9 }).map((n) => n === 0);
}

const wish = fc.record({
  min_severity: severity,
  changes: fc.subarray([...CHANGES], { minLength: 1 }),
  group_wait_s: fc.constantFrom(0, 5, 60),
  repeat_min: fc.constantFrom(null, 5, 30),
  max_per_hour: fc.integer({ min: 1, max: 8 }),
}) satisfies fc.Arbitrary<Partial<SubscriptionWish>>;

const BEGINNINGS: ReadonlySet<DeliveredChange> = new Set(["opened", "reopened", "escalated", "flapping"]);
const OTHER_REASONS: readonly (WithheldReason | null)[] = [null, "change", "flapping", "acknowledged", "rate"];

/** Does what happens, and notes what the ledger has to hold of it. */
class Story {
  readonly world: DeliveryWorld;
  /** Ids of the lines that there must be, and no others. */
  readonly expected = new Set<string>();
  readonly #ids = Array.from({ length: SERVICES }, () => "");
  #opened = 0;

  constructor(world: DeliveryWorld) {
    this.world = world;
  }

  run(commands: readonly Command[]): void {
    for (const each of commands) this.#do(each);
  }

  #do(each: Command): void {
    const { world } = this;
    switch (each.do) {
      case "open":
        return this.#open(each);
      case "silence":
        return this.#silence(each);
      case "unsilence":
        world.silences = [];
        return;
      case "look":
        return world.look();
      case "disable":
      case "enable":
        world.disabled = each.do === "enable" ? null : "switched off";
        return;
      case "gone":
        return this.#gone(each.unsent);
      case "advance":
        return world.advance(each.ms);
      case "step":
        return world.stepClock(each.ms);
      case "hear_again":
        return this.#hearAgain();
      case "escalate":
      case "resolve":
      case "reopen":
      case "flap":
      case "acknowledge":
      case "narrate":
      case "grow":
        return this.#happen(each.do, this.#ids[each.on]!);
    }
  }

  #open({ on: index, severity: how, historical }: Extract<Command, { do: "open" }>): void {
    const before = this.#ids[index]!;
    if (before !== "" && this.world.truth.get(before)!.status === "open") return;
    this.#opened += 1;
    const id = `s${index}-${this.#opened}`;
    this.#ids[index] = id;
    this.#expected(() => void this.world.open(`s${index}`, { id, severity: how, historical }));
  }

  #silence({ on: index, minutes, by }: Extract<Command, { do: "silence" }>): void {
    const { world } = this;
    const id = `sil_${world.silences.length}`;
    const times = {
      starts_at: new Date(world.now_ms).toISOString(),
      ends_at: new Date(world.now_ms + minutes * 60_000).toISOString(),
    };
    const incident_id = by === "incident" ? this.#ids[index]! : null;
    const services = by === "service" ? [`s${index}`] : ["*"];
    world.silences = [...world.silences, silence({ id, services, incident_id, ...times })];
  }

  /** The target goes, and with it the newest messages, which were in the queue still. */
  #gone(unsent: number): void {
    const { world } = this;
    if (world.disabled !== null) return;
    world.disabled = "the target answered 410";
    const newest = world.messages.slice(Math.max(0, world.messages.length - unsent)).map(({ id }) => id);
    world.unsend(...newest.filter((id) => !world.unsent.has(id)));
  }

  #hearAgain(): void {
    const { world } = this;
    const before = snapshot(world);
    for (const event of world.events) world.repeat(event);
    expect(snapshot(world)).toBe(before);
  }

  #happen(what: string, id: string): void {
    const incident = this.world.truth.get(id);
    if (incident === undefined) return;
    const is_open = incident.status === "open";
    const rank = SEVERITIES.indexOf(incident.severity);
    if (what === "narrate") return this.#expected(() => this.world.narrate(id));
    if (what === "grow") return this.world.change(id, { request_count: incident.request_count + 1 });
    if (what === "reopen") return is_open ? undefined : this.#expected(() => this.world.reopen(id));
    if (!is_open) return;
    if (what === "resolve") return this.#expected(() => this.world.resolve(id));
    if (what === "escalate" && rank < 2) {
      return this.#expected(() => this.world.change(id, { severity: SEVERITIES[rank + 1]! }));
    }
    if (what === "flap" && !incident.flapping) return this.#expected(() => this.world.change(id, { flapping: true }));
    if (what !== "acknowledge") return;
    this.world.acknowledge(id);
    const is_new = this.world.truth.get(id)!.acknowledged_at !== incident.acknowledged_at;
    if (is_new && this.world.tells_acknowledged) this.#expectLine();
  }

  #expected(happen: () => void): void {
    const waited = [...this.world.incidents.values()].filter(({ stand }) => stand.kind === "waiting");
    happen();
    this.#expectLine();
    const line = this.world.lines.get(this.#newestLine())!;
    const isFolded = waited.some(({ incident_id }) => incident_id === line.incident_id);
    if (isFolded || !BEGINNINGS.has(line.change)) return;
    const reason = generalReason(this.world, this.world.truth.get(line.incident_id)!);
    expect(reason === null ? OTHER_REASONS : [reason]).toContain(line.reason);
  }

  #expectLine(): void {
    this.expected.add(this.#newestLine());
  }

  #newestLine(): string {
    const event = this.world.events.at(-1)!;
    const id = "incident" in event ? event.incident.id : event.narrative.incident_id;
    return lineId("sub_1", id, event.seq);
  }
}

function snapshot(world: DeliveryWorld): string {
  const { incidents, groups, lines, messages } = world;
  return JSON.stringify([[...incidents], [...groups], [...lines], messages, world.memory()]);
}

/** Why nobody is to hear of an incident now, whatever happens to it; null where there is no such reason. */
function generalReason(
  world: DeliveryWorld,
  { id, service, historical, severity: how }: Incident,
): WithheldReason | null {
  if (world.disabled !== null) return "disabled";
  if (historical) return "historical";
  const isQuiet = world.silences.some(
    ({ services, incident_id, starts_at, ends_at }) =>
      (services[0] === "*" || services[0] === service) &&
      (incident_id === null || incident_id === id) &&
      Date.parse(starts_at) <= world.now_ms &&
      Date.parse(ends_at) > world.now_ms,
  );
  if (isQuiet) return "silence";
  return SEVERITIES.indexOf(how) < SEVERITIES.indexOf(world.wish.min_severity) ? "severity" : null;
}

/** Told or about to be, and not over. */
function isCounted({ status, stand }: IncidentState): boolean {
  return status === "open" && (stand.kind === "told" || stand.kind === "waiting");
}

function check(story: Story): void {
  const { world } = story;
  const lines = [...world.lines.values()];
  const messages = new Map(world.messages.map((message) => [message.id, message]));

  // Each change has its one line, and nothing else has.
  const own = lines.filter(({ change }) => change !== "repeated");
  expect(new Set(own.map(({ id }) => id))).toEqual(story.expected);
  // What is not withheld is told by a message of that incident, and what is withheld says why.
  expect(messages.size).toBe(world.messages.length);
  for (const line of lines) {
    expect(line.status === "withheld").toBe(line.reason !== null);
    expect(line.detail === null).toBe(line.reason === null);
    if (line.message_id === null) {
      expect(line.status).toBe("withheld");
      continue;
    }
    const message = messages.get(line.message_id);
    expect(message, `${line.id} names a message that was never made`).toBeDefined();
    expect(message!.more > 0 || message!.items.some(({ incident_id }) => incident_id === line.incident_id)).toBe(true);
  }
  // What is told of one incident is told in the order in which it happened.
  const order = [...messages.keys()];
  for (const id of world.truth.keys()) {
    const told = own.filter(({ incident_id, status }) => incident_id === id && status === "waiting");
    const bySeq = told.toSorted((a, b) => Number(a.id.split(":")[2]) - Number(b.id.split(":")[2]));
    const places = bySeq.map(({ message_id }) => order.indexOf(message_id!));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  }
  // Who heard that it is open heard that it is over.
  if (world.wish.changes.includes("resolved")) expect(leftOpen(world)).not.toContain(true);
  checkRate(world);
  // Nothing is due any more but reminders, and nobody waits for a silence that is over, or to be switched on again.
  for (const { stand, status, due_ms, kept_back } of world.incidents.values()) {
    expect([due_ms, kept_back]).toEqual([null, null]);
    expect(stand.kind).not.toBe("waiting");
    if (status === "open" && stand.kind === "withheld") expect(["silence", "disabled"]).not.toContain(stand.reason);
  }
  expect(world.memory().due_ms).toBeNull();
  for (const group of world.groups.values()) {
    expect(group.open).toBe(world.members(group.key).filter(isCounted).length);
    expect(group.message_id).toBeNull();
    if (group.due_ms !== null) expect(group.due_ms).toBeGreaterThan(world.now_ms);
  }
}

/** Of each incident that is over and that a message said to be open: whether the newest one says so still. */
function leftOpen(world: DeliveryWorld): boolean[] {
  const said = new Map<string, boolean>();
  for (const { id, kind, items, open } of world.messages) {
    // What was caught up on is told once, however it goes on; words come after an end, too.
    if (kind === "caught_up" || kind === "narrated" || world.unsent.has(id)) continue;
    for (const { incident_id } of items) {
      if (said.has(incident_id) || open.includes(incident_id)) said.set(incident_id, open.includes(incident_id));
    }
  }
  return [...said].flatMap(([id, isOpen]) => (world.truth.get(id)!.status === "resolved" ? [isOpen] : []));
}

function checkRate({ messages, wish: { max_per_hour } }: DeliveryWorld): void {
  const counted = messages.filter(({ kind }) => kind !== "resolved");
  for (const { at_ms } of counted) {
    const inHour = counted.filter((other) => other.at_ms <= at_ms && other.at_ms > at_ms - HOUR_MS);
    expect(inHour.length).toBeLessThanOrEqual(max_per_hour);
  }
}

it("every change is told once, in order and in bounds, or withheld for a reason", () => {
  const seen = new Set<string>();
  let ends = 0;
  fc.assert(
    fc.property(wish, fc.boolean(), fc.array(command, { maxLength: 60, size: "max" }), (wanted, tells, commands) => {
      const world = new DeliveryWorld(wanted);
      world.tells_acknowledged = tells;
      const story = new Story(world);
      story.run(commands);
      // In the end silences are over, and each incident gives a sign of life.
      world.disabled = null;
      world.advance(2 * HOUR_MS);
      for (const id of world.truth.keys()) world.change(id, { request_count: 1 });
      world.wish = { ...world.wish, repeat_min: null };
      world.advance(30 * HOUR_MS);
      check(story);
      for (const line of world.lines.values()) seen.add(`${line.change} ${line.reason}`);
      ends += leftOpen(world).length;
    }),
    { numRuns: 600 },
  );
  // The stories are rich enough for every change to have been told and every reason to have been given.
  for (const change of [
    "opened",
    "escalated",
    "narrated",
    "resolved",
    "reopened",
    "acknowledged",
    "flapping",
    "repeated",
  ])
    expect(seen).toContain(`${change} null`);
  for (const reason of WITHHELD_REASONS) expect([...seen].some((each) => each.endsWith(` ${reason}`))).toBe(true);
  expect(ends).toBeGreaterThan(10);
});
