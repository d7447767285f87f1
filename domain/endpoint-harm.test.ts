import { expect, test } from "vitest";
import type { Fact } from "./evidence.ts";
import { fact, milliseconds, share } from "./evidence-values.ts";
import { ofOneHarm } from "./endpoint-harm.ts";

const failing = (name: string, part: number) =>
  fact("endpoint", "", [share("share", part), share("actual", 0.4)], [name]);
const slow = (name: string, part: number) =>
  fact("endpoint", "", [share("share", part), milliseconds("actual", 900)], [name]);
const unseen = (name: string, part: number) => fact("endpoint", "", [share("share", part)], [name]);
const names = (facts: readonly Fact[]) => facts.map((one) => one.names[0]);

test("shares of one whole stand beside each other, those of another do not", () => {
  // Given failures that /pay carries, and lost time in which two others have a part
  const facts = [failing("/pay", 0.99), slow("/shipping", 0.26), slow("/items", 0.21)];

  expect(names(ofOneHarm(facts))).toEqual(["/pay"]);
  expect(names(ofOneHarm([slow("/items", 0.6), failing("/pay", 0.9), slow("/shipping", 0.3)]))).toEqual([
    "/items",
    "/shipping",
  ]);
});

test("of an endpoint without numbers of its own nobody knows the whole", () => {
  expect(names(ofOneHarm([unseen("/pay", 0.7), failing("/items", 0.6)]))).toEqual(["/pay"]);
  expect(names(ofOneHarm([failing("/items", 0.6), unseen("/pay", 0.7)]))).toEqual(["/items"]);
  expect(ofOneHarm([])).toEqual([]);
});
