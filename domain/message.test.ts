import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LIVE_VERSION } from "./message.ts";

/** Shapes of each version: the text of the types that a message is made of, without comments and spaces. */
const SHAPES: Readonly<Record<number, string>> = {
  1: "d60cd8b9c79bd296",
};

/** A client that was written for a version must be able to trust it. */
test("the live version grows when a message's shape changes", () => {
  const text = ["message.ts", "incident.ts", "narrative.ts", "evidence.ts"]
    .map((file) => readFileSync(join(import.meta.dirname, file), "utf8"))
    .join("\n")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\/\/.*$/gm, "")
    .replaceAll(/[\s,;|]+/g, "")
    .replace(/LIVE_VERSION=\d+/, "");
  const shape = createHash("sha256").update(text).digest("hex").slice(0, 16);
  expect(SHAPES[LIVE_VERSION], `the messages changed: raise LIVE_VERSION and add its shape ${shape} here`).toBe(shape);
});
