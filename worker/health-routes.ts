/** Whether the process lives, and whether it can serve: the two questions of whoever operates it. */
import { type Context, Hono } from "hono";
import type { Readiness } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import type { Env } from "./env.ts";
import { checkNarrator } from "./narrator-status.ts";
import { problem } from "./problem.ts";
import { type Checks, checkFleet, checkReadiness } from "./readiness.ts";

const requireReader = requireRole("viewer", "admin");

export const healthRoutes = new Hono<AppContext>()
  .get("/health", (context) => context.json({ status: "ok" }))
  // In short it is for load balancers and for people who have no token yet; what runs where is for those who may read.
  .use("/ready", (context, next) => (isVerbose(context) ? requireReader(context, next) : next()))
  .get("/ready", async (context) => {
    const checks = await checkReadiness(context.env, context.req.url);
    const more = isVerbose(context) ? await verbosePart(checks, context.env) : {};
    const failed = [checks.tokens, checks.history, checks.migrations].filter((check) => !check.ok);
    if (failed.length === 0) return context.json({ ready: true, ...more });
    const detail = failed.map((check) => check.detail).join(" ");
    return problem(503, "not_ready", detail, { ready: false, ...more });
  });

function isVerbose(context: Context<AppContext>): boolean {
  return context.req.query("verbose") !== undefined;
}

async function verbosePart(checks: Checks, env: Env): Promise<Omit<Readiness, "ready">> {
  const [{ checks: fleet, bridges }, narrator] = await Promise.all([checkFleet(env), checkNarrator(env)]);
  return { checks: { ...checks, ...fleet, narrator }, bridges };
}
