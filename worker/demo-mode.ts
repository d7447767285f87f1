/**
 * Whether faults may be played on purpose here. Two things must hold. `DEMO` is "1": `npm start` writes that to .dev.vars, which
 * `wrangler deploy` does not send along. And the request was sent to this machine's own loopback address: the platform hands a
 * deployed Worker only requests for the names it is routed by, which no loopback address ever is. So a deployed Faultline refuses
 * also where somebody set the variable there.
 */
import type { Env } from "./env.ts";

export function isDemo(env: Pick<Env, "DEMO">, asked: string): boolean {
  return env.DEMO === "1" && isLoopback(new URL(asked).hostname);
}

/** A URL's hostname has IPv6 in brackets and IPv4 in its one canonical form. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
