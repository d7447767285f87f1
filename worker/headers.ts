/** Headers that every answer of the API carries: it is for nobody's cache, and no browser may guess another type for it. */
import { createMiddleware } from "hono/factory";
import type { AppContext } from "./context.ts";

export const API_HEADERS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;

export const apiHeaders = createMiddleware<AppContext>(async (context, next) => {
  await next();
  // An accepted upgrade is the object's own answer and cannot be changed.
  if (context.res.status === 101) return;
  for (const [name, value] of Object.entries(API_HEADERS)) context.res.headers.set(name, value);
});
