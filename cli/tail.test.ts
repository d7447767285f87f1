import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FleetWorld, incidentOf } from "../tests/fleet-harness.ts";
import { LiveEndpoint } from "../tests/live-endpoint.ts";
import type { Incident } from "../domain/incident.ts";
import { ROOT } from "./paths.ts";
import { tail } from "./tail.ts";

vi.setConfig({ testTimeout: 40_000 });

let world: FleetWorld;
let endpoint: LiveEndpoint;
let connections = 0;
let seq = 0;
const running = new Set<ChildProcess>();

beforeEach(async () => {
  [connections, seq] = [0, 0];
  world = new FleetWorld();
  await world.admit("shop", "shop-eu", "bank");
  endpoint = new LiveEndpoint((request) => world.connect(`client ${(connections += 1)}`, request));
  await endpoint.listen();
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  await endpoint.close();
  world.storage.close();
});

async function tell(service: string, change: Partial<Incident> = {}): Promise<void> {
  seq += 1;
  const incident = incidentOf(service, { severity: "high", revision: seq, ...change });
  await world.actor.incidents([{ service, seq, action: "updated", incident }]);
  endpoint.pump();
}

/** `faultline tail` on the fleet's address, with what it has written so far. */
class RunningTail {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #ended: Promise<number | null>;
  #waiting: (() => void)[] = [];

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, ["cli/faultline.ts", "tail", ...args], {
      cwd: ROOT,
      env: { ...process.env, FAULTLINE_URL: endpoint.url, VIEWER_TOKEN: "viewer-token-0000", ...env },
    });
    running.add(this.child);
    this.child.stdout?.on("data", (chunk: Buffer) => this.#take(() => (this.stdout += chunk.toString())));
    this.child.stderr?.on("data", (chunk: Buffer) => this.#take(() => (this.stderr += chunk.toString())));
    this.#ended = new Promise((resolve) => this.child.on("close", (code) => this.#take(() => resolve(code))));
  }

  /** Waits for a line of its output that has the text. */
  async until(text: string): Promise<void> {
    while (!`${this.stdout}${this.stderr}`.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`it ended without "${text}":\n${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  end(): Promise<number | null> {
    return this.#ended;
  }

  lines(): readonly { readonly type: string; readonly seq: number }[] {
    return this.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  #take(step: () => void): void {
    step();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

describe("faultline tail", () => {
  test.each([
    [["a", "b"], "one SERVICE"],
    [["Shop"], "one SERVICE"],
    [["--min-severity", "bad"], "--min-severity"],
    [["--after", "first"], "--after"],
    [["--after", "-1"], '--after must be a whole number from 0 to 999999999999999, not "-1"'],
    [["--for", "-5m"], '--for must be a time such as 90s, 10m or 2h, 14 days at most, not "-5m"'],
    [["--exit-on", "closed"], "--exit-on"],
    [["--until-resolved", "--exit-on", "opened"], "do not go together"],
    [["--for", "5"], "--for"],
    [["--retry-for", "15d"], "--retry-for"],
    [["--url", "localhost"], "--url"],
  ])("given %j, ends with exit code 2 and names it", async (args, named) => {
    const refused = tail(args).catch((error: unknown) => error);
    expect(await refused).toMatchObject({ exitCode: 2, message: expect.stringContaining(named) });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "ends with 0 at %s, having told what came, without colours",
    async (signal) => {
      const told = new RunningTail(["shop*"]);
      await told.until("Now at change 0: 2 services, no incident is open.");
      await tell("shop");
      await tell("bank");
      await tell("shop-eu", { description: "evil \u001b[31m" });
      await told.until("shop-eu");
      told.child.kill(signal);
      expect(await told.end()).toBe(0);
      expect(told.stdout).toContain("▲ high      shop is open: ");
      expect(told.stdout).not.toContain("bank");
      expect(told.stdout).not.toContain("\u001b");
      expect(told.stderr).toBe("");
    },
  );

  test("with --json and --after, gives each event as it is, and no other word on standard output", async () => {
    await tell("shop");
    await tell("shop");
    const told = new RunningTail(["--json", "--after", "1"]);
    await told.until('"seq":2');
    await endpoint.close();
    await tell("bank");
    await told.until("trying again");
    await endpoint.listen();
    await told.until('"seq":3');
    await told.until("connected again");
    told.child.kill("SIGTERM");
    expect(await told.end()).toBe(0);
    expect(told.lines().map(({ type, seq: at }) => `${type} ${at}`)).toEqual([
      "snapshot 2",
      "incident 2",
      "incident 3",
    ]);
    expect(told.stderr).toMatch(/^faultline: connection lost: .*; trying again in \d\.\d s\.\n/);
  });

  test("tells loudly where changes may be missing", async () => {
    const told = new RunningTail(["--json", "--after", "99"]);
    await told.until("RESET");
    await told.until('"reset":true');
    told.child.kill("SIGTERM");
    expect(await told.end()).toBe(0);
  });

  test("ends with 0 when its reader has gone, as head does", async () => {
    const told = new RunningTail(["--json"]);
    await told.until('"snapshot"');
    told.child.stdout?.destroy();
    // The first write finds the pipe closed; whether it does is known by the end alone.
    const telling = (async () => {
      while (told.child.exitCode === null) {
        await tell("shop");
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    expect(await told.end()).toBe(0);
    await telling;
    expect(told.stderr).toBe("");
  });

  test("refused, ends with 1 and the server's words", async () => {
    endpoint.treatment = { type: "refuse", status: 401, detail: "Authorization: missing." };
    const told = new RunningTail([]);
    expect(await told.end()).toBe(1);
    expect(told.stderr).toBe(`faultline: ${endpoint.url}: it answered 401: Authorization: missing.\n`);
  });

  test("lost for longer than --retry-for, ends with 1", async () => {
    const told = new RunningTail(["--retry-for", "1s"]);
    await told.until("Now at change");
    await endpoint.close();
    expect(await told.end()).toBe(1);
    expect(told.stderr).toContain("no connection for 1 s: nothing answers (ECONNREFUSED).");
  });
});

describe("what a tail waits for", () => {
  test("an incident: ends with 0 as soon as one is open that is bad enough", async () => {
    const told = new RunningTail(["--exit-on", "opened", "--min-severity", "critical", "--json"]);
    await told.until('"snapshot"');
    await tell("shop", { severity: "high" });
    await tell("bank", { severity: "critical" });
    expect(await told.end()).toBe(0);
    expect(told.lines().map(({ seq: at }) => at)).toEqual([0, 2]);
  });

  test("the end of all: at once where nothing is open, else when the last one is over", async () => {
    expect(await new RunningTail(["--until-resolved"]).end()).toBe(0);
    await tell("shop");
    await tell("bank");
    const told = new RunningTail(["--until-resolved"]);
    await told.until("2 incidents open");
    await tell("shop", { status: "resolved" });
    await told.until("✓");
    expect(told.child.exitCode).toBe(null);
    await tell("bank", { status: "resolved" });
    expect(await told.end()).toBe(0);
  });

  test("in vain: ends with 3 when --for is over; with 0 where nothing was waited for", async () => {
    expect(await new RunningTail(["--exit-on", "opened", "--for", "1s"]).end()).toBe(3);
    expect(await new RunningTail(["--for", "1s"]).end()).toBe(0);
  });
});
