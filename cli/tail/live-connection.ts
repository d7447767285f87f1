/** One connection to a live address, from its opening to its end, with the heartbeat that tells a dead one from a quiet one. */
import { LIVE_SUBPROTOCOL, PING, PONG } from "../../domain/message.ts";
import { isObject } from "../json-object.ts";
import type { LiveMessage } from "./live-cursor.ts";

/** How long (ms) is waited: for the socket to open, between two pings, and for the answer to one (DESIGN.md, section 4). */
export interface Patience {
  readonly open_ms: number;
  readonly ping_every_ms: number;
  readonly pong_within_ms: number;
}

export const PATIENCE: Patience = { open_ms: 10_000, ping_every_ms: 15_000, pong_within_ms: 10_000 };

export interface LiveListener {
  message(message: LiveMessage): void;
  /** The server has answered a ping. */
  pong(): void;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** The server had said something on it. */
  readonly was_heard: boolean;
  /** Of the close frame, or 1006 where none came; null where it was given up on this side. */
  readonly code: number | null;
  /** In words, for people. */
  readonly reason: string;
}

export class LiveConnection {
  /** Rejects only with what the listener threw. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #settle: PromiseWithResolvers<ConnectionEnd>;
  readonly #socket: WebSocket;
  readonly #patience: Patience;
  readonly #listener: LiveListener;
  /** Takes the listeners away. */
  readonly #over = new AbortController();
  #was_heard = false;
  #waiting: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  /** @param address a live address with its parameters, http or https */
  constructor(address: URL, token: string, patience: Patience, listener: LiveListener) {
    this.#settle = Promise.withResolvers();
    this.ended = this.#settle.promise;
    this.#patience = patience;
    this.#listener = listener;
    this.#socket = openSocket(address, token);
    const { signal } = this.#over;
    this.#socket.addEventListener("open", () => this.#open(), { signal });
    this.#socket.addEventListener("message", ({ data }) => this.#take(String(data)), { signal });
    this.#socket.addEventListener("close", ({ code, reason }) => this.#end(code, closeWords(code, reason)), { signal });
    this.#await(patience.open_ms, "nothing answers");
  }

  /** Ends it from this side. */
  close(): void {
    this.#end(null, "it was closed here");
  }

  #open(): void {
    this.#heard();
    // At once, too: the answer comes after all that was missed.
    this.#ping();
    this.#heartbeat = setInterval(() => this.#ping(), this.#patience.ping_every_ms);
  }

  #ping(): void {
    this.#socket.send(PING);
    this.#await(this.#patience.pong_within_ms, "it has fallen silent");
  }

  #take(text: string): void {
    this.#was_heard = true;
    try {
      if (text === PONG) {
        this.#heard();
        this.#listener.pong();
        return;
      }
      const message = parseMessage(text);
      if (message === null) this.#end(null, "it speaks another protocol");
      else this.#listener.message(message);
    } catch (error) {
      this.#stop();
      this.#settle.reject(error);
    }
  }

  #await(wait_ms: number, reason: string): void {
    this.#waiting ??= setTimeout(() => this.#end(null, reason), wait_ms);
  }

  #heard(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
  }

  #end(code: number | null, reason: string): void {
    this.#stop();
    this.#settle.resolve({ was_heard: this.#was_heard, code, reason });
  }

  #stop(): void {
    this.#over.abort();
    this.#heard();
    clearInterval(this.#heartbeat);
    // Nobody waits for the answer of a server that may be gone.
    this.#socket.close();
  }
}

/** Node's own WebSocket takes headers beside the subprotocols; its type is the browsers', which do not. */
function openSocket(address: URL, token: string): WebSocket {
  const url = new URL(address);
  url.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const options = { protocols: [LIVE_SUBPROTOCOL], headers: { authorization: `Bearer ${token}` } };
  return new WebSocket(url.href, options as unknown as string[]);
}

/** Null for what is no message of any version. */
function parseMessage(text: string): LiveMessage | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && typeof parsed["type"] === "string" ? (parsed as unknown as LiveMessage) : null;
  } catch {
    return null;
  }
}

function closeWords(code: number, reason: string): string {
  if (reason !== "") return `${reason} (${code})`;
  return code === 1006 ? "the connection broke off" : `it was closed with ${code}`;
}
