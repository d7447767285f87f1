/** What tests in the Workers runtime find in `env` of `cloudflare:workers`: the Worker's bindings and vitest.config.ts's. */
declare namespace Cloudflare {
  interface Env {
    readonly SERVICE_MONITOR: import("../worker/env.ts").Env["SERVICE_MONITOR"];
    readonly FLEET: import("../worker/env.ts").Env["FLEET"];
    readonly DB: D1Database;
    readonly ASSETS: Fetcher;
    readonly INGEST_TOKEN: string;
    readonly VIEWER_TOKEN: string;
    readonly ADMIN_TOKEN: string;
    readonly TEST_MIGRATIONS: { readonly name: string; readonly queries: string[] }[];
  }
}
