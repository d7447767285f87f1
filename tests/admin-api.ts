/** Asking the Worker in the Workers runtime: by role, with bodies as objects, and with another environment where a test needs it. */
import { env, exports } from "cloudflare:workers";
import { app } from "../worker/app.ts";
import type { Env } from "../worker/env.ts";

const bearer = (token: string | undefined): Record<string, string> => ({ Authorization: `Bearer ${token}` });
export const [VIEWER, ADMIN, INGEST] = [
  bearer(env.VIEWER_TOKEN),
  bearer(env.ADMIN_TOKEN),
  bearer(env.INGEST_TOKEN),
] as const;

export type Body = object | string;

/** As an administrator, if nothing else is said. A text is sent as it is. */
export function ask(
  method: string,
  path: string,
  body?: Body,
  headers: Record<string, string> = ADMIN,
): Promise<Response> {
  return exports.default.fetch(`https://faultline.example${path}`, initOf(method, body, headers));
}

/** The same with another environment. */
export async function askWith(
  change: Partial<Env>,
  method: string,
  path: string,
  body?: Body,
  headers: Record<string, string> = ADMIN,
): Promise<Response> {
  return app.request(`https://faultline.example${path}`, initOf(method, body, headers), { ...env, ...change });
}

function initOf(method: string, body: Body | undefined, headers: Record<string, string>): RequestInit {
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  return { method, headers, ...(text === undefined ? {} : { body: text }) };
}

export interface Audit {
  readonly action: string;
  readonly actor: string;
  readonly subject: string;
  readonly detail: object;
}

/** The audit log, the oldest act first. */
export async function audits(): Promise<readonly Audit[]> {
  const query = "SELECT action, actor, subject, detail FROM audit_log ORDER BY change_id";
  const { results } = await env.DB.prepare(query).all<Audit & { readonly detail: string }>();
  return results.map((row) => ({ ...row, detail: JSON.parse(row.detail) as object }));
}

const getByName = (): never => {
  throw new Error("the fleet is down");
};
export const WITHOUT_FLEET = { FLEET: { getByName } as unknown as Env["FLEET"] };
