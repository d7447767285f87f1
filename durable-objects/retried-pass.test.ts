import { expect, test } from "vitest";
import { RetriedPass } from "./retried-pass.ts";

function world() {
  const clock = { now_ms: 1_000_000 };
  return { clock, pass: new RetriedPass(() => clock.now_ms) };
}

const refused = (): Promise<boolean> => Promise.reject(new Error("down"));
const ignore = (): void => {};

test("a pass that failed comes again after a second, then after twice as long, at most a minute, until one succeeds", async () => {
  const { clock, pass } = world();
  const waits: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    await pass.run(refused, (_, backoff_ms) => waits.push(backoff_ms));
    expect(pass.due()).toBe(clock.now_ms + waits.at(-1)!);
    clock.now_ms = pass.due();
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  await pass.run(() => Promise.resolve(true), ignore);
  expect(pass.due()).toBeLessThanOrEqual(clock.now_ms);
  await pass.run(refused, (_, backoff_ms) => waits.push(backoff_ms));
  expect(waits.at(-1)).toBe(1_000);
});

test("one that did not take all comes again likewise, and what is new does not wait for it", async () => {
  const { clock, pass } = world();
  await pass.run(() => Promise.resolve(false), ignore);
  expect(pass.due()).toBe(clock.now_ms + 1_000);
  pass.hasten();
  expect(pass.due()).toBeLessThanOrEqual(clock.now_ms);
});

test("no pass begins while one is under way, until that is taken for lost; its late end does not end the next", async () => {
  const { clock, pass } = world();
  const first = Promise.withResolvers<boolean>();
  const running = pass.run(() => first.promise, ignore);
  expect(pass.due()).toBe(clock.now_ms + 60_000);
  clock.now_ms = pass.due();
  const second = Promise.withResolvers<boolean>();
  const next = pass.run(() => second.promise, ignore);
  first.resolve(true);
  await running;
  expect(pass.due()).toBe(clock.now_ms + 60_000);
  second.resolve(true);
  await next;
  expect(pass.due()).toBeLessThanOrEqual(clock.now_ms);
});
