/** What `npm start` refuses before it does anything, in a folder that holds nothing but the commands. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

let root = "";
let lock = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "faultline-refused-"));
  // What the command line needs: its own room, and the pure core.
  for (const room of ["cli", "domain"]) cpSync(join(ROOT, room), join(root, room), { recursive: true });
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  mkdirSync(join(root, ".wrangler"));
  lock = join(root, ".wrangler/start.lock");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const start = (...args: readonly string[]) => run([process.execPath, "cli/start.ts", ...args], { cwd: root });

/** This process as a lock names it; `began` in ticks since boot, where the system tells it. */
function holder(began?: string): string {
  const stat = "/proc/self/stat";
  if (!existsSync(stat)) return String(process.pid);
  const fields = readFileSync(stat, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return `${process.pid} ${began ?? fields[19]}`;
}

describe("npm start", () => {
  test("refuses while another runs here, and touches nothing", async () => {
    writeFileSync(lock, holder());
    const { code, output } = await start();
    expect(output).toBe(`faultline: it already runs from this folder (process ${process.pid}): stop that one first.\n`);
    expect(code).toBe(1);
    expect(existsSync(join(root, ".dev.vars"))).toBe(false);
    expect(readFileSync(lock, "utf8")).toBe(holder());
  });

  test("given a wrong option while another runs here, names the option", async () => {
    writeFileSync(lock, holder());
    const { code, output } = await start("--bogus");
    expect(output).toMatch(/^faultline: Unknown option '--bogus'/);
    expect(code).toBe(2);
  });

  test("given a lock whose holder was killed, goes on and leaves no lock", async () => {
    // The same process id, but a process that began at another time, or none at all.
    writeFileSync(lock, existsSync("/proc/self/stat") ? holder("1") : "999999999");
    // Something that stops it at its first step.
    writeFileSync(join(root, ".dev.vars"), "INGEST_TOKEN=short\n");
    const { code, output } = await start();
    expect(output).toContain(".dev.vars: INGEST_TOKEN has 5 characters");
    expect(code).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });
});
