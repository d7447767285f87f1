/** What somebody needs who connects the first events: the token to send them with, and what was wrong with those that came. */
import { Hono } from "hono";
import type { Page } from "../domain/resource.ts";
import type { Rejection } from "../domain/rejection.ts";
import { requireRole } from "./access.ts";
import { writeAudit } from "./audit.ts";
import type { AppContext } from "./context.ts";
import { fleetOf } from "./neighbours.ts";
import { problem } from "./problem.ts";

export const firstUseRoutes = new Hono<AppContext>()
  .get("/rejections", requireRole("viewer", "admin"), async (context) => {
    const items = await fleetOf(context.env).rejections();
    return context.json({ items, next: null } satisfies Page<Rejection>);
  })
  // Not a GET: it leaves a row in the audit log, and by cookie it takes a request from this very origin (access.ts). The row is
  // written first, so that nobody is shown the token unseen.
  .post("/ingest-token", requireRole("admin"), async (context) => {
    const token = context.env.INGEST_TOKEN?.trim() ?? "";
    if (token === "") return problem(404, "no_ingest_token", "INGEST_TOKEN is not set: GET /ready says how to set it.");
    const at = new Date().toISOString();
    const actor = `admin by ${context.get("access").by}`;
    const act = { actor, action: "ingest_token.shown", subject: "*" };
    await writeAudit(context.env.DB, act, `* ${at} ${crypto.randomUUID()}`, {}, at);
    return context.json({ token });
  });
