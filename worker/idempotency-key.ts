/** Under which key somebody makes a subscription or a silence, so that the request can be sent again without making another. */
import type { Context } from "hono";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";

const KEY_RIGHT = /^[\x20-\x7e]{1,200}$/;

/** As the history database keeps it; null where none was sent; or the 400. */
export function idempotencyKey(
  context: Context<AppContext>,
  what: "subscription" | "silence",
): string | null | Response {
  const key = context.req.header("Idempotency-Key");
  if (key === undefined) return null;
  if (KEY_RIGHT.test(key)) return `${what} ${key}`;
  return problem(400, "bad_header", "Idempotency-Key: must be 1 to 200 printable characters of ASCII.");
}

/** What was made under a key is not there any more: it is not made a second time by who only sends again. */
export function madeBefore(id: string): Response {
  const detail = `Idempotency-Key: ${id} was made under it, and has ended or was deleted since; use a new key for another.`;
  return problem(409, "made_before", detail, { id });
}
