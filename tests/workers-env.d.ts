/** What tests in the Workers runtime find in `env` of `cloudflare:workers`: the Worker's bindings and vitest.config.ts's. */
import type { D1Migration } from "cloudflare:test";
import type * as Worker from "../worker/index.ts";
import type { Env as WorkerEnv } from "../worker/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      readonly TEST_MIGRATIONS: D1Migration[];
    }
    /** Types `exports` of `cloudflare:workers`. */
    interface GlobalProps {
      mainModule: typeof Worker;
    }
  }
}
