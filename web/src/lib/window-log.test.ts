import { expect, test } from "vitest";
import { T, window } from "./testing/seconds.ts";
import { WindowLog } from "./window-log.ts";

const minute = (index: number, requests = 1, revision = 1) =>
  window(T + index * 60, Array(requests).fill(5), { revision });

/** The minutes from T on, as history has them at `now`. */
function read(count: number, now: number): WindowLog {
  const log = new WindowLog(60);
  log.load(Array.from({ length: count }, (_none, i) => minute(i)));
  log.loaded({ from: T, until: now }, now);
  return log;
}

test("history is asked for its next minute once it may have it, and not with every glance", () => {
  const log = read(10, T + 640);
  expect(log.missing(T, T + 640, T + 641)).toBeNull();
  // Its eleventh minute is over and could be there; it was asked a moment ago and had it not.
  expect(log.missing(T, T + 719, T + 719)).toEqual({ from: T + 600, until: T + 719 });
  log.loaded({ from: T + 600, until: T + 719 }, T + 719);
  expect(log.missing(T, T + 722, T + 722)).toBeNull();
  expect(log.missing(T, T + 749, T + 749)).toEqual({ from: T + 600, until: T + 749 });
});

test("a minute that history may not have whole yet is told by its seconds", () => {
  expect([read(10, T + 629), read(10, T + 630)].map((log) => log.endFrom(T))).toEqual([T + 540, T + 600]);
});

test("a service that has been silent for an hour has no minutes since, and they are not waited for", () => {
  const log = read(2, T + 7200);
  expect(log.endFrom(T)).toBe(T + 3600);
  expect(log.knows(T + 3540)).toBe(true);
  expect(log.at(T + 3540)).toBeUndefined();
});

test("a minute that is known to be out of date is asked for until its newer revision is there", () => {
  const log = read(10, T + 640);
  log.touch(T + 130);
  const ask = (now: number) => log.missing(T, T + 640, now);
  expect(ask(T + 650)).toEqual({ from: T + 120, until: T + 180 });
  log.load([minute(2, 1, 1)]);
  log.loaded({ from: T + 120, until: T + 180 }, T + 650);
  expect(ask(T + 655)).toBeNull();
  expect(ask(T + 681)).toEqual({ from: T + 120, until: T + 180 });
  log.load([minute(2, 4, 2)]);
  log.loaded({ from: T + 120, until: T + 180 }, T + 681);
  expect(log.at(T + 120)).toMatchObject({ request_count: 4, revised_from: 1 });
  expect(log.missing(T, T + 600, T + 800)).toBeNull();
});

test("a revision that never comes is given up, and an older one does not come back", () => {
  const log = read(10, T + 640);
  log.touch(T + 130);
  let asks = 0;
  for (let now = T + 700; now < T + 2000; now += 40) {
    const missing = log.missing(T, T + 600, now);
    if (missing === null) continue;
    asks += 1;
    log.loaded(missing, now);
  }
  expect(asks).toBe(10);
  log.load([minute(3, 9, 5), minute(3, 1, 4)]);
  expect(log.at(T + 180)?.request_count).toBe(9);
});

test("what an axis does not show is forgotten, and read again when it is wanted", () => {
  const log = read(10, T + 640);
  log.keep({ from: T + 300, until: T + 600 });
  expect([log.size, log.knows(T), log.knows(T + 300)]).toEqual([5, false, true]);
  expect(log.missing(T, T + 640, T + 720)).toEqual({ from: T, until: T + 640 });
});
