/**
 * The dashboard's pages are one static shell that reads the address itself, so every address that is no file gets it. Wrangler
 * would do that on its own (`not_found_handling`), but for missing files of the build too: a browser then keeps a page of
 * HTML as a script for a year, since the build's folder is told to be cached for ever.
 */
import { createMiddleware } from "hono/factory";
import type { AppContext } from "./context.ts";

/** What is answered here (`run_worker_first` in wrangler.toml), and the folder of the build, whose names change with each. */
const NO_PAGES = /^\/(?:v1|health|ready|act|_app)(?:\/|$)/;

/** Answers a page's address with the shell; existing files never come this far, the platform serves them before. */
export const dashboardShell = createMiddleware<AppContext>(async (context, next) => {
  const { method, raw, url, path } = context.req;
  if ((method !== "GET" && method !== "HEAD") || NO_PAGES.test(path)) return next();
  return context.env.ASSETS.fetch(new Request(new URL("/", url), { method, headers: raw.headers }));
});
