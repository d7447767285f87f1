/** How a browser signs in: an admin mints a code, the page exchanges it once for a cookie. */
import { Hono } from "hono";
import * as v from "valibot";
import { ROLES, type SessionItem } from "../domain/resource.ts";
import { isSameOrigin, refusal, requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { parseBody } from "./json-body.ts";
import { fleetOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { SESSION_MS, sessionCookie, setCookie } from "./session.ts";

const codeWish = v.object({
  role: v.optional(v.picklist(ROLES, `must be ${ROLES.join(" or ")}`), "viewer"),
});

const codeProof = v.object({
  code: v.pipe(v.string("must be the code of a link"), v.maxLength(200, "is too long for a code")),
});

export const sessionRoutes = new Hono<AppContext>()
  .post("/session/codes", requireRole("admin"), async (context) => {
    const wish = await parseBody(codeWish, context);
    if (wish instanceof Response) return wish;
    return context.json(await fleetOf(context.env).mintCode(wish.role), 201);
  })
  .post("/session", async (context) => {
    const admin_token = context.env.ADMIN_TOKEN?.trim() ? context.env.ADMIN_TOKEN : null;
    if (admin_token === null) return refusal("not_configured", context.req.url);
    // Another site must not sign its visitor in here, as whoever it likes. Programs send no Origin.
    if (context.req.header("Origin") !== undefined && !isSameOrigin(context.req.raw)) {
      return refusal("wrong_origin", context.req.url);
    }
    const proof = await parseBody(codeProof, context);
    if (proof instanceof Response) return proof;
    const role = await fleetOf(context.env).redeemCode(proof.code);
    if (role === null) {
      const answer = problem(
        401,
        "code_refused",
        "code: used already, older than five minutes, or never given out; ask for a new link.",
      );
      answer.headers.set("WWW-Authenticate", "Bearer");
      return answer;
    }
    const session = { role, expires_at: Date.now() + SESSION_MS };
    context.header("Set-Cookie", setCookie(new URL(context.req.url), await sessionCookie(session, admin_token)));
    return context.json({ role, expires_at: new Date(session.expires_at).toISOString() } satisfies SessionItem);
  })
  .get("/session", requireRole("viewer", "admin"), (context) => {
    const { role, expires_at } = context.get("access");
    const shown = role === "admin" ? "admin" : "viewer";
    return context.json({
      role: shown,
      expires_at: expires_at === null ? null : new Date(expires_at).toISOString(),
    } satisfies SessionItem);
  })
  .delete("/session", requireRole("viewer", "admin"), (context) => {
    context.header("Set-Cookie", setCookie(new URL(context.req.url), ""));
    return context.body(null, 204);
  });
