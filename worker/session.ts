/**
 * The browser's session: a cookie `role.expiry.HMAC` and nothing on the server. The key is derived from the admin token, so
 * that a new admin token ends every session.
 */
import { type Role, ROLES } from "../domain/resource.ts";
import { isSameSecret, signature } from "./secret.ts";

/** A working day; the next one starts with a new link. */
export const SESSION_MS = 12 * 60 * 60_000;

const PURPOSE = "faultline session cookie, version 1";

export interface Session {
  readonly role: Role;
  /** Epoch ms. */
  readonly expires_at: number;
}

/** The cookie's value for a new session. */
export async function sessionCookie(session: Session, admin_token: string): Promise<string> {
  const claim = `${session.role}.${session.expires_at}`;
  return `${claim}.${await signature(admin_token, PURPOSE, claim)}`;
}

/** The session of a cookie's value; null where it is forged, altered or over. */
export async function readSession(value: string, admin_token: string, now_ms: number): Promise<Session | null> {
  const parts = /^([a-z]{1,10})\.(\d{1,15})\.([\w-]{43})$/.exec(value);
  const role = ROLES.find((known) => known === parts?.[1]);
  if (parts === null || role === undefined) return null;
  const signed = await signature(admin_token, PURPOSE, `${role}.${parts[2]}`);
  if (!(await isSameSecret(signed, parts[3]!))) return null;
  const expires_at = Number(parts[2]);
  return expires_at > now_ms ? { role, expires_at } : null;
}

/** On https the browser itself keeps the cookie to this host and path: `__Host-` demands Secure, Path=/ and no Domain. */
export function cookieName(url: URL): string {
  return url.protocol === "https:" ? "__Host-faultline_session" : "faultline_session";
}

/** The `Set-Cookie` header for a value; an empty value ends the session. */
export function setCookie(url: URL, value: string): string {
  const max_age_s = value === "" ? 0 : SESSION_MS / 1000;
  const secure = url.protocol === "https:" ? "; Secure" : "";
  return `${cookieName(url)}=${value}; Path=/; Max-Age=${max_age_s}; HttpOnly; SameSite=Strict${secure}`;
}

/** The session cookie's value in a `Cookie` header; null without one. */
export function cookieValue(header: string | null, url: URL): string | null {
  const name = cookieName(url);
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
