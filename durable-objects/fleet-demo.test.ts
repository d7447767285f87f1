/** Faults on purpose and rejections, as the Fleet keeps them: over a restart, and never more than a few. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DemoWish } from "../domain/demo.ts";
import type { Rejection } from "../domain/rejection.ts";
import { SqliteStorage } from "../tests/sqlite-storage.ts";
import { FleetDemo } from "./fleet-demo.ts";
import { FleetRejections } from "./fleet-rejections.ts";

const NOW = Date.parse("2026-11-24T10:00:00Z");
const WISH: DemoWish = { service: "checkout", endpoint: "/cart/pay", kind: "errors", strength: 0.3, for_s: 60 };

let storage: SqliteStorage;
beforeEach(() => {
  storage = new SqliteStorage();
});
afterEach(() => storage.close());

describe("faults on purpose", () => {
  test("last their time, over a restart too", () => {
    const fault = new FleetDemo(storage).begin(WISH, NOW);
    expect(fault).toEqual({
      ...WISH,
      id: "1",
      from: "2026-11-24T10:00:00.000Z",
      to: "2026-11-24T10:01:00.000Z",
    });
    const restarted = new FleetDemo(storage);
    expect(restarted.state(false, NOW + 59_999).faults).toEqual([fault]);
    expect(restarted.state(false, NOW + 60_000).faults).toEqual([]);
  });

  test("that are over make room, and no id is used twice", () => {
    const demo = new FleetDemo(storage);
    for (let n = 0; n < 20; n += 1) expect(demo.begin(WISH, NOW)).not.toBeNull();
    expect(demo.begin(WISH, NOW + 59_999)).toBeNull();
    expect(demo.begin(WISH, NOW + 60_000)?.id).toBe("21");
    expect(storage.dump()["demo_faults"]).toHaveLength(1);
  });

  test("are ended one by one or all at once, and what is over already counts as none", () => {
    const demo = new FleetDemo(storage);
    for (const for_s of [10, 60, 60]) demo.begin({ ...WISH, for_s }, NOW);
    expect(demo.end("2", NOW + 20_000)).toBe(1);
    expect(demo.end("2", NOW + 20_000)).toBe(0);
    expect(demo.end(null, NOW + 20_000)).toBe(1);
  });
});

describe("rejections", () => {
  const rejection = (n: number): Rejection => ({ at: "", reason: `r${n}`, detail: "", where: "", value: "" });

  test("are the newest twenty, newest first, over a restart too, in one row", () => {
    const first = new FleetRejections(storage);
    first.take(Array.from({ length: 15 }, (_, n) => rejection(n)));
    first.take(Array.from({ length: 15 }, (_, n) => rejection(15 + n)));
    const names = new FleetRejections(storage).list.map(({ reason }) => reason);
    expect(names).toEqual(Array.from({ length: 20 }, (_, n) => `r${29 - n}`));
    expect(storage.dump()["rejections"]).toHaveLength(1);
  });
});
