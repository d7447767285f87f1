import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nameRuns } from "./name-runs.ts";

const namesIn = (text: string, names: string[]) =>
  nameRuns(text, names)
    .filter(({ isName }) => isName)
    .map(({ text: name }) => name);

test("a name is found as a whole word only", () => {
  expect(namesIn("payments slowed /cart/pay, and pay.", ["pay", "/cart/pay", "payments"])).toEqual([
    "payments",
    "/cart/pay",
    "pay",
  ]);
  expect(namesIn("cart-service and /cart/pay", ["cart", "/cart"])).toEqual([]);
});

test("of names that begin at the same place the longest counts", () => {
  expect(namesIn("/cart/pay now fails", ["/cart", "/cart/pay", "/cart/pay now"])).toEqual(["/cart/pay now"]);
});

test("a name that looks like markup is a name", () => {
  const name = "<img src=x onerror=alert(1)>";
  expect(nameRuns(`Look at “${name}”.`, [name])).toEqual([
    { text: "Look at “", isName: false },
    { text: name, isName: true },
    { text: "”.", isName: false },
  ]);
});

test("joined, the runs are the sentence again, whatever the names", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string({ maxLength: 3 })), (text, names) => {
      const runs = nameRuns(text, names);
      expect(runs.map((run) => run.text).join("")).toBe(text);
      expect(runs.every((run) => !run.isName || names.includes(run.text))).toBe(true);
    }),
  );
});
