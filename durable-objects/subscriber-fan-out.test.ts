/** From a service's outbox to its subscriptions: each is told whatever becomes of the others. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Notice, SubscriptionPort } from "../domain/subscriber.ts";
import { incidentRow } from "../tests/history-rows.ts";
import { noticeOf } from "../tests/subscription-harness.ts";
import { subscriberFanOut } from "./subscriber-fan-out.ts";
import type { Later } from "./tell-services.ts";

beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

const NOTICES: readonly Notice[] = [
  noticeOf({ service: "checkout", seq: 1, action: "opened", incident: incidentRow() }),
];

/** Subscriptions by id, and what each does; `ring`: time passes for all that waits. */
function fleetOf(takes: Readonly<Record<string, () => Promise<void>>>) {
  const taken: string[] = [];
  let timers: (() => void)[] = [];
  const later: Later = (_, work) => {
    timers.push(work);
    return () => void (timers = timers.filter((other) => other !== work));
  };
  const take: (id: string) => SubscriptionPort["take"] = (id) => async (service, notices, silences) => {
    taken.push(`${id} ${service} ${notices.length} ${silences.length}`);
    await takes[id]!();
  };
  const audience = { subscription_ids: Object.keys(takes), silences: [] };
  const port = subscriberFanOut({
    later,
    fleet: { audience: () => Promise.resolve(audience) },
    subscription: (id) => ({ take: take(id) }),
  });
  const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const ring = async (): Promise<void> => {
    await settle();
    for (const work of timers) work();
  };
  return { port, taken, ring, timers: () => timers.length };
}

/** Why it rejects; null where it does not. */
function reasonOf(work: Promise<void>): Promise<string | null> {
  return work.then(
    () => null,
    (error: Error) => error.message,
  );
}

const takes = (): Promise<void> => Promise.resolve();
const fails = (): Promise<void> => Promise.reject(new Error("it is broken"));
const hangs = (): Promise<void> => new Promise(() => undefined);

test("given subscriptions that take it, then it is durable with all, and no timer is left", async () => {
  const { port, taken, timers } = fleetOf({ sub_1: takes, sub_2: takes });
  await port.notify("checkout", NOTICES);
  expect(taken).toEqual(["sub_1 checkout 1 0", "sub_2 checkout 1 0"]);
  expect(timers()).toBe(0);
});

test.each([
  ["fails", fails],
  ["hangs", hangs],
])("given one that %s, then the others are told all the same, and the outbox tells all again", async (_, work) => {
  const { port, taken, ring } = fleetOf({ sub_1: work, sub_2: takes, sub_3: takes });
  const told = port.notify("checkout", NOTICES);
  const [reason] = await Promise.all([reasonOf(told), ring()]);
  expect(reason).toBe("sub_1 did not take what checkout told");
  expect(taken.map((line) => line.split(" ")[0])).toEqual(["sub_1", "sub_2", "sub_3"]);
});

test("given nobody who listens, then there is nothing to wait for", async () => {
  const { port, taken } = fleetOf({});
  await port.notify("checkout", NOTICES);
  expect(taken).toEqual([]);
});

test.each([
  ["refuses", fails, "it is broken"],
  ["hangs", hangs, "the Fleet did not answer within 5000 ms"],
])("given a Fleet that %s, then the outbox tells again", async (_, work, why) => {
  let timer: () => void = () => undefined;
  const later: Later = (__, ring) => {
    timer = ring;
    return () => undefined;
  };
  const fleet = { audience: () => work().then(() => ({ subscription_ids: [], silences: [] })) };
  const told = subscriberFanOut({ later, fleet, subscription: () => ({ take: takes }) }).notify("checkout", NOTICES);
  const told_why = reasonOf(told);
  // Whoever has refused by then is not waited for any more.
  await new Promise((resolve) => void setImmediate(resolve));
  timer();
  expect(await told_why).toBe(why);
});
