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
    sides: fc.subarray(["left", "right", "middle", "before"] as const, { minLength: 1 }),
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

test("two rules close to each other at the end have their names before both, in their order", () => {
  const sides = ["left", "right", "before"] as const;
  const placed = layoutLane([at("onset 10:04:12", 780, ["right", "left"]), at("payments 10:03:58", 740, sides)], 800);
  expect(placed.map(({ key, side }) => [key, side])).toEqual([
    ["onset 10:04:12", "left"],
    ["payments 10:03:58", "before"],
  ]);
  expect(placed[1]!.right).toBe(placed[0]!.left);
  const alone = layoutLane([at("payments 10:03:58", 740, ["before"])], 800);
  expect(alone[0]!.right).toBeLessThanOrEqual(740);
});

test("what finds no place is left out, the less important first", () => {
  const crowded = [at("onset 10:04:12", 50, ["left", "right"]), at("release 24.3", 52, ["right"])];
  expect(layoutLane(crowded, 160).map(({ key }) => key)).toEqual(["onset 10:04:12"]);
});

test("the name of a gap at the edge stands within the plot", () => {
  const [label] = layoutLane([{ key: "gap", text: "no data 1 min", from: -40, until: 10, sides: ["middle"] }], 800);
  expect(label!.left).toBe(0);
});
