/** A link that opens the dashboard signed in. */
import type { Role } from "../domain/resource.ts";
import { Failure, reasonOf } from "./failure.ts";

/** Where `npm start` serves unless told otherwise. */
export const DEFAULT_URL = "http://127.0.0.1:8787";

/**
 * Has the server at `url` mint a code (single use, 5 min) and wraps it in a link. The code stands in the fragment, which
 * browsers send to no server.
 *
 * @throws Failure where nothing answers or the token is refused
 */
export async function sessionLink(url: string, adminToken: string, role: Role): Promise<string> {
  const response = await fetch(new URL("/v1/session/codes", url), {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ role }),
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => {
    throw new Failure(
      `nothing answers at ${url} (${causeOf(error)}): start it with \`npm start\`, or name another with --url.`,
    );
  });
  if (response.status === 401 || response.status === 403) {
    throw new Failure(`${url} refuses the ADMIN_TOKEN: take the one that this server was started with.`);
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok || !hasCode(body)) {
    throw new Failure(
      `${url} answered ${response.status} to the wish for a link: is it Faultline, and \`curl ${url}/ready\` content?`,
    );
  }
  return `${new URL("/", url).href}#code=${encodeURIComponent(body.code)}`;
}

function hasCode(body: unknown): body is { readonly code: string } {
  return typeof body === "object" && body !== null && "code" in body && typeof body.code === "string";
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error);
  const { cause } = error;
  return cause instanceof Error ? reasonOf("code" in cause ? cause.code : cause) : error.message;
}
