/** Who is looking, as the server's answers tell: the cookie itself is out of a script's reach. Without a clock or a request. */
import type { Role, SessionItem } from "../../../domain/resource.ts";
import type { Answer } from "./http.ts";

export type SessionState =
  | { readonly state: "asking" }
  | {
      readonly state: "signed_in";
      readonly role: Role;
      /** Epoch ms by the server's clock. */
      readonly expires_at_ms: number | null;
      /** Faultline runs but a part of it is not set up or down; names the command that mends it. Null where all is well. */
      readonly trouble: string | null;
    }
  | { readonly state: "signed_out"; readonly reason: "no_session" | "ended" | "code_refused" }
  /** Nobody can sign in before `detail` is done: it names the command that mends it. */
  | { readonly state: "not_ready"; readonly detail: string }
  | { readonly state: "unreachable"; readonly detail: string };

/** How often an outage, a missing session or a trouble is looked at again while someone waits before it. */
const LOOK_AGAIN_MS = 4000;

/** What `GET /v1/session` and `GET /ready`, asked together, make of what was known. */
export function nextSession(current: SessionState, asked: Answer<SessionItem>, ready: Answer<unknown>): SessionState {
  const trouble = !ready.ok && ready.status === 503 ? ready.detail : null;
  if (asked.ok) {
    const { role, expires_at } = asked.value;
    const expires_at_ms = expires_at === null ? null : Date.parse(expires_at);
    return { state: "signed_in", role, expires_at_ms, trouble };
  }
  if (asked.status === 0) {
    // Someone signed in keeps what is on the screen: the top bar tells of the lost connection.
    return current.state === "signed_in" ? current : { state: "unreachable", detail: asked.detail };
  }
  if (trouble !== null) return { state: "not_ready", detail: trouble };
  if (asked.status !== 401) return { state: "unreachable", detail: asked.detail };
  // Asked again, the reason stays: "your session has ended" must not turn into "you are not signed in" meanwhile.
  if (current.state === "signed_out") return current;
  return { state: "signed_out", reason: current.state === "signed_in" ? "ended" : "no_session" };
}

/**
 * When the server has to be asked again (epoch ms); null where only an event gives reason to. A session that ends by time is
 * asked for at once: the socket's own word on it can take long to arrive, since a browser waits for both ends to hang up.
 *
 * @param asked_at_ms when it was asked last
 */
export function askAgainAt(current: SessionState, asked_at_ms: number): number | null {
  const soon = asked_at_ms + LOOK_AGAIN_MS;
  if (current.state === "asking") return null;
  if (current.state !== "signed_in") return soon;
  const { expires_at_ms, trouble } = current;
  if (expires_at_ms !== null && expires_at_ms > asked_at_ms) {
    return trouble === null ? expires_at_ms : Math.min(soon, expires_at_ms);
  }
  return expires_at_ms === null && trouble === null ? null : soon;
}
