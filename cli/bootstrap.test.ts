/** The first steps under any Node, each in a small repository of its own with a stand-in for npm. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

vi.setConfig({ testTimeout: 30_000 });

/** Does what `npm ci` does, as far as it can be seen from outside: folder, Node, then the record of what there is. */
const NPM = `
const { appendFileSync, copyFileSync, mkdirSync, symlinkSync } = require("node:fs");
appendFileSync("npm-calls", process.argv.slice(2).join(" ") + "\\n");
mkdirSync("node_modules/.bin", { recursive: true });
if (!process.env.WITHOUT_SCRIPTS) symlinkSync(process.execPath, "node_modules/.bin/node");
copyFileSync("package-lock.json", "node_modules/.package-lock.json");
`;

const lockfile = (version: string) =>
  JSON.stringify({
    packages: {
      "": { version: "0.1.0" },
      "node_modules/hono": { version },
      "node_modules/node-win": { version: "1.0.0", optional: true },
    },
  });

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "faultline-boot-"));
  mkdirSync(join(root, "cli"));
  for (const file of ["bootstrap.mjs", "install.mjs", "lock.mjs", "run-program.mjs"]) {
    cpSync(join(ROOT, "cli", file), join(root, "cli", file));
  }
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, "npm.cjs"), NPM);
  writeFileSync(join(root, "package-lock.json"), lockfile("4.0.0"));
  writeFileSync(join(root, "cli/bench.ts"), 'console.log("ran", process.argv.slice(2).join(" "));\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const boot = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run([process.execPath, "cli/bootstrap.mjs", ...args], {
    cwd: root,
    env: { ...process.env, npm_execpath: join(root, "npm.cjs"), npm_node_execpath: process.execPath, ...env },
  });
const installed = () =>
  existsSync(join(root, "npm-calls")) ? readFileSync(join(root, "npm-calls"), "utf8").trim().split("\n") : [];

describe("the installation", () => {
  test("given a fresh clone, happens once, with a word about it, before the program runs with its arguments", async () => {
    const first = await boot(["bench", "ingest", "--seconds=1"]);
    expect(first.output).toContain("Installing what is missing");
    expect(first.output).toContain("ran ingest --seconds=1");
    expect(first.code).toBe(0);
    const second = await boot(["bench", "again"]);
    expect(second.output).toBe("ran again\n");
    expect(installed()).toHaveLength(1);
    expect(installed()[0]).toMatch(/^ci /);
  });

  test("given a lockfile that changed since, happens again; given one that was only touched, does not", async () => {
    await boot(["bench"]);
    writeFileSync(join(root, "package-lock.json"), lockfile("4.0.0"));
    await boot(["bench"]);
    expect(installed()).toHaveLength(1);
    writeFileSync(join(root, "package-lock.json"), lockfile("4.0.1"));
    rmSync(join(root, "node_modules/.bin/node"));
    await boot(["bench"]);
    expect(installed()).toHaveLength(2);
  });

  test("given what other platforms need alone, does not miss it", async () => {
    mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
    symlinkSync(process.execPath, join(root, "node_modules/.bin/node"));
    writeFileSync(
      join(root, "node_modules/.package-lock.json"),
      '{ "packages": { "node_modules/hono": { "version": "4.0.0" } } }',
    );
    expect((await boot(["bench"])).output).toBe("ran \n");
    expect(installed()).toEqual([]);
  });

  test("given two commands in a fresh clone at once, happens once", async () => {
    const both = await Promise.all([boot(["bench", "one"]), boot(["bench", "two"])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(installed()).toHaveLength(1);
  });

  test("given an npm that ignores install scripts, says in one line what is missing and how to get it", async () => {
    const { code, output } = await boot(["bench"], { WITHOUT_SCRIPTS: "1" });
    expect(code).toBe(1);
    expect(output.trimEnd().split("\n").at(-1)).toMatch(
      /Node 24 is missing.*npm rebuild node .*--ignore-scripts=false/,
    );
  });

  test("given an npm that fails, ends with its exit code in words", async () => {
    writeFileSync(join(root, "npm.cjs"), "process.exit(7);");
    const { code, output } = await boot(["bench"]);
    expect(code).toBe(1);
    expect(output).toContain("`npm ci` ended with exit code 7");
    expect(output).not.toContain("    at ");
  });
});

describe("the program", () => {
  test("passes its exit code through", async () => {
    writeFileSync(join(root, "cli/bench.ts"), "process.exit(42);\n");
    expect((await boot(["bench"])).code).toBe(42);
  });

  test("given a signal to the first process, gets it, and its end is told as shells tell it", async () => {
    // It signals its own parent, as somebody outside would, and ends by the default action of what comes back.
    writeFileSync(join(root, "cli/bench.ts"), 'process.kill(process.ppid, "SIGTERM");\nsetInterval(() => {}, 1000);\n');
    expect((await boot(["bench"])).code).toBe(128 + 15);
  });

  test("finds the tools of the installation ahead of the machine's", async () => {
    await boot(["bench"]);
    writeFileSync(join(root, "node_modules/.bin/some-tool"), "#!/bin/sh\necho from the installation\n");
    chmodSync(join(root, "node_modules/.bin/some-tool"), 0o755);
    writeFileSync(
      join(root, "cli/bench.ts"),
      'import { execFileSync } from "node:child_process";\nprocess.stdout.write(execFileSync("some-tool"));\n',
    );
    expect((await boot(["bench"])).output).toBe("from the installation\n");
  });
});

describe("a command", () => {
  test("that is not known ends with exit code 2 and the known ones", async () => {
    const { code, output } = await boot(["bnech"]);
    expect(code).toBe(2);
    expect(output).toMatch(/no command "bnech".*bench/);
    expect(installed()).toEqual([]);
  });

  test("--help lists all of them and installs nothing", async () => {
    const { code, output } = await boot(["--help"]);
    expect(code).toBe(0);
    for (const name of ["start", "test", "test:e2e", "generate", "bench", "sim", "build:web"])
      expect(output).toContain(`  ${name} `);
    expect(installed()).toEqual([]);
  });

  test("build:web waits for another that runs", async () => {
    writeFileSync(
      join(root, "cli/build-web.ts"),
      [
        'import { appendFileSync } from "node:fs";',
        'appendFileSync("builds", "begin\\n");',
        "await new Promise((resolve) => setTimeout(resolve, 200));",
        'appendFileSync("builds", "end\\n");',
      ].join("\n"),
    );
    await boot(["bench"]);
    await Promise.all([boot(["build:web"]), boot(["build:web"]), boot(["build:web"])]);
    expect(readFileSync(join(root, "builds"), "utf8")).toBe("begin\nend\n".repeat(3));
  });
});
