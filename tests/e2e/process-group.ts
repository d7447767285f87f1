/** A child with all that it starts: what the tests begin they also end, the hard way where the test is about that. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const ROOT = new URL("../..", import.meta.url).pathname;

export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #log: string;
  #isOver = false;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>, log: string) {
    this.#log = log;
    const [program, ...parameters] = command;
    this.#child = spawn(program!, parameters, {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const output = createWriteStream(log, { flags: "a" });
    this.#child.stdout?.pipe(output, { end: false });
    this.#child.stderr?.pipe(output, { end: false });
    this.#exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", () => {
        this.#isOver = true;
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Waits for what shows that it is ready; where it has ended, the complaint is what it said last. */
  async untilReady(what: string, limit_ms: number, probe: () => Promise<boolean>): Promise<void> {
    await until(what, limit_ms, async () => {
      if (this.#isOver) throw new Error(`it ended:\n${readFileSync(this.#log, "utf8").slice(-2000)}`);
      return (await probe()) ? true : undefined;
    });
  }

  /** Signals every process of the group and waits for the first one's end; SIGKILL follows after ten seconds. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    this.#signal(signal);
    const timer = setTimeout(() => this.#signal("SIGKILL"), 10_000);
    await this.#exited;
    clearTimeout(timer);
    this.#signal("SIGKILL");
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#child.pid!, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Asks `probe` until it gives something; throws with its last complaint when the time is over. */
export async function until<T>(
  what: string,
  limit_ms: number,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end_ms = performance.now() + limit_ms;
  let complaint: unknown = "it did not come";
  while (performance.now() < end_ms) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      complaint = error;
    }
    await delay(100);
  }
  throw new Error(`waited ${limit_ms} ms for ${what}: ${String(complaint)}`);
}
