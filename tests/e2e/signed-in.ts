/** A browser that is signed in. */
import type { BrowserContext } from "playwright-core";
import type { Role } from "../../domain/resource.ts";
import { cookieName, sessionCookie } from "../../worker/session.ts";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";

/** @param expires_at epoch ms; in ten minutes if nothing is said */
export async function signIn(
  context: BrowserContext,
  server: FaultlineServer,
  role: Role,
  expires_at = Date.now() + 600_000,
): Promise<void> {
  const value = await sessionCookie({ role, expires_at }, TOKENS.ADMIN_TOKEN);
  await context.addCookies([{ name: cookieName(new URL(server.url)), value, url: server.url }]);
}
