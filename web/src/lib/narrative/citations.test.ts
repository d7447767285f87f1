import { expect, test } from "vitest";
import { aNarrative, FACTS } from "../testing/narrative.ts";
import {
  chartNumbers,
  citations,
  citationsOf,
  figureOf,
  firstSentence,
  namesOf,
  safeLink,
  shareNumbers,
} from "./citations.ts";

const narrative = aNarrative({
  summary: [
    { text: "a", facts: ["endpoint.1", "errors"] },
    { text: "b", facts: ["errors", "steady.1", "errors", "gone"] },
  ],
});

test("facts are numbered by their first citation, and each keeps its number wherever it is cited", () => {
  const cited = citations(narrative);
  expect([...cited].map(([id, { number }]) => [id, number])).toEqual([
    ["endpoint.1", 1],
    ["errors", 2],
    ["steady.1", 3],
  ]);
  expect(citationsOf(narrative.summary[1]!, cited).map(({ number }) => number)).toEqual([2, 3]);
});

test("a fact that nothing cites, and an id without a fact, have no number", () => {
  const cited = citations(narrative);
  expect(cited.has("neighbour.1")).toBe(false);
  expect(cited.has("gone")).toBe(false);
});

test("a number stands beside the chart that proves its fact", () => {
  const cited = citations(narrative);
  expect(chartNumbers(cited, "errors")).toEqual([2]);
  expect(chartNumbers(cited, "rate")).toEqual([3]);
  expect(chartNumbers(cited, "latency")).toEqual([]);
});

test("the number of an endpoint's share stands beside the shares", () => {
  expect(shareNumbers(citations(narrative))).toEqual([1]);
  expect(shareNumbers(citations(aNarrative({})))).toEqual([2]);
});

test("what did not change is proved by the chart of its unit", () => {
  const steady = (unit: "ms" | "per_s" | "share" | "count") =>
    figureOf({ ...FACTS.traffic, values: [{ name: "actual", value: 1, unit }] });
  expect([steady("ms"), steady("per_s"), steady("share"), steady("count")]).toEqual([
    "latency",
    "rate",
    "errors",
    null,
  ]);
});

test("the names of all facts and of the service may be set as names", () => {
  expect(namesOf(narrative)).toEqual(["checkout", "/cart/pay", "payments"]);
});

test("a cause is cut after what it says", () => {
  expect(firstSentence("An incident of payments began earlier: checkout may depend on it.")).toEqual([
    "An incident of payments began earlier:",
    "checkout may depend on it.",
  ]);
  expect(firstSentence("checkout was given 24.3 in place of 24.2.")).toEqual([
    "checkout was given 24.3 in place of 24.2.",
    "",
  ]);
});

test("only a web page is linked", () => {
  expect(safeLink("https://traces.example/search?service=checkout")).toBe(
    "https://traces.example/search?service=checkout",
  );
  for (const url of ["javascript:alert(1)", "data:text/html,x", "/relative", "https://", "JAVASCRIPT:1", null]) {
    expect(safeLink(url)).toBeNull();
  }
});
