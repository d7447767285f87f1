import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "faultline-print-"));
  mkdirSync(join(root, "web/build"), { recursive: true });
  writeFileSync(join(root, "web/app.ts"), "one");
  writeFileSync(join(root, "web/.hidden"), "dot");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const print = () => fingerprint(root, ["web", "lock.json"], (path) => path === "web/build");

describe("a fingerprint of files", () => {
  test("stays the same when a file is only touched, and when a product appears", () => {
    const before = print();
    utimesSync(join(root, "web/app.ts"), 1, 1);
    writeFileSync(join(root, "web/build/app.js"), "built");
    expect(print()).toBe(before);
  });

  test.each([
    ["a content changes", () => writeFileSync(join(root, "web/app.ts"), "two")],
    ["a hidden file changes", () => writeFileSync(join(root, "web/.hidden"), "changed")],
    ["a file appears", () => writeFileSync(join(root, "lock.json"), "{}")],
    ["a file gets another name", () => renameSync(join(root, "web/app.ts"), join(root, "web/main.ts"))],
  ])("changes when %s", (_what, change) => {
    const before = print();
    change();
    expect(print()).not.toBe(before);
  });

  test("does not depend on where the files lie", () => {
    const before = print();
    const elsewhere = `${root}-moved`;
    renameSync(root, elsewhere);
    root = elsewhere;
    expect(print()).toBe(before);
  });
});
