import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseTokens, readTokens, unsetVariables, writeDemo, writeSubscriptionKey, writeTokens } from "./dev-vars.ts";

const GOOD = { INGEST_TOKEN: "ingest-0123456789", VIEWER_TOKEN: "viewer-0123456789", ADMIN_TOKEN: "admin-0123456789" };
const text = (vars: Readonly<Record<string, string>>) =>
  Object.entries(vars)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-vars-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe(".dev.vars that is not there", () => {
  test("reads as null, and is written for its owner alone, with three tokens that differ", () => {
    const path = join(folder, ".dev.vars");
    expect(readTokens(path)).toBeNull();
    let made = 0;
    const written = writeTokens(path, () => `token-number-000${(made += 1)}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(new Set(Object.values(written)).size).toBe(3);
    expect(readTokens(path)).toEqual(written);
  });

  test("is never written over what is there", () => {
    const path = join(folder, ".dev.vars");
    writeFileSync(path, text(GOOD));
    expect(() => writeTokens(path, () => "another-token-0000")).toThrow(/EEXIST/);
    expect(readFileSync(path, "utf8")).toBe(text(GOOD));
  });
});

describe("demo mode", () => {
  test.each([
    ["ends with a new line", text(GOOD)],
    ["does not", text(GOOD).trimEnd()],
  ])("is written once where nothing is said of it and the file %s, and the tokens stay", (_, before) => {
    const path = join(folder, ".dev.vars");
    writeFileSync(path, before);
    expect([writeDemo(path), writeDemo(path)]).toEqual([true, false]);
    expect(readFileSync(path, "utf8").match(/^DEMO=1$/gm)).toHaveLength(1);
    expect(readTokens(path)).toEqual(GOOD);
  });

  test("stays off where somebody turned it off", () => {
    const path = join(folder, ".dev.vars");
    const before = `${text(GOOD)}DEMO=0\n`;
    writeFileSync(path, before);
    expect(writeDemo(path)).toBe(false);
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

describe("the key of subscriptions", () => {
  test("is written once, and never over one that is there", () => {
    const path = join(folder, ".dev.vars");
    writeFileSync(path, text(GOOD).trimEnd());
    let made = 0;
    const key = () => `key-number-${(made += 1)}`;
    expect([writeSubscriptionKey(path, key), writeSubscriptionKey(path, key)]).toEqual([true, false]);
    expect(readFileSync(path, "utf8").match(/^SUBSCRIPTION_KEY=.*$/gm)).toEqual(["SUBSCRIPTION_KEY=key-number-1"]);
    expect([readTokens(path), made]).toEqual([GOOD, 1]);
  });
});

test("of variables only those are set that the file says nothing of", () => {
  const path = join(folder, ".dev.vars");
  expect(unsetVariables(path, { A: "1" })).toEqual({ A: "1" });
  writeFileSync(path, `${text(GOOD)}PUBLIC_URL=https://tunnel.example.org\nEMPTY=\n`);
  expect(unsetVariables(path, { PUBLIC_URL: "http://x", EMPTY: "2", ALLOWED_TARGETS: "localhost" })).toEqual({
    ALLOWED_TARGETS: "localhost",
  });
});

describe(".dev.vars that is there", () => {
  test("may hold comments, quotes and settings of other parts", () => {
    const more = `# mine\nOLLAMA_URL="http://127.0.0.1:11434"\n${text({ ...GOOD, ADMIN_TOKEN: '"admin-0123456789"' })}`;
    expect(parseTokens(more)).toEqual(GOOD);
  });

  test.each(["INGEST_TOKEN", "VIEWER_TOKEN", "ADMIN_TOKEN"])("without %s is refused by that name", (name) => {
    expect(() => parseTokens(text({ ...GOOD, [name]: "" }))).toThrow(`${name} is missing`);
  });

  test("with a token that could be guessed is refused, and the token is not repeated", () => {
    const refusal = refusalOf(text({ ...GOOD, VIEWER_TOKEN: "hunter2" }));
    expect(refusal).toContain("VIEWER_TOKEN has 7 characters and needs at least 16");
    expect(refusal).not.toContain("hunter2");
  });

  test("with one token for two roles is refused: a viewer would be an administrator", () => {
    expect(refusalOf(text({ ...GOOD, VIEWER_TOKEN: GOOD.ADMIN_TOKEN }))).toContain(
      "VIEWER_TOKEN and ADMIN_TOKEN must differ",
    );
  });

  test("with a token twice is refused: which one holds depends on the reader", () => {
    expect(refusalOf(`${text(GOOD)}INGEST_TOKEN=another-0123456789\n`)).toContain("INGEST_TOKEN stands in it 2 times");
  });
});

function refusalOf(vars: string): string {
  try {
    parseTokens(vars);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error("expected a refusal");
}
