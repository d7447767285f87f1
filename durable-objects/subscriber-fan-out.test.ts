/** From a service's outbox to its subscriptions: each is told whatever becomes of the others. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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

describe("given one incident and a thousand subscriptions", () => {
  const ids = Array.from({ length: 1_000 }, (_, at) => `sub_${String(at).padStart(3, "0")}`);

  /** Time passes as far as somebody waits for it; `answer`: to each call. */
  class Crowd {
    now_ms = 0;
    open = 0;
    open_max = 0;
    calls: string[] = [];
    readonly told = new Map<string, number>();
    #timers: { readonly at_ms: number; readonly work: () => void }[] = [];
    readonly port;

    constructor(answer: (id: string, crowd: Crowd) => Promise<void>) {
      const subscription = (id: string): Pick<SubscriptionPort, "take"> => ({
        take: async (_, notices) => {
          this.calls.push(id);
          this.open += 1;
          this.open_max = Math.max(this.open_max, this.open);
          try {
            await answer(id, this);
            this.told.set(id, (this.told.get(id) ?? 0) + notices.length);
          } finally {
            this.open -= 1;
          }
        },
      });
      const audience = { subscription_ids: ids, silences: [] };
      const fleet = { audience: () => Promise.resolve(audience) };
      this.port = subscriberFanOut({ later: this.later, fleet, subscription });
    }

    readonly later: Later = (delay_ms, work) => {
      const timer = { at_ms: this.now_ms + delay_ms, work };
      this.#timers.push(timer);
      return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
    };

    /** One attempt of the outbox to its end. True where all took it. */
    async pass(notices = NOTICES): Promise<boolean> {
      let taken: boolean | null = null;
      this.calls = [];
      void reasonOf(this.port.notify("checkout", notices)).then((why) => (taken = why === null));
      for (;;) {
        await new Promise((resolve) => void setImmediate(resolve));
        if (taken !== null) return taken;
        const next = this.#timers.toSorted((a, b) => a.at_ms - b.at_ms)[0];
        if (next === undefined) throw new Error("it waits for nothing, and is not over");
        this.#timers = this.#timers.filter((other) => other !== next);
        this.now_ms = next.at_ms;
        next.work();
      }
    }
  }

  test("then fifty are told at a time, each once", async () => {
    const crowd = new Crowd(takes);
    expect(await crowd.pass()).toBe(true);
    expect(crowd.open_max).toBe(50);
    expect([...crowd.told.values()]).toEqual(ids.map(() => 1));
    expect(crowd.now_ms).toBe(0);
  });

  test("when 200 of them hang, then the others are told within 20 s, and they alone are asked again, with what is new", async () => {
    let hang = new Set(ids.slice(0, 200));
    const crowd = new Crowd((id) => (hang.has(id) ? hangs() : takes()));
    expect(await crowd.pass()).toBe(false);
    expect(crowd.now_ms).toBe(20_000);
    expect(crowd.told.size).toBe(800);
    hang = new Set();
    const more = noticeOf({ service: "checkout", seq: 2, action: "resolved", incident: incidentRow() });
    expect(await crowd.pass()).toBe(true);
    expect(crowd.calls).toEqual(ids.slice(0, 200));
    expect(await crowd.pass([more])).toBe(true);
    expect([...crowd.told.values()]).toEqual(ids.map(() => 2));
  });

  test("when what is new comes meanwhile, then those that took the rest get it alone", async () => {
    const crowd = new Crowd((id, { told }) => (id === ids[0] && told.size < 999 ? fails() : takes()));
    expect(await crowd.pass()).toBe(false);
    const more = noticeOf({ service: "checkout", seq: 2, action: "resolved", incident: incidentRow() });
    expect(await crowd.pass([...NOTICES, more])).toBe(true);
    expect([...crowd.told.values()]).toEqual(ids.map(() => 2));
  });

  test("when all of them hang, then a pass is over within the minute that the outbox gives it, and the next begins with the rest", async () => {
    let hang = true;
    const crowd = new Crowd(() => (hang ? hangs() : takes()));
    expect(await crowd.pass()).toBe(false);
    expect(crowd.now_ms).toBeLessThan(60_000);
    const tried = crowd.calls.length;
    expect(tried).toBeLessThan(1_000);
    hang = false;
    expect(await crowd.pass()).toBe(true);
    expect(crowd.calls).toEqual([...ids.slice(tried), ...ids.slice(0, tried)]);
  });

  test("when an invocation may make 45 calls, as on the free plan, then each pass tells others, until all are told once", async () => {
    const crowd = new Crowd((_, { calls }) => (calls.length > 45 ? fails() : takes()));
    let passes = 1;
    while (!(await crowd.pass())) passes += 1;
    expect(passes).toBe(Math.ceil(1_000 / 45));
    expect([...crowd.told.values()]).toEqual(ids.map(() => 1));
  });
});
