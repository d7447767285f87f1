/** The readings of the pipeline over real SQL, with a clock that the test moves and parts that tell what it lets them tell. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { PipelineItem } from "../domain/pipeline.ts";
import { READINGS_KEPT } from "../domain/pipeline-reading.ts";
import { countsOf, FLEET, itemOf } from "../tests/pipeline-item.ts";
import { InjectedFault, SqliteStorage } from "../tests/sqlite-storage.ts";
import { FleetReadings } from "./fleet-readings.ts";

const START_MS = Date.parse("2026-11-24T10:00:00Z");
const MINUTE_MS = 60_000;
const at = (minute: number): string => new Date(START_MS + minute * MINUTE_MS).toISOString();

class World {
  readonly storage = new SqliteStorage();
  now_ms = START_MS + 5_000;
  item: PipelineItem = itemOf();
  asked = 0;
  armed = 0;
  /** While set, the parts answer only once it resolves. */
  hanging: Promise<void> | null = null;
  readings: FleetReadings = this.wake();

  wake(): FleetReadings {
    this.readings = new FleetReadings({
      storage: this.storage,
      now: () => this.now_ms,
      read: async () => {
        this.asked += 1;
        if (this.hanging !== null) await this.hanging;
        return this.item;
      },
      arm: () => void (this.armed += 1),
    });
    return this.readings;
  }

  /** Time passes to so many minutes after the start, with the alarm rung when it is due. */
  async until(minute: number): Promise<void> {
    const end_ms = START_MS + minute * MINUTE_MS;
    for (;;) {
      const due_ms = this.readings.due();
      if (due_ms === null || due_ms > end_ms) break;
      this.now_ms = Math.max(this.now_ms, due_ms);
      await this.readings.push();
    }
    this.now_ms = Math.max(this.now_ms, end_ms);
  }

  minutes(): string[] {
    return this.readings.from(0).map(({ minute }) => minute);
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

describe("a minute in which somebody sends", () => {
  test("is read at its end, with all that was counted in it", async () => {
    world.readings.count(countsOf({ accepted: 10, rejected: { future: 1 } }));
    world.now_ms += 20_000;
    world.readings.count(countsOf({ accepted: 5, rejected: { future: 2, past: 1 } }));
    expect(world.readings.due()).toBe(START_MS + MINUTE_MS);
    expect(world.readings.status()).toMatchObject({ newest: null, running: { accepted: 15 } });
    await world.until(1);
    expect(world.readings.from(0)).toMatchObject([
      { minute: at(0), accepted: 15, rejected: { future: 3, past: 1 }, lag: 212, delivery_p99_ms: 380 },
    ]);
    expect(world.readings.status()).toMatchObject({ newest: at(0), running: { accepted: 0 } });
  });

  test("is not read before it is over", async () => {
    world.readings.touch();
    world.now_ms = START_MS + MINUTE_MS - 1;
    await world.readings.push();
    expect(world.asked).toBe(0);
  });

  test("asks for the alarm once", () => {
    for (let i = 0; i < 5; i += 1) world.readings.count(countsOf());
    expect(world.armed).toBe(1);
  });

  test("costs one row, and one more where it is the first after a pause", async () => {
    const rowsOf = async (minute: number): Promise<number> => {
      const before = world.storage.rows_written;
      for (let call = 0; call < 10; call += 1) world.readings.count(countsOf({ late: 3, duplicates: 2 }));
      await world.until(minute);
      return world.storage.rows_written - before;
    };
    expect([await rowsOf(1), await rowsOf(2), await rowsOf(3)]).toEqual([2, 1, 1]);
    await world.until(60);
    expect(await rowsOf(61)).toBe(2);
  });

  test("has what comes while it is being read in the next one", async () => {
    world.readings.count(countsOf({ accepted: 1 }));
    const { promise, resolve } = Promise.withResolvers<void>();
    world.hanging = promise;
    world.now_ms = START_MS + MINUTE_MS;
    const reading = world.readings.push();
    world.readings.count(countsOf({ accepted: 2 }));
    // Until it is read, all of it is told as of its minute.
    expect(world.readings.status()).toMatchObject({ newest: null, running: { accepted: 3 }, running_since: at(0) });
    const rows = world.storage.rows_written;
    resolve();
    await reading;
    expect(world.readings.status()).toMatchObject({ newest: at(0), running: { accepted: 2 }, running_since: at(1) });
    expect(world.storage.rows_written - rows).toBe(1);
    await world.until(2);
    expect(world.readings.from(0)).toMatchObject([
      { minute: at(0), accepted: 1 },
      { minute: at(1), accepted: 2 },
    ]);
  });

  test("is read by one call at a time", async () => {
    world.readings.count(countsOf());
    world.hanging = new Promise(() => undefined);
    world.now_ms = START_MS + MINUTE_MS;
    void world.readings.push();
    world.readings.touch();
    world.now_ms += MINUTE_MS - 1;
    await world.readings.push();
    expect(world.asked).toBe(1);
    expect(world.readings.due()).toBe(START_MS + 2 * MINUTE_MS);
  });
});

describe("where nobody sends", () => {
  test("nothing is read once nothing changes, and nothing is due", async () => {
    world.readings.count(countsOf());
    await world.until(60);
    // The minute of the sender, the quiet one that differs from it, and one that only shows that nothing changed.
    expect([world.minutes(), world.asked, world.readings.due()]).toEqual([[at(0), at(1)], 3, null]);
    const rows = world.storage.rows_written;
    await world.until(600);
    expect([world.storage.rows_written, world.asked]).toEqual([rows, 3]);
  });

  test("what still changes is read on", async () => {
    world.readings.count(countsOf());
    for (let minute = 1; minute <= 5; minute += 1) {
      world.item = itemOf({ fleet: { ...FLEET, request_rate: minute } });
      await world.until(minute);
    }
    await world.until(60);
    expect(world.minutes()).toEqual([0, 1, 2, 3, 4, 5].map(at).slice(0, world.minutes().length));
    expect(world.minutes().length).toBeGreaterThanOrEqual(5);
    expect(world.readings.due()).toBeNull();
  });

  test("the page is told the same, and costs nothing", () => {
    const rows = world.storage.rows_written;
    for (let look = 0; look < 100; look += 1) world.readings.status();
    expect([world.storage.rows_written, world.readings.due()]).toEqual([rows, null]);
  });
});

describe("an object that lost its memory", () => {
  test("has every reading, and the same of what is normal", async () => {
    for (let minute = 1; minute <= 20; minute += 1) {
      world.readings.count(countsOf({ accepted: minute }));
      await world.until(minute);
    }
    const [kept, status] = [world.readings.from(0), world.readings.status()];
    expect(kept).toHaveLength(20);
    expect(status.normal.lag.range).toEqual({ low: 212, high: 212 });
    world.wake();
    expect([world.readings.from(0), world.readings.status()]).toEqual([kept, status]);
    expect(world.readings.from(START_MS + 15 * MINUTE_MS)).toHaveLength(5);
  });

  test("goes on with the minute that it was in, and with what was refused in it", async () => {
    world.readings.count(countsOf({ accepted: 9, rejected: { future: 1 } }));
    world.now_ms += 15_000;
    world.wake();
    expect(world.readings.due()).toBe(START_MS + MINUTE_MS);
    expect(world.readings.status().running).toMatchObject({ rejected: { future: 1 } });
    await world.until(1);
    expect(world.readings.from(0)).toMatchObject([{ minute: at(0), rejected: { future: 1 } }]);
  });

  test("reads the minute after one that it knows, though nobody calls it before that minute's end", async () => {
    world.readings.count(countsOf());
    await world.until(1);
    world.readings.count(countsOf({ accepted: 7 }));
    world.now_ms = START_MS + 2 * MINUTE_MS;
    world.wake();
    await world.until(2);
    expect(world.minutes()).toEqual([at(0), at(1)]);
  });

  test("long after tells of the minute what was counted, and nothing of how the parts were", async () => {
    world.readings.count(countsOf({ accepted: 9, dropped: 1 }));
    world.now_ms = START_MS + 90 * MINUTE_MS;
    world.wake();
    await world.readings.push();
    expect(world.asked).toBe(0);
    expect(world.readings.from(0)).toMatchObject([{ minute: at(0), dropped: 1, lag: null, request_rate: null }]);
    world.readings.count(countsOf({ accepted: 3 }));
    await world.until(91);
    expect(world.readings.from(0).at(-1)).toMatchObject({ minute: at(90), accepted: 3, lag: 212 });
  });
});

test("a minute of which nothing is known is no reading", async () => {
  world.readings.count(countsOf());
  await world.until(1);
  // The second minute would have been read, had the alarm rung in time.
  world.now_ms = START_MS + 30 * MINUTE_MS;
  world.readings.count(countsOf());
  await world.until(31);
  expect(world.minutes()).toEqual([at(0), at(30)]);
});

test("a call that comes long after a minute's end is counted in its own", async () => {
  world.readings.count(countsOf({ accepted: 9 }));
  world.now_ms = START_MS + 30 * MINUTE_MS;
  world.readings.count(countsOf({ accepted: 2 }));
  await world.until(31);
  expect(world.readings.from(0)).toMatchObject([
    { minute: at(0), accepted: 9, lag: null },
    { minute: at(30), accepted: 2, lag: 212 },
  ]);
});

test("a day is kept in as many rows as it has minutes", async () => {
  for (let minute = 1; minute <= READINGS_KEPT + 100; minute += 1) {
    world.readings.count(countsOf({ accepted: minute }));
    await world.until(minute);
  }
  expect(world.storage.exec("SELECT count(*) AS n FROM readings")).toEqual([{ n: READINGS_KEPT }]);
  const kept = world.readings.from(0);
  expect([kept.length, kept[0]!.minute, kept.at(-1)!.minute]).toEqual([READINGS_KEPT, at(100), at(READINGS_KEPT + 99)]);
});

test("a pause of a week leaves nothing of before it to be told", async () => {
  world.readings.count(countsOf());
  await world.until(1);
  const week = 7 * READINGS_KEPT + 30;
  world.now_ms = START_MS + week * MINUTE_MS;
  world.readings.count(countsOf());
  await world.until(week + 1);
  expect(world.minutes()).toEqual([at(week)]);
});

describe("what fails", () => {
  test("loses the reading of its minute at most, wherever it does", async () => {
    const lost = vi.spyOn(console, "error").mockImplementation(() => undefined);
    for (let statement = 0; statement < 6; statement += 1) {
      world = new World();
      world.storage.failAfter(statement);
      try {
        world.readings.count(countsOf({ rejected: { future: 1 } }));
      } catch (error) {
        expect(error).toBeInstanceOf(InjectedFault);
      }
      await world.until(1);
      world.storage.failAfter(null);
      world.readings.count(countsOf({ accepted: 5 }));
      await world.until(2);
      expect(world.readings.from(0).at(-1)).toMatchObject({ minute: at(1), accepted: 5 });
      const kept = world.readings.from(0);
      world.wake();
      expect(world.readings.from(0)).toEqual(kept);
    }
    lost.mockRestore();
  });
});
