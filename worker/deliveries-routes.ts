/** An incident's ledger: for each subscription whether each change was delivered, or why not. */
import { Hono } from "hono";
import * as v from "valibot";
import type { Delivery } from "../domain/delivery.ts";
import type { Page } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { unknownIncident } from "./history-routes.ts";
import { readDeliveries, readIncident } from "./history.ts";
import { limitParam, parseQuery, readPlace, writePlace } from "./query-params.ts";

const LIMIT_DEFAULT = 200;
const LIMIT_MAX = 1_000;

const deliveriesQuery = v.object({
  limit: limitParam(LIMIT_DEFAULT, LIMIT_MAX),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.rawTransform(({ dataset, addIssue, NEVER }): readonly [heard_at: string, id: string] => {
        const place = readPlace(dataset.value);
        if (place !== null) return place;
        addIssue({ message: "cursor: must be the next of the page before." });
        return NEVER;
      }),
    ),
  ),
});

export const deliveriesRoutes = new Hono<AppContext>().get(
  "/incidents/:id/deliveries",
  requireRole("viewer", "admin"),
  async (context) => {
    const query = parseQuery(deliveriesQuery, context);
    if (query instanceof Response) return query;
    const { limit, cursor = ["", ""] } = query;
    const id = context.req.param("id");
    const rows = await readDeliveries(context.env.DB, id, cursor, limit + 1);
    // A line may be in history a moment before its incident.
    if (rows.length === 0 && (await readIncident(context.env.DB, id)) === null) return unknownIncident(id);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const next = last === undefined ? null : writePlace(last.heard_at, last.id);
    return context.json({ items, next } satisfies Page<Delivery>);
  },
);
