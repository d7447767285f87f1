import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MIGRATIONS } from "./migrations.ts";

test("the Worker expects exactly the migrations of the folder, in their order", () => {
  const files = readdirSync(join(import.meta.dirname, "migrations")).filter((name) => name.endsWith(".sql"));
  expect(MIGRATIONS).toEqual(files.toSorted());
});
