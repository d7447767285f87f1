/** `npm start` in a copy of this repository, as a newcomer runs it: real build, real `wrangler dev`, real generator. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ROOT } from "../../cli/paths.ts";
import { readTokens } from "../../cli/dev-vars.ts";
import type { Page, ServiceItem } from "../../domain/resource.ts";
import { freePort, until } from "./process-group.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let copy = "";
let port = 0;
const running: ChildProcess[] = [];

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), "faultline-start-"));
  const tracked = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  for (const file of execFileSync("git", tracked, { cwd: ROOT, encoding: "utf8" }).split("\0")) {
    if (file === "" || !existsSync(join(ROOT, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  port = await freePort();
});

afterAll(async () => {
  for (const child of running) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
    }
  }
  rmSync(copy, { recursive: true, force: true });
});

interface Start {
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  readonly interrupt: () => void;
}

function npmStart(...options: readonly string[]): Start {
  const child = spawn(process.execPath, ["cli/bootstrap.mjs", "start", ...options], { cwd: copy });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return {
    output: () => output,
    exited: new Promise((resolve) => child.once("close", resolve)),
    interrupt: () => child.kill("SIGINT"),
  };
}

/** The link, once it is printed. */
function linkOf(start: Start): Promise<string> {
  return until("the link", 90_000, async () => /Open {2}(http\S+#code=\S+)/.exec(start.output())?.[1]).catch(() => {
    throw new Error(`no link was printed, but:\n${start.output()}`);
  });
}

async function services(): Promise<readonly string[]> {
  const token = readTokens(join(copy, ".dev.vars"))?.VIEWER_TOKEN ?? "";
  const response = await fetch(`http://127.0.0.1:${port}/v1/services`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const page = await response.json<Page<ServiceItem>>();
  return page.items.map(({ service }) => service);
}

const hasProc = existsSync("/proc/self/cwd");

/** The process that holds the port: the runtime of wrangler's own proxy. */
function front(): number {
  const pid = leftOvers().find((entry) =>
    readFileSync(`/proc/${entry}/cmdline`, "utf8").includes(`entry=127.0.0.1:${port}\0`),
  );
  if (pid === undefined) throw new Error(`nobody listens on ${port}`);
  return Number(pid);
}

/** Processes that still run in the copy (Linux tells). */
function leftOvers(): readonly string[] {
  if (!hasProc) return [];
  return readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readlinkSync(`/proc/${entry}/cwd`).startsWith(copy);
    } catch {
      // It ended between the two looks, or is somebody else's.
      return false;
    }
  });
}

describe("npm start", () => {
  test("given a fresh clone, serves a dashboard that its link opens, with services that live; Ctrl-C leaves nothing", async () => {
    const start = npmStart("--port", String(port));
    const link = new URL(await linkOf(start));
    expect((await (await fetch(new URL("/", link))).text()).toLowerCase()).toContain("<!doctype html>");
    const session = await fetch(new URL("/v1/session", link), {
      method: "POST",
      headers: { "content-type": "application/json", origin: link.origin },
      body: JSON.stringify({ code: link.hash.replace("#code=", "") }),
    });
    expect(session.status).toBe(200);
    expect(session.headers.get("set-cookie")).toMatch(/HttpOnly/i);
    await until("the generated services", 60_000, async () =>
      (await services()).includes("checkout") ? true : undefined,
    );
    start.interrupt();
    expect(await start.exited).toBe(0);
    expect(leftOvers()).toEqual([]);
    await expect(fetch(link)).rejects.toThrow("fetch failed");
  });

  test("given an earlier run, is ready within 15 s, remembers its services and sends no second past", async () => {
    const began = performance.now();
    const start = npmStart("--port", String(port));
    await linkOf(start);
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(await services()).toEqual(expect.arrayContaining(["checkout", "payments", "search"]));
    await until("the generator", 30_000, async () =>
      start.output().includes("events/s of checkout") ? true : undefined,
    );
    start.interrupt();
    expect(await start.exited).toBe(0);
    expect(start.output()).not.toContain("the last 2 hours");
  });

  test("given --fresh and --no-generator, begins with no service and keeps the tokens", async () => {
    const before = readTokens(join(copy, ".dev.vars"));
    const start = npmStart("--port", String(port), "--fresh", "--no-generator");
    await linkOf(start);
    expect(start.output()).toContain("Deleting the local state");
    expect(await services()).toEqual([]);
    expect(readTokens(join(copy, ".dev.vars"))).toEqual(before);
    const second = npmStart("--port", String(port));
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain("it already runs from this folder");
    const wrong = npmStart("--bogus");
    expect(await wrong.exited).toBe(2);
    expect(wrong.output()).toContain("--bogus");
    start.interrupt();
    expect(await start.exited).toBe(0);
  });

  test.runIf(hasProc)("given a front that hangs, says so in one line, exits with 1 and ends every child", async () => {
    const start = npmStart("--port", String(port));
    await linkOf(start);
    process.kill(front(), "SIGSTOP");
    expect(await start.exited).toBe(1);
    const said = start.output().trimEnd().split("\n").at(-1);
    expect(said).toMatch(/^faultline: the server runs but has not answered at http:\S+ for 20 s/);
    expect(leftOvers()).toEqual([]);
  });

  test("given a migration that fails, says in one line which error it was", async () => {
    const broken = join(copy, "worker/migrations/9999_broken.sql");
    writeFileSync(broken, "CREATE TABLEX nothing;\n");
    const start = npmStart("--port", String(port));
    expect(await start.exited).toBe(1);
    const said = start.output().trimEnd().split("\n").at(-1);
    expect(said).toMatch(/^faultline: a database migration failed: .*TABLEX.*/);
    rmSync(broken);
  });
});
