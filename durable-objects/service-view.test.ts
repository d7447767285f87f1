import { expect, test } from "vitest";
import { MonitorHarness, START_MS, type TestEvent, traffic } from "../tests/monitor-harness.ts";

const at = (second: number): number => START_MS + second * 1000;
const slow = (event: TestEvent): TestEvent => (event.endpoint === "/cart" ? { ...event, latency_us: 300_000 } : event);
const failing = (event: TestEvent): TestEvent => (event.endpoint === "/pay" ? { ...event, status_code: 500 } : event);

test("endpoints share what an open incident is worst in, whatever it opened for, and not what is over", async () => {
  // Given an incident that opened for the slowness of /cart, and is worst in the failures of /pay since
  const harness = new MonitorHarness("checkout", START_MS);
  await harness.live(traffic(START_MS, 300, 20, 0));
  await harness.live(traffic(at(300), 30, 20, 0, 6000).map(slow));
  const shares = (): Record<string, number | null> => {
    const { endpoints } = harness.actor.describe()!;
    return Object.fromEntries(endpoints.map(({ endpoint, excess_share }) => [endpoint, excess_share]));
  };
  expect(harness.actor.describe()!.incident?.metric_name).toMatch(/latency/);
  expect(shares()["/cart"]).toBeGreaterThan(0.95);

  await harness.live(traffic(at(330), 40, 20, 0, 6600).map((event) => failing(slow(event))));

  // Then what is shared is the failures
  const { incident } = harness.actor.describe()!;
  expect([incident?.metric_name, incident?.endpoint]).toEqual([expect.stringMatching(/latency/), "/pay"]);
  expect(shares()).toEqual({ "/pay": 1, "/cart": 0 });

  // And where nothing is wrong for a while, that is still so: a quiet has nothing to share
  await harness.live(traffic(at(370), 20, 20, 0, 7400));
  expect(harness.actor.describe()!.incident?.status).toBe("open");
  expect(shares()).toEqual({ "/pay": 1, "/cart": 0 });
});
