/** Incidents as history has them. */
import { Hono } from "hono";
import type { IncidentItem, Page } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { readIncident, readIncidents } from "./history.ts";
import { problem } from "./problem.ts";
import { incidentsQuery, parseQuery, writeCursor } from "./query-params.ts";

const SHOWN_LENGTH_MAX = 120;

export function unknownIncident(id: string): Response {
  const shown = JSON.stringify(id.slice(0, SHOWN_LENGTH_MAX));
  return problem(
    404,
    "unknown_incident",
    `No incident ${shown} is in the history; GET /v1/incidents lists those that are.`,
  );
}

export const historyRoutes = new Hono<AppContext>()
  .get("/incidents", requireRole("viewer", "admin"), async (context) => {
    const query = parseQuery(incidentsQuery, context);
    if (query instanceof Response) return query;
    const { items, next } = await readIncidents(context.env.DB, query);
    return context.json({ items, next: next === null ? null : writeCursor(next) } satisfies Page<IncidentItem>);
  })
  .get("/incidents/:id", requireRole("viewer", "admin"), async (context) => {
    const id = context.req.param("id");
    const incident = await readIncident(context.env.DB, id);
    if (incident !== null) return context.json(incident);
    return unknownIncident(id);
  });
