/** The fleet's figures over a span. */
import { Hono } from "hono";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { parseQuery, summaryQuery } from "./query-params.ts";
import { readSummary } from "./summary.ts";

export const summaryRoutes = new Hono<AppContext>().get("/summary", requireRole("viewer", "admin"), async (context) => {
  const query = parseQuery(summaryQuery, context);
  if (query instanceof Response) return query;
  return context.json(await readSummary(context.env.DB, query, Date.now()));
});
