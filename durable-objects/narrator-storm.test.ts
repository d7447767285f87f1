/** Many incidents at once: what a step of one costs does not grow with how many others wait. */
import { expect, test, vi } from "vitest";
import { NarratorWorld } from "../tests/narrator-harness.ts";

test("one more incident has its words without a look at each of those that wait", async () => {
  const world = new NarratorWorld();
  for (let i = 0; i < 200; i += 1) await world.asks(`s${i}`, 1);
  expect(world.actor.status().waiting).toBe(200);
  const exec = vi.spyOn(world.storage, "exec");

  await world.asks("one-more", 1);

  const rows = exec.mock.results.map(({ type, value }) => (type === "return" ? (value as unknown[]).length : 0));
  expect(world.services.reasons("one-more")).toEqual(["waiting"]);
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.reduce((sum, count) => sum + count, 0)).toBeLessThan(50);
});
