/** What administrators do: take an incident on, end it, say what it was, and delete a service. */
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { SERVICE_NAME } from "../domain/event.ts";
import { FEEDBACKS, type Incident } from "../domain/incident.ts";
import type { IncidentAct, IncidentAnswer } from "../domain/incident-act.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { readIncident } from "./history.ts";
import { unknownIncident } from "./history-routes.ts";
import { serviceOfIncident } from "./incident-id.ts";
import { parseBody } from "./json-body.ts";
import { fleetOf, monitorOf } from "./neighbours.ts";
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

function actorOf(context: Context<AppContext>): string {
  const { role, by } = context.get("access");
  return `${role} by ${by}`;
}

/** The object numbers the change; of an incident that it holds no more, history says how it stands. */
async function act(context: Context<AppContext>, what: IncidentAct): Promise<Response> {
  const incident_id = context.req.param("id") ?? "";
  const service = serviceOfIncident(incident_id);
  if (service === null) return unknownIncident(incident_id);
  const ask = async (known: Incident | null): Promise<IncidentAnswer> =>
    monitorOf(context.env, service).act({ incident_id, act: what, actor: actorOf(context), known });
  let answer = await ask(null);
  if (answer.kind === "unknown" || answer.kind === "no_service") {
    const known = await readIncident(context.env.DB, incident_id);
    if (known === null) return unknownIncident(incident_id);
    if (answer.kind === "unknown") answer = await ask(known);
  }
  switch (answer.kind) {
    case "done":
      return context.json(answer.incident);
    case "already_resolved": {
      const { resolution, resolved_at } = answer.incident;
      const detail = `The incident was resolved (${resolution}) at ${resolved_at}; it opens again by itself if the fault returns.`;
      return problem(409, "already_resolved", detail);
    }
    case "no_service": {
      const detail = `${service} was deleted; its incidents stay in the history as they are.`;
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
