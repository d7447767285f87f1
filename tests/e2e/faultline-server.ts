/** Faultline under `wrangler dev`, with a state and tokens of its own, that can be killed and started again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEV_ENV, devCommand, WRANGLER_ENV } from "../../cli/wrangler.ts";
import { run } from "../../cli/run.ts";
import type { MetricsWindow } from "../../domain/history.ts";
import type { Page } from "../../domain/resource.ts";
import { freePort, ProcessGroup } from "./process-group.ts";

export const TOKENS = {
  INGEST_TOKEN: "e2e-ingest-token-000000",
  VIEWER_TOKEN: "e2e-viewer-token-000000",
  ADMIN_TOKEN: "e2e-admin-token-0000000",
} as const;

export class FaultlineServer {
  readonly folder = mkdtempSync(join(tmpdir(), "faultline-e2e-"));
  readonly log = join(this.folder, "server.log");
  readonly #variables: Readonly<Record<string, string>>;
  #port = 0;
  #group: ProcessGroup | null = null;

  /** @param variables what the Worker is told beside its tokens */
  constructor(variables: Readonly<Record<string, string>> = {}) {
    this.#variables = variables;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The outermost of its processes. */
  get pid(): number {
    if (this.#group === null) throw new Error("the server is not running");
    return this.#group.pid;
  }

  get #state(): readonly string[] {
    return ["--persist-to", join(this.folder, "state")];
  }

  async start(): Promise<void> {
    if (this.#port === 0) {
      this.#port = await freePort();
      const command = ["wrangler", "d1", "migrations", "apply", "DB", "--local", ...this.#state];
      const { code, output } = await run(command, {
        ended: AbortSignal.timeout(60_000),
        env: { ...process.env, ...WRANGLER_ENV, CI: "true" },
      });
      if (code !== 0) throw new Error(output);
    }
    const told = Object.entries({ ...TOKENS, ...this.#variables });
    const variables = told.flatMap(([name, value]) => ["--var", `${name}:${value}`]);
    this.#group = new ProcessGroup(
      [...devCommand("127.0.0.1", this.#port), ...this.#state, ...variables],
      DEV_ENV,
      this.log,
    );
    await this.#group.untilReady("the server", 60_000, async () => {
      const response = await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(2000) });
      return response.status === 200;
    });
  }

  /** SIGKILL to wrangler, its proxy and workerd, in the middle of whatever they do. */
  async kill(): Promise<void> {
    await this.#group?.end("SIGKILL");
    this.#group = null;
  }

  async stop(): Promise<void> {
    await this.#group?.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A GET with the viewer's token; throws for anything but 200. */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`, { headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` } });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** A link that opens the dashboard signed in. */
  async link(): Promise<string> {
    const response = await fetch(`${this.url}/v1/session/codes`, {
      method: "POST",
      headers: { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify({ role: "admin" }),
    });
    const { code }: { code: string } = await response.json();
    return `${this.url}/#code=${code}`;
  }

  /** The minutes of history of a service in a span, ascending. */
  async minutes(service: string, from_ms: number, to_ms: number): Promise<MetricsWindow[]> {
    const span = `from=${new Date(from_ms).toISOString()}&to=${new Date(to_ms).toISOString()}&step=60`;
    return [...(await this.get<Page<MetricsWindow>>(`/v1/services/${service}/windows?${span}`)).items];
  }
}
