/**
 * What the page knows of its socket: a state machine without a clock, a timer or a socket. live-socket.ts feeds it, the top
 * bar shows what `describeConnection` makes of it.
 */
import { CLOSE_SESSION_ENDED } from "../../../domain/message.ts";
import { formatClock, formatSpan } from "./format/time.ts";

/** The client sends `ping` this often, and takes the socket for dead without a `pong` within the second span. */
export const PING_EVERY_MS = 15_000;
export const PONG_WITHIN_MS = 10_000;

/** A short loss mends itself and is told quietly; after this long what is on the screen must be called stale. */
const STALE_AFTER_MS = 30_000;

export const RETRY_MAX_MS = 15_000;
export const RETRY_GROWTH = 1.6;

export type Connection =
  | { readonly phase: "connecting"; readonly since_ms: number }
  | { readonly phase: "live"; readonly heard_at_ms: number }
  /** Lost: the next try is at `retry_at_ms`; `silent` when no `pong` came although the socket looked open. */
  | {
      readonly phase: "lost";
      readonly since_ms: number;
      readonly heard_at_ms: number | null;
      readonly retry_at_ms: number;
      readonly silent: boolean;
    }
  /** The session is over: only a new sign-in helps. */
  | { readonly phase: "ended" }
  /** The server speaks a newer protocol: only loading the page again helps. */
  | { readonly phase: "outdated" };

export type ConnectionEvent =
  | { readonly type: "opened"; readonly at_ms: number }
  | { readonly type: "heard"; readonly at_ms: number }
  | { readonly type: "pong_missed"; readonly at_ms: number }
  | { readonly type: "closed"; readonly at_ms: number; readonly code: number; readonly retry_in_ms: number }
  | { readonly type: "version_differs" };

export function nextConnection(connection: Connection, event: ConnectionEvent): Connection {
  // Both ends are final: a late frame of the old socket must not bring the page back to "live".
  if (connection.phase === "ended" || connection.phase === "outdated") return connection;
  switch (event.type) {
    case "opened":
    case "heard":
      return { phase: "live", heard_at_ms: event.at_ms };
    case "version_differs":
      return { phase: "outdated" };
    case "pong_missed":
      return lost(connection, event.at_ms, 0, true);
    case "closed":
      if (event.code === CLOSE_SESSION_ENDED) return { phase: "ended" };
      return lost(connection, event.at_ms, event.retry_in_ms, false);
  }
}

/** A second loss while lost keeps the moment of the first and only moves the next try. */
function lost(connection: Connection, at_ms: number, retry_in_ms: number, silent: boolean): Connection {
  const retry_at_ms = at_ms + retry_in_ms;
  if (connection.phase === "lost") return { ...connection, retry_at_ms, silent: connection.silent || silent };
  const heard_at_ms = connection.phase === "live" ? connection.heard_at_ms : null;
  const since_ms = connection.phase === "connecting" ? connection.since_ms : at_ms;
  return { phase: "lost", since_ms, heard_at_ms, retry_at_ms, silent };
}

/** What PartySocket waits before try `retry` (1 is the first after a loss); it computes the same from the same options. */
export function retryDelayMs(retry: number, first_ms: number): number {
  return retry <= 0 ? 0 : Math.min(RETRY_MAX_MS, first_ms * RETRY_GROWTH ** (retry - 1));
}

export interface ConnectionWords {
  readonly tone: "live" | "waiting" | "stale";
  readonly word: string;
  readonly detail: string;
  /** What can be done now, besides waiting. */
  readonly action: "retry" | "reload" | null;
}

/** `behind_ms`: how far the newest event is behind the receiving clock; null before the first tick. */
export function describeConnection(connection: Connection, now_ms: number, behind_ms: number | null): ConnectionWords {
  switch (connection.phase) {
    case "connecting":
      return { tone: "waiting", word: "Connecting", detail: "", action: null };
    case "live":
      return { tone: "live", word: "Live", detail: behindWords(behind_ms), action: null };
    case "ended":
      return { tone: "stale", word: "Signed out", detail: "", action: null };
    case "outdated":
      return { tone: "stale", word: "This page is older than the server", detail: "", action: "reload" };
    case "lost":
      return describeLoss(connection, now_ms);
  }
}

function describeLoss(loss: Connection & { phase: "lost" }, now_ms: number): ConnectionWords {
  const from_ms = loss.heard_at_ms ?? loss.since_ms;
  if (loss.silent || now_ms - loss.since_ms >= STALE_AFTER_MS) {
    const detail = formatSpan(now_ms - from_ms);
    return { tone: "stale", word: `Stale since ${formatClock(from_ms)}`, detail, action: "retry" };
  }
  const wait_s = Math.ceil((loss.retry_at_ms - now_ms) / 1000);
  const when = wait_s > 0 ? `in ${wait_s} s` : "now";
  const last = loss.heard_at_ms === null ? "" : `, last data ${formatClock(loss.heard_at_ms)}`;
  return { tone: "waiting", word: "Reconnecting", detail: `${when}${last}`, action: null };
}

function behindWords(behind_ms: number | null): string {
  if (behind_ms === null) return "";
  if (behind_ms < 10_000) return `${(Math.max(0, behind_ms) / 1000).toFixed(1)} s behind`;
  return `${formatSpan(behind_ms)} behind`;
}
