/** A link that opens the dashboard signed in. */
import type { Role } from "../domain/resource.ts";
import { adminRequest } from "./admin-request.ts";
import { Failure } from "./failure.ts";

/**
 * Has the server at `url` mint a code (single use, 5 min) and wraps it in a link. The code stands in the fragment, which
 * browsers send to no server.
 *
 * @throws Failure where nothing answers or the token is refused
 */
export async function sessionLink(url: string, adminToken: string, role: Role): Promise<string> {
  const wish = { method: "POST", path: "/v1/session/codes", body: JSON.stringify({ role }) } as const;
  const response = await adminRequest(url, adminToken, wish);
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
