/** Where things lie in the repository. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top folder; every program runs there. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const DEV_VARS = join(ROOT, ".dev.vars");
/** Everything that `wrangler dev` remembers: objects and D1. */
export const STATE = join(ROOT, ".wrangler", "state");
export const DEV_LOG = join(ROOT, ".wrangler", "dev.log");
/** Held by the `npm start` that runs from this folder. */
export const START_LOCK = join(ROOT, ".wrangler", "start.lock");
