import { describe, expect, test } from "vitest";
import {
  choicesValue,
  codesText,
  codesValue,
  fieldText,
  groupValue,
  linesValue,
  numberValue,
  tableRows,
  tableValue,
  textValue,
} from "./field-values.ts";

test.each([
  ["0.01", false, 0.01],
  [" 300 ", true, 300],
  ["-1", false, -1],
  ["", true, null],
  ["", false, ""],
  ["0.", false, "0."],
  ["1e3", false, "1e3"],
  ["0x10", false, "0x10"],
  ["many", true, "many"],
])("a number typed as %j (may be none: %j) is %j", (text, nullable, value) => {
  expect(numberValue(text, nullable)).toBe(value);
});

test("a number is written as it would be typed", () => {
  for (const value of [0.0001, 0.01, 3_600_000, 0.99999]) expect(numberValue(fieldText(value), false)).toBe(value);
  expect([fieldText(0.0001), fieldText(null), fieldText(undefined), fieldText("x")]).toEqual(["0.0001", "", "", "x"]);
});

test("text is taken without the space around it, and none is null where it may be", () => {
  expect([textValue(" team a ", true), textValue(" ", true), textValue("", false)]).toEqual(["team a", null, ""]);
});

test("status codes are numbers, classes and ranges words, and what is neither stays to be refused", () => {
  expect(codesValue("5xx, 404 520-530,")).toEqual(["5xx", 404, "520-530"]);
  expect(codesValue("all")).toEqual(["all"]);
  expect(codesText(["5xx", 404])).toBe("5xx, 404");
});

test("a name a line, with commas and spaces in it", () => {
  expect(linesValue("/a, b\n\n /cart/pay \n")).toEqual(["/a, b", "/cart/pay"]);
});

test("choices keep the schema's order, whatever the order of the clicks", () => {
  const options = ["sequential", "reference"];
  expect(choicesValue(options, ["reference"], "sequential", true)).toEqual(options);
  expect(choicesValue(options, options, "sequential", false)).toEqual(["reference"]);
});

describe("a table", () => {
  test("goes there and back, with what may be none", () => {
    const value = { "/cart/pay": { sla_ms: 300 }, "/users/:id": { sla_ms: null } };
    expect(tableValue(tableRows(value, "sla_ms"), "sla_ms")).toEqual(value);
  });

  test("has no row without anything, and keeps one without a name, to be refused", () => {
    const rows = [
      { name: " ", text: "" },
      { name: "", text: "5" },
    ];
    expect(tableValue(rows, "sla_ms")).toEqual({ "": { sla_ms: 5 } });
  });

  test("with a name of a prototype reaches none, and keeps it, to be refused", () => {
    const value = tableValue([{ name: "__proto__", text: "5" }], "sla_ms");
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__"]);
  });
});

test("a group that may be none is, once all of it is empty", () => {
  expect(groupValue({ availability: 0.9 }, "availability", null, true)).toBeNull();
  expect(groupValue({ availability: 0.9 }, "availability", "", true)).toBeNull();
  expect(groupValue(null, "availability", 0.99, true)).toEqual({ availability: 0.99 });
  expect(groupValue({ runbook: "a", traces: null }, "runbook", null, false)).toEqual({ runbook: null, traces: null });
});
