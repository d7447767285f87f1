/** The fleet as a whole: its services, its live socket, its bridges, and who is in quarantine. */
import { Hono } from "hono";
import * as v from "valibot";
import { SERVICE_NAME } from "../domain/event.ts";
import { requireRole } from "./access.ts";
import type { FleetObject } from "../durable-objects/fleet-object.ts";
import type { AppContext } from "./context.ts";
import type { Env } from "./env.ts";
import { parseBody } from "./json-body.ts";
import { forwardLive, liveQuery } from "./live.ts";
import { fleetOf } from "./neighbours.ts";
import { partitionLags } from "./partition-lags.ts";
import { problem } from "./problem.ts";
import { parseQuery } from "./query-params.ts";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

const limitMessage = `limit: must be a whole number from 1 to ${LIMIT_MAX}.`;

/** The cursor is the last name of the page before. */
const servicesQuery = v.object({
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,4}$/, limitMessage),
      v.transform(Number),
      v.minValue(1, limitMessage),
      v.maxValue(LIMIT_MAX, limitMessage),
    ),
    String(LIMIT_DEFAULT),
  ),
  cursor: v.optional(
    v.nullable(v.pipe(v.string(), v.regex(SERVICE_NAME, "cursor: must be the next of the page before."))),
    null,
  ),
});

const printable = (length_max: number): v.GenericSchema<unknown, string> => {
  const right = `must be 1 to ${length_max} printable ASCII characters`;
  return v.pipe(v.string(right), v.regex(new RegExp(`^[\\x20-\\x7e]{1,${length_max}}$`), right));
};

const LAG_RIGHT = "must be a whole number of messages, at least 0, or null where it is unknown";

const heartbeat = v.object({
  source: printable(249),
  instance: printable(200),
  lag: v.nullable(v.pipe(v.number(LAG_RIGHT), v.safeInteger(LAG_RIGHT), v.minValue(0, LAG_RIGHT)), null),
  partitions: v.optional(partitionLags),
});

/** As many partitions as a beat may tell of, each with the longest name that Kafka gives a topic. */
const BEAT_BYTES_MAX = 131_072;

const quarantineWish = v.object({ quarantined: v.optional(v.boolean("must be true or false"), true) });

/** The Fleet with what its neighbours among the objects do not call: the list of services and the quarantine. */
function registryOf(env: Env): Pick<FleetObject, "services" | "quarantine"> {
  return env.FLEET.getByName("fleet");
}

export const fleetRoutes = new Hono<AppContext>()
  .get("/services", requireRole("viewer", "admin"), async (context) => {
    const query = parseQuery(servicesQuery, context);
    if (query instanceof Response) return query;
    return context.json(await registryOf(context.env).services(query.cursor, query.limit));
  })
  .get("/live", requireRole("viewer", "admin"), async (context) => {
    const query = liveQuery(context);
    if (query instanceof Response) return query;
    return forwardLive(context, query, (request) => fleetOf(context.env).fetch(request));
  })
  .post("/bridge/heartbeat", requireRole("ingest"), async (context) => {
    const beat = await parseBody(heartbeat, context, BEAT_BYTES_MAX);
    if (beat instanceof Response) return beat;
    await fleetOf(context.env).heartbeat(beat);
    return context.body(null, 204);
  })
  .post("/services/:service/quarantine", requireRole("admin"), async (context) => {
    const service = context.req.param("service");
    const wish = await parseBody(quarantineWish, context);
    if (wish instanceof Response) return wish;
    const standing = SERVICE_NAME.test(service)
      ? await registryOf(context.env).quarantine(service, wish.quarantined)
      : null;
    if (standing === null) {
      const shown = JSON.stringify(service.slice(0, 63));
      return problem(
        404,
        "unknown_service",
        `No service ${shown} is registered; GET /v1/services lists those that are.`,
      );
    }
    if (standing.quarantined !== wish.quarantined) {
      const detail = `The object of ${service} does not answer, so that it stays in quarantine; ask again once it does.`;
      return problem(503, "object_unavailable", detail);
    }
    return context.json(standing);
  });
