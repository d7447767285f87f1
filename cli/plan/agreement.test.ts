import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { isAgreed } from "./agreement.ts";

describe("asked before a change", () => {
  test.each([
    ["y\n", true],
    [" YES \n", true],
    ["n\n", false],
    ["\n", false],
    ["yo\n", false],
    ["", false],
  ])("an answer of %j is %s", async (typed, expected) => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const agreed = isAgreed(input, output);
    input.end(typed);
    expect(await agreed).toBe(expected);
    expect(String(output.read())).toContain("Change this? [y/N]");
  });
});
