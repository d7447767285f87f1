/** The import rule of the rooms: that it holds here, and that each of its two guards notices a violation. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ROOT } from "../cli/paths.ts";
import { run } from "../cli/run.ts";

// The tools read all sources; beside other tests on few cores that takes longer than a unit test's 5 s.
vi.setConfig({ testTimeout: 60_000 });

const ROOMS = ["domain", "durable-objects", "worker", "web", "generator", "cli", "tests", "bench", "sim"];

/** Each file breaks the rule once; `rule` is the name by which dependency-cruiser reports it. */
const PLANTED = [
  { file: "domain/time.ts", text: 'export * from "../worker/clock.ts";', rule: "domain-stays-in-its-rooms" },
  { file: "domain/disk.ts", text: 'export { readFileSync } from "node:fs";', rule: "domain-runs-without-node" },
  {
    file: "domain/shape.ts",
    text: 'export type { Clock } from "../worker/clock.ts";',
    rule: "domain-stays-in-its-rooms",
  },
  { file: "domain/web.ts", text: 'export { Hono } from "hono";', rule: "domain-keeps-to-its-packages" },
  {
    file: "durable-objects/actor.ts",
    text: 'export { now } from "../worker/clock.ts";',
    rule: "durable-objects-stays-in-its-rooms",
  },
  {
    file: "worker/caller.ts",
    text: 'export { Actor } from "../durable-objects/actor.ts";',
    rule: "worker-imports-types-alone",
  },
  { file: "web/src/page.ts", text: 'export { now } from "../../worker/clock.ts";', rule: "web-imports-types-alone" },
  {
    file: "generator/sender.ts",
    text: 'export { now } from "../worker/clock.ts";',
    rule: "generator-stays-in-its-rooms",
  },
  { file: "cli/tail.ts", text: 'export { page } from "../web/src/page.ts";', rule: "cli-stays-in-its-rooms" },
] as const;

const ALLOWED = {
  "worker/clock.ts": "export interface Clock { now(): number }\nexport const now = () => 0;\n",
  "worker/types.ts": 'export type { Actor } from "../durable-objects/actor.ts";\n',
  "worker/objects.ts": 'export { Actor } from "../durable-objects/actor.ts";\n',
  "web/src/types.ts": 'export type { Clock } from "../../worker/clock.ts";\n',
  "domain/clock.test.ts": 'export { now } from "../worker/clock.ts";\n',
};

let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "faultline-rooms-"));
  for (const config of [".oxlintrc.json", ".dependency-cruiser.mjs", "tsconfig.json"]) {
    cpSync(join(ROOT, config), join(copy, config));
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  for (const [file, text] of Object.entries(ALLOWED)) plant(file, text);
  for (const { file, text } of PLANTED) plant(file, `${text}\n`);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
}

/** Folder with rooms -> "file: rule" of each violation. */
async function cruise(folder: string, rooms: readonly string[]): Promise<string[]> {
  const tool = join(ROOT, "node_modules/.bin/depcruise");
  const { output } = await run([tool, "--config", ".dependency-cruiser.mjs", "-T", "json", ...rooms], { cwd: folder });
  const report = JSON.parse(output) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return report.summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
}

/** Folder with rooms -> "file: rule" of each finding about imports, globals or properties. */
async function lint(folder: string, rooms: readonly string[]): Promise<string[]> {
  const { output } = await run([join(ROOT, "node_modules/.bin/oxlint"), "-f", "json", ...rooms], { cwd: folder });
  const report = JSON.parse(output) as { diagnostics: { filename: string; code: string }[] };
  return report.diagnostics
    .filter(({ code }) => code.includes("no-restricted"))
    .map(({ filename, code }) => `${filename}: ${code}`);
}

describe("the import rule", () => {
  test("holds in this repository, by its resolved paths", async () => {
    expect(await cruise(ROOT, ROOMS)).toEqual([]);
  });

  test("holds in this repository, by the text of its imports", async () => {
    expect(await lint(ROOT, ROOMS)).toEqual([]);
  });

  test("when a room imports what it may not, dependency-cruiser names file and rule, and nothing else", async () => {
    const found = (await cruise(copy, ["domain", "durable-objects", "worker", "web", "generator", "cli"])).toSorted();
    expect(found).toEqual(PLANTED.map(({ file, rule }) => `${file}: ${rule}`).toSorted());
  });

  test("when a room imports what it may not, oxlint names the file, and nothing else", async () => {
    const found = (await lint(copy, ["domain", "durable-objects", "worker", "web", "generator", "cli"])).toSorted();
    expect(found).toEqual(PLANTED.map(({ file }) => `${file}: eslint(no-restricted-imports)`).toSorted());
  });

  test("given a component that reaches into the objects, oxlint names it", async () => {
    plant(
      "web/src/Bad.svelte",
      '<script lang="ts">import { Actor } from "../../durable-objects/actor.ts"; Actor;</script>\n',
    );
    expect(await lint(copy, ["web/src/Bad.svelte"])).toEqual(["web/src/Bad.svelte: eslint(no-restricted-imports)"]);
  });

  test("given two files that need each other, dependency-cruiser names the cycle", async () => {
    plant("tests/egg.ts", 'import { hen } from "./hen.ts";\nexport const egg = () => hen;\n');
    plant("tests/hen.ts", 'import { egg } from "./egg.ts";\nexport const hen = () => egg;\n');
    expect(await cruise(copy, ["tests"])).toContain("tests/egg.ts: no-cycles");
  });
});

describe("the purity of domain/", () => {
  test.each(["Date.now()", "Math.random()", 'fetch("/")', "performance.now()", "crypto.randomUUID()"])(
    "given a call of %s, oxlint names the file",
    async (call) => {
      plant("domain/impure.ts", `export const impure = () => ${call};\n`);
      expect(await lint(copy, ["domain/impure.ts"])).toEqual([
        expect.stringMatching(/^domain\/impure\.ts: .*no-restricted/),
      ]);
    },
  );
});
