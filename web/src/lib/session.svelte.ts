/** Who is looking: the cookie itself is out of a script's reach, so the server is asked. */
import { getJson, postJson } from "./http.ts";
import type { Role, SessionItem } from "../../../domain/resource.ts";

export type SessionState =
  | { readonly state: "asking" }
  | { readonly state: "signed_in"; readonly role: Role }
  | { readonly state: "signed_out"; readonly reason: "no_session" | "ended" | "code_refused" }
  /** Faultline runs but is not set up; `detail` names the command that mends it. */
  | { readonly state: "not_ready"; readonly detail: string }
  | { readonly state: "unreachable"; readonly detail: string };

/** The path that someone wanted while signed out; the link with the code opens in a new tab, so a tab's memory is too short. */
const WANTED_KEY = "faultline.wanted";
const WANTED_FOR_MS = 15 * 60_000;

class Session {
  current = $state.raw<SessionState>({ state: "asking" });

  /** Exchanges the code of the address, if it has one, and finds out who is looking. Returns the path to continue at, if another. */
  async start(address: Location): Promise<string | null> {
    const code = new URLSearchParams(address.hash.slice(1)).get("code");
    if (code === null) {
      await this.check();
      return null;
    }
    const answer = await postJson<null>("/v1/session", { code });
    if (!answer.ok && answer.status >= 400 && answer.status < 500) {
      await this.check();
      // A used code is no matter for someone who is signed in already: the link was merely opened twice.
      if (this.current.state === "signed_out") this.current = { state: "signed_out", reason: "code_refused" };
    } else {
      await this.check();
    }
    return this.current.state === "signed_in" ? takeWanted() : null;
  }

  /** Asks again: after a refused socket, or when the page comes back into view. */
  async check(): Promise<void> {
    const answer = await getJson<SessionItem>("/v1/session");
    if (answer.ok) {
      this.current = { state: "signed_in", role: answer.value.role };
      return;
    }
    if (answer.status === 0) {
      // Someone signed in keeps what is on the screen: the top bar tells of the lost connection.
      if (this.current.state !== "signed_in") this.current = { state: "unreachable", detail: answer.detail };
      return;
    }
    const ready = await getJson<unknown>("/ready");
    if (!ready.ok && ready.status === 503) this.current = { state: "not_ready", detail: ready.detail };
    else if (answer.status === 401) this.end(this.current.state === "signed_in" ? "ended" : "no_session");
    else this.current = { state: "unreachable", detail: answer.detail };
  }

  end(reason: "no_session" | "ended"): void {
    keepWanted();
    this.current = { state: "signed_out", reason };
  }
}

function keepWanted(): void {
  const path = location.pathname + location.search;
  localStorage.setItem(WANTED_KEY, JSON.stringify({ path, at: Date.now() }));
}

function takeWanted(): string | null {
  const text = localStorage.getItem(WANTED_KEY);
  localStorage.removeItem(WANTED_KEY);
  if (text === null) return null;
  const { path, at } = JSON.parse(text) as { path: string; at: number };
  // Only a path of this origin: `//elsewhere` would lead away.
  return Date.now() - at < WANTED_FOR_MS && /^\/(?!\/)/.test(path) ? path : null;
}

export const session = new Session();
