/** The words of an incident. */
import { type Context, Hono } from "hono";
import type { Narrative } from "../domain/narrative.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { readNarrative } from "./history.ts";
import { serviceOfIncident } from "./incident-id.ts";
import { monitorOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { narrativeQuery, parseQuery } from "./query-params.ts";

const SHOWN_LENGTH_MAX = 120;

function unknownNarrative(id: string, version: number | null): Response {
  const what = version === null ? "No narrative" : `No version ${version}`;
  const shown = JSON.stringify(id.slice(0, SHOWN_LENGTH_MAX));
  const detail = `${what} of incident ${shown} is known; GET /v1/incidents lists the incidents.`;
  return problem(404, "unknown_narrative", detail);
}

/** What the object of the incident's service holds; null where it holds nothing (any more), or does not answer: history goes on. */
async function heldNarrative(context: Context<AppContext>, id: string): Promise<Narrative | null> {
  const service = serviceOfIncident(id);
  if (service === null) return null;
  try {
    return await monitorOf(context.env, service).narrative(id);
  } catch (error) {
    console.warn("the object could not be asked for a narrative", error);
    return null;
  }
}

/** The newest words are the object's, at once; history has them moments later, and for as long as it has the incident. */
export const narrativeRoutes = new Hono<AppContext>().get(
  "/incidents/:id/narrative",
  requireRole("viewer", "admin"),
  async (context) => {
    const id = context.req.param("id");
    const query = parseQuery(narrativeQuery, context);
    if (query instanceof Response) return query;
    const { version } = query;
    const held = await heldNarrative(context, id);
    const isAsked = held !== null && (version === null || held.version === version);
    const narrative = isAsked ? held : await readNarrative(context.env.DB, id, version);
    return narrative === null ? unknownNarrative(id, version) : context.json(narrative);
  },
);
