/** Who may do what: programs by bearer token, browsers by session cookie (DESIGN.md section 4, "Access"). */
import type { MiddlewareHandler } from "hono";
import { linkCommand } from "../domain/link-command.ts";
import type { Access, AppContext } from "./context.ts";
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";
import { isSameSecret } from "./secret.ts";
import { cookieValue, readSession } from "./session.ts";

type Tokens = Pick<Env, "INGEST_TOKEN" | "VIEWER_TOKEN" | "ADMIN_TOKEN">;
type AccessRole = Access["role"];

/** Why a request is refused. */
export type Refused =
  | "not_configured"
  | "no_credentials"
  | "wrong_token"
  | "session_ended"
  | "role_too_small"
  | "wrong_origin";

export type Decision =
  | { readonly ok: true; readonly access: Access }
  | { readonly ok: false; readonly reason: Refused };

/** LINK stands for the command that prints a link to the very origin that was asked. */
const DETAILS: Readonly<Record<Refused, string>> = {
  not_configured:
    "The tokens are not set, so that nobody is let in: run `npm start`, or set INGEST_TOKEN, VIEWER_TOKEN and ADMIN_TOKEN in .dev.vars (deployed: `npx wrangler secret put …`).",
  no_credentials: "Authorization: missing; send `Bearer <token>`, or open a link that `LINK` prints.",
  wrong_token: "Authorization: the bearer token is none of those that this server was started with.",
  session_ended: "The session has ended; open a link that `LINK` prints.",
  role_too_small: "This token or session is right, but its role may not do this.",
  wrong_origin:
    "Origin: a request by cookie that changes something, or opens a socket, must come from this very origin.",
};

/**
 * Answers for those who are not let in.
 *
 * @param asked the address of the request, whose origin a new link has to lead to
 * @param more a second sentence
 */
export function refusal(reason: Refused, asked: string, more = ""): Response {
  const detail = `${DETAILS[reason].replace("LINK", linkCommand(new URL(asked).origin))}${more}`;
  if (reason === "role_too_small" || reason === "wrong_origin") return problem(403, reason, detail);
  const answer = problem(401, reason, detail);
  answer.headers.set("WWW-Authenticate", "Bearer");
  return answer;
}

/**
 * Lets a request pass whose token or session has one of the roles; routes then read `access`. An admin does what viewers do
 * where both are named; nobody but the ingest token sends events.
 */
export function requireRole(...roles: readonly AccessRole[]): MiddlewareHandler<AppContext> {
  return async (context, next) => {
    const decision = await decideAccess(context.req.raw, context.env, roles, Date.now());
    if (!decision.ok) {
      const isRole = decision.reason === "role_too_small";
      return refusal(decision.reason, context.req.url, isRole ? ` It takes: ${roles.join(" or ")}.` : "");
    }
    context.set("access", decision.access);
    return next();
  };
}

/** Who asks, or why they are refused. A bearer token counts alone: a wrong one is not helped by a cookie. */
export async function decideAccess(
  request: Request,
  tokens: Tokens,
  roles: readonly AccessRole[],
  now_ms: number,
): Promise<Decision> {
  const authorization = request.headers.get("Authorization");
  const cookie = cookieValue(request.headers.get("Cookie"), new URL(request.url));
  if (roles.every((role) => tokenOf(tokens, role) === null)) return { ok: false, reason: "not_configured" };
  if (authorization !== null) return decideByToken(authorization, tokens, roles);
  if (cookie !== null) return decideByCookie(request, cookie, tokens, roles, now_ms);
  return { ok: false, reason: "no_credentials" };
}

/** Whether a request says that it comes from the origin it goes to. */
export function isSameOrigin(request: Request): boolean {
  return request.headers.get("Origin") === new URL(request.url).origin;
}

async function decideByToken(authorization: string, tokens: Tokens, roles: readonly AccessRole[]): Promise<Decision> {
  const presented = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (presented === undefined) return { ok: false, reason: "wrong_token" };
  const all: readonly AccessRole[] = ["ingest", "viewer", "admin"];
  // All are compared, whichever fits, so that the time does not tell which role a guess came near to.
  const matches = await Promise.all(
    all.map(async (role) => {
      const token = tokenOf(tokens, role);
      return token !== null && (await isSameSecret(token, presented));
    }),
  );
  const held = all.filter((_, at) => matches[at]);
  if (held.length === 0) return { ok: false, reason: "wrong_token" };
  const role = held.findLast((candidate) => roles.includes(candidate));
  if (role === undefined) return { ok: false, reason: "role_too_small" };
  return { ok: true, access: { role, by: "token", expires_at: null } };
}

async function decideByCookie(
  request: Request,
  cookie: string,
  tokens: Tokens,
  roles: readonly AccessRole[],
  now_ms: number,
): Promise<Decision> {
  const admin_token = tokenOf(tokens, "admin");
  const session = admin_token === null ? null : await readSession(cookie, admin_token, now_ms);
  if (session === null) return { ok: false, reason: "session_ended" };
  const isRead = request.method === "GET" || request.method === "HEAD";
  // Browsers attach cookies to sockets of any page and do not keep scripts from reading them: an upgrade is no plain read.
  const isUpgrade = request.headers.has("Upgrade");
  if ((!isRead || isUpgrade) && !isSameOrigin(request)) return { ok: false, reason: "wrong_origin" };
  if (!roles.includes(session.role)) return { ok: false, reason: "role_too_small" };
  return { ok: true, access: { ...session, by: "cookie" } };
}

/** Null where it is not set: an empty token lets nobody in. */
function tokenOf(tokens: Tokens, role: AccessRole): string | null {
  const token = { ingest: tokens.INGEST_TOKEN, viewer: tokens.VIEWER_TOKEN, admin: tokens.ADMIN_TOKEN }[role];
  return token === undefined || token.trim() === "" ? null : token;
}
