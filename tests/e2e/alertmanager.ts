/** A real Alertmanager of the tests' own, with nobody to notify. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

/** An alert as `GET /api/v2/alerts` gives it. */
export interface GivenAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
  readonly status: { readonly state: string };
}

export class TestAlertmanager {
  readonly #folder = mkdtempSync(join(tmpdir(), "faultline-alertmanager-"));
  #port = 0;
  #group: ProcessGroup | null = null;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#port = await freePort();
    const config = join(this.#folder, "alertmanager.yml");
    writeFileSync(config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
    const command = [
      required("ALERTMANAGER_BIN"),
      `--config.file=${config}`,
      `--storage.path=${join(this.#folder, "data")}`,
      `--web.listen-address=127.0.0.1:${this.#port}`,
      // One alone: it would look for others of its kind.
      "--cluster.listen-address=",
    ];
    this.#group = new ProcessGroup(command, {}, join(this.#folder, "server.log"));
    await this.#group.untilReady("Alertmanager", 30_000, async () => (await fetch(`${this.url}/-/ready`)).ok);
  }

  /** What fires now; what is over is no longer given. */
  async alerts(): Promise<GivenAlert[]> {
    const answer = await fetch(`${this.url}/api/v2/alerts`);
    return await answer.json<GivenAlert[]>();
  }

  async remove(): Promise<void> {
    await this.#group?.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
