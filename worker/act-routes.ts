/** What administrators do: take an incident on, end it, say what it was, and delete a service. */
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { SERVICE_NAME } from "../domain/event.ts";
import { FEEDBACKS } from "../domain/incident.ts";
import type { IncidentAct } from "../domain/incident-act.ts";
import { requireRole } from "./access.ts";
import { actorOf } from "./actor.ts";
import type { AppContext } from "./context.ts";
import { unknownIncident } from "./history-routes.ts";
import { actOnIncident } from "./incident-acts.ts";
import { serviceOfIncident } from "./incident-id.ts";
import { parseBody } from "./json-body.ts";
import { fleetOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { unknownService } from "./service-routes.ts";

const NAME_RIGHT = "must be 1 to 80 printable characters";
const VERDICT_RIGHT = `must be ${FEEDBACKS.join(" or ")}, or null to take it back`;

/** Who takes it on; the role where no name is given. */
const acknowledgement = v.object({
  by: v.optional(v.pipe(v.string(NAME_RIGHT), v.trim(), v.regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u, NAME_RIGHT))),
});

/** Null as the whole body takes back too. */
const judgement = v.nullable(
  v.object({ verdict: v.nullable(v.picklist(FEEDBACKS, VERDICT_RIGHT)) }, ({ received }) =>
    received === "undefined" ? VERDICT_RIGHT : "it has no verdict",
  ),
);

async function act(context: Context<AppContext>, what: IncidentAct): Promise<Response> {
  const incident_id = context.req.param("id") ?? "";
  const answer = await actOnIncident(context.env, incident_id, what, actorOf(context));
  switch (answer.kind) {
    case "done":
      return context.json(answer.incident);
    case "already_resolved": {
      const { resolution, resolved_at } = answer.incident;
      const detail = `The incident was resolved (${resolution}) at ${resolved_at}; it opens again by itself if the fault returns.`;
      return problem(409, "already_resolved", detail);
    }
    case "no_service": {
      const detail = `${serviceOfIncident(incident_id)} was deleted; its incidents stay in the history as they are.`;
      return problem(409, "service_deleted", detail);
    }
    case "unknown":
      return unknownIncident(incident_id);
  }
}

export const actRoutes = new Hono<AppContext>()
  .post("/incidents/:id/acknowledge", requireRole("admin"), async (context) => {
    const body = await parseBody(acknowledgement, context);
    if (body instanceof Response) return body;
    return act(context, { kind: "acknowledge", by: body.by ?? context.get("access").role });
  })
  .post("/incidents/:id/resolve", requireRole("admin"), async (context) => act(context, { kind: "resolve" }))
  .post("/incidents/:id/feedback", requireRole("admin"), async (context) => {
    const body = await parseBody(judgement, context);
    if (body instanceof Response) return body;
    return act(context, { kind: "feedback", verdict: body?.verdict ?? null });
  })
  .delete("/services/:service", requireRole("admin"), async (context) => {
    const service = context.req.param("service");
    const outcome = SERVICE_NAME.test(service)
      ? await fleetOf(context.env).remove(service, actorOf(context))
      : "unknown";
    if (outcome === "unknown") return unknownService(service);
    if (outcome === "removed") return context.body(null, 204);
    const detail = `The object of ${service} does not answer, so that it stays; ask again once it does.`;
    return problem(503, "object_unavailable", detail);
  });
