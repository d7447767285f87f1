import fc from "fast-check";
import { expect, test } from "vitest";
import { layoutLane, type WantedLabel } from "./lane-labels.ts";

const at = (key: string, x: number, sides: WantedLabel["sides"]): WantedLabel => ({
  key,
  text: key,
  from: x,
  until: x,
  sides,
});

test("given any labels, then none covers another and none leaves the plot", () => {
  const wanted = fc.record({
    key: fc.string({ minLength: 1, maxLength: 20 }),
    text: fc.string({ minLength: 1, maxLength: 20 }),
    from: fc.integer({ min: 0, max: 800 }),
    until: fc.integer({ min: 0, max: 800 }),
    sides: fc.subarray(["left", "right", "middle"] as const, { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(wanted, { maxLength: 12 }), (labels) => {
      const placed = layoutLane(labels, 800).toSorted((a, b) => a.left - b.left);
      placed.forEach((label, i) => {
        expect(label.left).toBeGreaterThanOrEqual(i === 0 ? 0 : placed[i - 1]!.right);
        expect(label.right).toBeLessThanOrEqual(800);
      });
    }),
  );
});

test("a release shortly before an onset finds its place on the other side of its rule", () => {
  const placed = layoutLane(
    [at("onset 10:04:12", 400, ["left", "right"]), at("release 24.3", 300, ["right", "left"])],
    800,
  );
  expect(placed.map(({ key, left, right }) => [key, right <= 400 && left >= 0])).toEqual([
    ["onset 10:04:12", true],
    ["release 24.3", true],
  ]);
  expect(placed[1]!.right).toBeLessThanOrEqual(placed[0]!.left);
});

test("what finds no place is left out, the less important first", () => {
  const crowded = [at("onset 10:04:12", 50, ["left", "right"]), at("release 24.3", 52, ["right"])];
  expect(layoutLane(crowded, 160).map(({ key }) => key)).toEqual(["onset 10:04:12"]);
});

test("the name of a gap at the edge stands within the plot", () => {
  const [label] = layoutLane([{ key: "gap", text: "no data 1 min", from: -40, until: 10, sides: ["middle"] }], 800);
  expect(label!.left).toBe(0);
});
