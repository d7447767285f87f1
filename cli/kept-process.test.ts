/** That nothing outlives the one who started it, however that one ends. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startKept } from "./kept-process.ts";
import { ROOT } from "./paths.ts";

vi.setConfig({ testTimeout: 30_000 });

/** Like `wrangler dev`, two processes deep. Writes both ids once both run; a stubborn inner one ends only by force. */
const TREE = `
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
const stubborn = process.argv[3] === "stubborn" ? "process.on('SIGTERM', () => {});" : "";
const inner = "console.log('up'); setInterval(() => {}, 1000);";
const child = spawn(process.execPath, ["-e", stubborn + inner], { stdio: ["ignore", "pipe", "inherit"] });
child.stdout.once("data", () => writeFileSync(process.argv[2], process.pid + " " + child.pid));
setInterval(() => {}, 1000);
`;

let folder = "";
let pidFile = "";
let command: readonly string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-kept-"));
  pidFile = join(folder, "pids");
  writeFileSync(join(folder, "tree.mjs"), TREE);
  command = [process.execPath, join(folder, "tree.mjs"), pidFile];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pids = () =>
  vi.waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").split(" ").map(Number), 10_000);

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // In a container without an init nobody collects an orphan: a zombie has ended all the same.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, "utf8"));
}

describe("a kept process", () => {
  test("when it is stopped, ends with what it started, by force where it must", async () => {
    const kept = startKept("a tree", [...command, "stubborn"], { env: process.env, output: "inherit" });
    const tree = await pids();
    expect(tree.map(runs)).toEqual([true, true]);
    await kept.stop();
    expect(tree.map(runs)).toEqual([false, false]);
  });

  test("when its holder is killed without a chance to clean up, ends likewise", async () => {
    const holder = join(folder, "holder.ts");
    const kept = JSON.stringify(join(ROOT, "cli/kept-process.ts"));
    const options = '{ env: process.env, output: "inherit" }';
    writeFileSync(
      holder,
      `import { startKept } from ${kept};\nawait startKept("a tree", ${JSON.stringify(command)}, ${options}).exited;\n`,
    );
    const holding = spawn(process.execPath, [holder], { stdio: "ignore" });
    const tree = await pids();
    holding.kill("SIGKILL");
    await expect.poll(() => tree.map(runs), { timeout: 10_000 }).toEqual([false, false]);
  });

  test("when it ends by itself, tells its exit code and leaves nothing of its group", async () => {
    const kept = startKept("a tree", command, { env: process.env, output: "inherit" });
    const tree = await pids();
    const [outer = 0] = tree;
    process.kill(outer, "SIGKILL");
    expect(await kept.exited).toBe(128 + 9);
    expect(tree.map(runs)).toEqual([false, false]);
  });
});
