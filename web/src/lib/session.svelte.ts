/** Who is looking. What the server's answers mean stands in session-state.ts. */
import { clock } from "./clock.svelte.ts";
import { getJson, postJson } from "./http.ts";
import { linkCode } from "./session-link.ts";
import { askAgainAt, nextSession, type SessionState } from "./session-state.ts";
import type { SessionItem } from "../../../domain/resource.ts";

/** The path that someone wanted while signed out; the link with the code opens in a new tab, so a tab's memory is too short. */
const WANTED_KEY = "faultline.wanted";
const WANTED_FOR_MS = 15 * 60_000;

class Session {
  current = $state.raw<SessionState>({ state: "asking" });
  #asked_at_ms = 0;

  /** Exchanges the code of the address, if it has one, and finds out who is looking. Returns the path to continue at, if another. */
  async start(address: Location): Promise<string | null> {
    const code = linkCode(address.hash);
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

  /** Asks again: after a refused socket, and when it is due. What is not ready is asked for whoever looks. */
  async check(): Promise<void> {
    this.#asked_at_ms = clock.exact();
    const [asked, ready] = await Promise.all([getJson<SessionItem>("/v1/session"), getJson<unknown>("/ready")]);
    const next = nextSession(this.current, asked, ready);
    if (next.state === "signed_out" && this.current.state !== "signed_out") keepWanted();
    this.current = next;
  }

  /** Asks again if it is time to. */
  async checkIfDue(): Promise<void> {
    const due_ms = askAgainAt(this.current, this.#asked_at_ms);
    if (due_ms !== null && clock.exact() >= due_ms) await this.check();
  }

  /** The server has ended the session of a socket. A newer one may exist: another tab, or a link that was pasted, signed in anew. */
  async socketEnded(): Promise<void> {
    keepWanted();
    this.current = { state: "signed_out", reason: "ended" };
    await this.check();
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
