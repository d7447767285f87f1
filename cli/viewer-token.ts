/** The token of commands that only read. */
import { readTokens } from "./dev-vars.ts";
import { Failure } from "./failure.ts";
import { DEV_VARS } from "./paths.ts";

/** From VIEWER_TOKEN, else ADMIN_TOKEN (an administrator may read, too), else from .dev.vars. @throws Failure where there is none */
export function viewerToken(): string {
  const { VIEWER_TOKEN, ADMIN_TOKEN } = process.env;
  const token = VIEWER_TOKEN ?? ADMIN_TOKEN ?? readTokens(DEV_VARS)?.VIEWER_TOKEN;
  if (token !== undefined) return token;
  throw new Failure("no VIEWER_TOKEN: set it in the environment, or let `npm start` write .dev.vars.");
}
