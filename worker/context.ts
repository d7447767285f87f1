/** What a request carries through the routes. */
import type { Env } from "./env.ts";

/** Who asks: a program by bearer token, or a browser by session cookie. */
export interface Access {
  readonly role: "ingest" | "viewer" | "admin";
  readonly by: "token" | "cookie";
  /** When the session ends (ms); null for a token. */
  readonly expires_at: number | null;
}

export interface AppContext {
  Bindings: Env;
  Variables: { access: Access };
}
