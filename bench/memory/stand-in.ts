/** Small Workers that do one thing more than the one before, served by the runtime alone or by `wrangler dev`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEV_ENV, devCommand } from "../../cli/wrangler.ts";
import { freePort, ProcessGroup } from "../../tests/e2e/process-group.ts";

/** What a request does, each beside what the one before does. */
export const WORK = ["nothing", "body", "rpc", "sqlite", "d1"] as const;
export type Work = (typeof WORK)[number];

/** `runtime`: workerd and nothing else. `wrangler`: behind its proxy and among its own Workers, as `npm start` has it. */
export type Host = "runtime" | "wrangler";

export interface MeasuredServer {
  readonly url: string;
  /** The outermost of its processes. */
  readonly pid: number;
  stop(): Promise<void>;
}

const HANDLERS: Readonly<Record<Work, string>> = {
  nothing: `return new Response("ok");`,
  body: `return Response.json({ bytes: (await request.arrayBuffer()).byteLength });`,
  rpc: `return Response.json(await env.KEEPER.getByName("one").count(await request.bytes()));`,
  sqlite: `return Response.json(await env.KEEPER.getByName("one").keep(await request.bytes()));`,
  d1: `const kept = await env.KEEPER.getByName("one").keep(await request.bytes());
      await (table ??= env.DB.exec("CREATE TABLE IF NOT EXISTS kept (id PRIMARY KEY, bytes)"));
      await env.DB.prepare("INSERT OR REPLACE INTO kept VALUES (1, ?)").bind(kept.bytes).run();
      return Response.json(kept);`,
};

function workerOf(work: Work): string {
  return `import { DurableObject } from "cloudflare:workers";
let table;
export class Keeper extends DurableObject {
  constructor(state, env) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS kept (id PRIMARY KEY, body)");
  }
  count(body) { return { bytes: body.length, reports: [] }; }
  keep(body) {
    this.ctx.storage.transactionSync(() => this.ctx.storage.sql.exec("INSERT OR REPLACE INTO kept VALUES (1, ?)", body));
    return this.count(body);
  }
}
export default { async fetch(request, env) { ${HANDLERS[work]} } };
`;
}

const DATE = "2026-11-17";

const runtimeConfig = (port: number, folder: string): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .standIn), (name = "kept", disk = (path = "${folder}/kept", writable = true)) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ],
  v8Flags = [ ${v8Flags()
    .map((flag) => `"${flag}"`)
    .join(", ")} ]
);
const standIn :Workerd.Worker = (
  modules = [ (name = "worker.js", esModule = embed "worker.js") ],
  compatibilityDate = "${DATE}",
  durableObjectNamespaces = [ (className = "Keeper", uniqueKey = "keeper", enableSql = true) ],
  durableObjectStorage = (localDisk = "kept"),
  bindings = [ (name = "KEEPER", durableObjectNamespace = "Keeper") ]
);
`;

const WRANGLER_CONFIG = `name = "stand-in"
main = "worker.js"
compatibility_date = "${DATE}"
durable_objects.bindings = [{ name = "KEEPER", class_name = "Keeper" }]
migrations = [{ tag = "v1", new_sqlite_classes = ["Keeper"] }]
d1_databases = [{ binding = "DB", database_name = "stand-in", database_id = "stand-in" }]
`;

/** What `wrangler dev` gives its runtimes, from the environment as it reads it. */
export function v8Flags(): readonly string[] {
  return DEV_ENV.MINIFLARE_WORKERD_V8_FLAGS.split(" ").filter((flag) => flag !== "");
}

export async function startStandIn(host: Host, work: Work): Promise<MeasuredServer> {
  const folder = mkdtempSync(join(tmpdir(), "faultline-memory-"));
  const port = await freePort();
  mkdirSync(join(folder, "kept"));
  writeFileSync(join(folder, "worker.js"), workerOf(work));
  writeFileSync(join(folder, "runtime.capnp"), runtimeConfig(port, folder));
  writeFileSync(join(folder, "wrangler.toml"), WRANGLER_CONFIG);
  const command =
    host === "runtime"
      ? ["workerd", "serve", "--experimental", join(folder, "runtime.capnp")]
      : [...devCommand("127.0.0.1", port), "--config", join(folder, "wrangler.toml")];
  const group = new ProcessGroup(command, DEV_ENV, join(folder, "server.log"));
  const url = `http://127.0.0.1:${port}`;
  const started = group.untilReady("the stand-in", 60_000, async () => {
    const answer = await fetch(url, { method: "POST", body: "x", signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  });
  await started.catch(async (error: unknown) => {
    await group.end();
    throw error;
  });
  return {
    url,
    pid: group.pid,
    stop: async () => {
      await group.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
