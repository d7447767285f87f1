/** Who did something, for the audit log. */
import type { Context } from "hono";
import type { AppContext } from "./context.ts";

/** The role, and how it was shown: `admin by token`. */
export function actorOf(context: Context<AppContext>): string {
  const { role, by } = context.get("access");
  return `${role} by ${by}`;
}
