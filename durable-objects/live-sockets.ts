/**
 * The hibernating WebSockets of an object: accepted, greeted, told, and closed when their session ends. The Worker has
 * checked access, upgrade, subprotocol and parameters before; what it found comes in the forwarded address.
 */
import { SEVERITIES } from "../domain/incident.ts";
import type { Severity } from "../domain/incident.ts";
import { CLOSE_SESSION_ENDED, LIVE_SUBPROTOCOL, PING, PONG } from "../domain/message.ts";
import type { DurableEvent, FleetMessage, ServiceMessage } from "../domain/message.ts";

type LiveMessage = ServiceMessage | FleetMessage;

/** What one socket wants; kept as its attachment, so that it outlives hibernation. */
export interface LiveListener {
  /** When the session that opened it ends (ms); null for a token, which does not end. */
  readonly expires_at: number | null;
  /** Incident events below it, and narratives of such incidents, are not sent; null sends all. */
  readonly min_severity: Severity | null;
}

/** A forwarded upgrade: the listener, and the newest durable event its client holds (null for none). */
export interface LiveRequest extends LiveListener {
  readonly after: number | null;
}

/** The sockets as an actor's logic sees them. */
export interface LiveSockets {
  /** How many are open. */
  count(): number;
  /** Sends to every open socket that wants the message; never throws. */
  broadcast(message: LiveMessage): void;
  /** Closes with 4401 those whose session has ended. */
  closeEnded(now_ms: number): void;
  /** Closes all, with a code of domain/message.ts. */
  closeAll(code: number, reason: string): void;
  /** When the next session ends (ms), for the alarm; null when none does. */
  earliestExpiry(): number | null;
}

/** One object holds the sockets of one dashboard address; the platform allows 32,768, memory and one thread fewer. */
const SOCKETS_MAX = 4_000;

/** The Worker tells with these query parameters what it found. Absent: null. */
export function parseLiveRequest(url: URL): LiveRequest {
  return {
    after: numberOrNull(url.searchParams.get("after")),
    expires_at: numberOrNull(url.searchParams.get("expires_at")),
    min_severity: SEVERITIES.find((severity) => severity === url.searchParams.get("min_severity")) ?? null,
  };
}

/** Whether a listener wants a message: the filter is about incidents, numbers always pass. */
export function wants(listener: LiveListener, message: LiveMessage): boolean {
  if (!isFiltered(message)) return true;
  return passes(listener.min_severity, message.type === "incident" ? message.incident.severity : message.severity);
}

function isFiltered(message: LiveMessage): message is DurableEvent {
  return message.type === "incident" || message.type === "narrative";
}

/** Whether a severity is at or above the smallest that is wanted. */
export function passes(min_severity: Severity | null, severity: Severity): boolean {
  return min_severity === null || SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(min_severity);
}

export class HibernatingSockets implements LiveSockets {
  readonly #state: DurableObjectState;

  constructor(state: DurableObjectState) {
    this.#state = state;
    // The runtime answers a ping on its own: a page that is only open costs no request and keeps no object awake.
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /**
   * Accepts a forwarded upgrade. `greet` gives the first messages (snapshot, then missed events); nothing can come
   * between them and the live ones, since accepting and greeting are one synchronous step.
   */
  accept(request: LiveRequest, greet: (request: LiveRequest) => readonly LiveMessage[]): Response {
    if (this.count() >= SOCKETS_MAX) return tooManySockets();
    const { 0: client, 1: server } = new WebSocketPair();
    const listener: LiveListener = {
      expires_at: request.expires_at,
      min_severity: request.min_severity,
    };
    const greeting = greet(request).filter((message) => wants(listener, message));
    this.#state.acceptWebSocket(server);
    server.serializeAttachment(listener);
    for (const message of greeting) server.send(JSON.stringify(message));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "Sec-WebSocket-Protocol": LIVE_SUBPROTOCOL },
    });
  }

  count(): number {
    return this.#open().length;
  }

  broadcast(message: LiveMessage): void {
    const sockets = this.#open();
    if (sockets.length === 0) return;
    const text = JSON.stringify(message);
    for (const socket of sockets) {
      // Most messages are ticks, for which no attachment need be read.
      if (isFiltered(message) && !wants(listenerOf(socket), message)) continue;
      try {
        socket.send(text);
      } catch (error) {
        // One broken socket must not keep the others from hearing; its client reconnects with `?after=`.
        console.warn("a live socket could not be written to", error);
        closeQuietly(socket, 1011, "could not be written to");
      }
    }
  }

  closeEnded(now_ms: number): void {
    for (const socket of this.#open()) {
      const { expires_at } = listenerOf(socket);
      if (expires_at !== null && expires_at <= now_ms) closeQuietly(socket, CLOSE_SESSION_ENDED, "session ended");
    }
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.#open()) closeQuietly(socket, code, reason);
  }

  earliestExpiry(): number | null {
    let earliest: number | null = null;
    for (const socket of this.#open()) {
      const { expires_at } = listenerOf(socket);
      if (expires_at !== null && (earliest === null || expires_at < earliest)) earliest = expires_at;
    }
    return earliest;
  }

  /** For `webSocketMessage`: the runtime has answered pings before; whatever else comes is not of this protocol. */
  refuseMessage(socket: WebSocket): void {
    closeQuietly(socket, 1003, `this socket only takes "${PING}"`);
  }

  /**
   * For `webSocketClose`: without an answer the client's end stays half closed, as a test shows. Codes such as 1005 (none was
   * given) may not be sent.
   */
  answerClose(socket: WebSocket, code: number): void {
    const isSendable = code === 1000 || (code >= 3000 && code <= 4999);
    closeQuietly(socket, isSendable ? code : 1000, "closed by the client");
  }

  #open(): WebSocket[] {
    return this.#state.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
  }
}

function listenerOf(socket: WebSocket): LiveListener {
  // The attachment is written by `accept` alone; a socket without one would be a bug and hears everything.
  const listener: LiveListener | null = socket.deserializeAttachment();
  return listener ?? { expires_at: null, min_severity: null };
}

function closeQuietly(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch (error) {
    console.warn("a live socket was closed already", error);
  }
}

function numberOrNull(text: string | null): number | null {
  if (text === null) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

function tooManySockets(): Response {
  const detail = `This address serves at most ${SOCKETS_MAX} sockets at once; try again later.`;
  return Response.json(
    { type: "urn:faultline:too_many_sockets", title: "Service Unavailable", status: 503, detail },
    { status: 503, headers: { "Content-Type": "application/problem+json", "Retry-After": "30" } },
  );
}
