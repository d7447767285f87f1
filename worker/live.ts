/** Upgrades to a live socket: checked here, so that a wrong one wakes no object, then handed on with what was found. */
import type { Context } from "hono";
import * as v from "valibot";
import { SEVERITIES } from "../domain/incident.ts";
import { LIVE_SUBPROTOCOL } from "../domain/message.ts";
import type { LiveRequest } from "../durable-objects/live-sockets.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";
import { parseQuery } from "./query-params.ts";

type LiveQuery = Pick<LiveRequest, "after" | "min_severity">;

const schema = v.object({
  after: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,15}$/, "after: must be the seq of an event, a whole number."),
        v.transform(Number),
      ),
    ),
    null,
  ),
  min_severity: v.optional(v.nullable(v.picklist(SEVERITIES, `min_severity: must be ${SEVERITIES.join(", ")}.`)), null),
});

/** What a socket asks for, or the refusal: 426 for a plain request, 400 for another subprotocol or a wrong parameter. */
export function liveQuery(context: Context<AppContext>): LiveQuery | Response {
  if (context.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    const answer = problem(426, "upgrade_required", "This address is a WebSocket: send `Upgrade: websocket`.");
    answer.headers.set("Upgrade", "websocket");
    return answer;
  }
  const offered =
    context.req
      .header("Sec-WebSocket-Protocol")
      ?.split(",")
      .map((name) => name.trim()) ?? [];
  if (!offered.includes(LIVE_SUBPROTOCOL)) {
    return problem(400, "bad_subprotocol", `Sec-WebSocket-Protocol: must offer ${LIVE_SUBPROTOCOL}.`);
  }
  return parseQuery(schema, context);
}

/**
 * Hands the upgrade to an object by `forward`. Only what was checked goes on: no cookie, no token, and no parameter of the
 * client's own (durable-objects/live-sockets.ts reads these).
 */
export async function forwardLive(
  context: Context<AppContext>,
  query: LiveQuery,
  forward: (request: Request) => Promise<Response>,
): Promise<Response> {
  const url = new URL("https://object/live");
  const found = { ...query, expires_at: context.get("access").expires_at } satisfies LiveRequest;
  for (const [name, value] of Object.entries(found)) if (value !== null) url.searchParams.set(name, String(value));
  const response = await forward(
    new Request(url, { headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": LIVE_SUBPROTOCOL } }),
  );
  // A refusal of the object comes with headers that cannot be changed, and the API's own are still to be added.
  return response.status === 101 ? response : new Response(response.body, response);
}
