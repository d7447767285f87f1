/** A real PostgreSQL: a cluster of the test's own in a temporary folder, that can be stopped and started again. */
import { execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../cli/run.ts";
import { freePort, ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

const USER = "faultline";

/** PostgreSQL refuses to run as root: there its own user does, which its package makes. */
function asItsUser(command: readonly string[]): string[] {
  const isRoot = process.getuid?.() === 0;
  return isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", ...command] : [...command];
}

export class TestPostgres {
  readonly #folder = mkdtempSync(join(tmpdir(), "faultline-postgres-"));
  readonly #log = join(this.#folder, "server.log");
  readonly #data = join(this.#folder, "data");
  #port = 0;
  #group: ProcessGroup | null = null;

  get dsn(): string {
    return `postgres://${USER}@127.0.0.1:${this.#port}/postgres?sslmode=disable`;
  }

  async start(): Promise<void> {
    if (this.#port === 0) {
      this.#port = await freePort();
      if (process.getuid?.() === 0) chownSync(this.#folder, idOf("-u"), idOf("-g"));
      await this.#succeed(asItsUser([this.#tool("initdb"), "-D", this.#data, "-U", USER, "-A", "trust", "-N"]));
    }
    const places = ["-D", this.#data, "-k", this.#folder, "-h", "127.0.0.1", "-p", String(this.#port)];
    this.#group = new ProcessGroup(asItsUser([this.#tool("postgres"), ...places]), {}, this.#log);
    await this.#group.untilReady("PostgreSQL", 30_000, async () => (await this.rows("SELECT 1")).length === 1);
  }

  /** Goes down as in a crash, with all its processes: what was committed stays, the next start recovers it. */
  async crash(): Promise<void> {
    if (this.#group === null) return;
    await this.#succeed(asItsUser([this.#tool("pg_ctl"), "stop", "-m", "immediate", "-D", this.#data]));
    await this.#group.end();
    this.#group = null;
  }

  async remove(): Promise<void> {
    await this.crash();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async runFile(file: string): Promise<void> {
    await this.#succeed([...this.#psql(), "-v", "ON_ERROR_STOP=1", "-q", "-f", file]);
  }

  async run(statements: string): Promise<void> {
    await this.#succeed([...this.#psql(), "-v", "ON_ERROR_STOP=1", "-q", "-c", statements]);
  }

  /** What a query gives, each row as JSON has it. */
  async rows(query: string): Promise<Record<string, unknown>[]> {
    const wrapped = `SELECT coalesce(json_agg(result), '[]') FROM (${query}) AS result`;
    return JSON.parse(await this.#succeed([...this.#psql(), "-At", "-c", wrapped])) as Record<string, unknown>[];
  }

  #psql(): string[] {
    return [this.#tool("psql"), "-X", this.dsn];
  }

  #tool(name: string): string {
    return join(required("POSTGRES_BIN"), name);
  }

  async #succeed(command: readonly string[]): Promise<string> {
    const { code, output } = await run(command, { ended: AbortSignal.timeout(60_000), cwd: tmpdir() });
    if (code !== 0) throw new Error(`${command.join(" ")}: ${output}`);
    return output;
  }
}

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"]).toString("utf8"));
}
