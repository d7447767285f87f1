import { expect, test } from "vitest";
import { errorTable } from "./settings.ts";

test("errors are the answers of the classes, codes and ranges that are set, both ends included", () => {
  const isError = errorTable(["5xx", 429, "400-404", "418-416"]);
  const errors = Array.from({ length: 500 }, (_, i) => 100 + i).filter(isError);
  expect(errors.slice(0, 9)).toEqual([400, 401, 402, 403, 404, 416, 417, 418, 429]);
  expect(errors.slice(9)).toEqual(Array.from({ length: 100 }, (_, i) => 500 + i));
});
