/** The live connection of the page that is open, for the top bar. Only one page is open, so there is only one. */
import { clock } from "./clock.svelte.ts";
import { openLive, type LiveOptions, type LiveSocket } from "./live-socket.ts";
import { session } from "./session.svelte.ts";
import type { Connection } from "./live-connection.ts";
import type { FleetMessage, ServiceMessage } from "../../../domain/message.ts";

/** What a page follows, and who else hears how its socket fares. */
export type LiveSource<Message> = Pick<LiveOptions<Message>, "path" | "after" | "onMessage"> &
  Partial<Pick<LiveOptions<Message>, "onConnection">>;

class LiveConnection {
  current = $state.raw<Connection | null>(null);
  /** The newest event time that a tick told, by the server's clock. */
  #newest_event_ms: number | null = null;
  #socket: LiveSocket | null = null;

  /** How far the newest event is behind the receiving clock; null before the first tick. It grows while nothing arrives. */
  get behind_ms(): number | null {
    // Read once a second, not at each tick: a number that changes four times a second cannot be read.
    void clock.now;
    return this.#newest_event_ms === null ? null : Math.max(0, clock.exact() - this.#newest_event_ms);
  }

  /** Opens a socket for a page and returns what closes it. */
  open<Message extends FleetMessage | ServiceMessage>(source: LiveSource<Message>): () => void {
    this.#newest_event_ms = null;
    const socket = openLive<Message>({
      ...source,
      onConnection: (connection) => {
        source.onConnection?.(connection);
        // A page that was left must not speak for the one that is open, nor where none is: a socket tells of its own end late.
        if (this.#socket !== socket) return;
        // Live as before: what stands in the top bar goes on with the clock, not with each message.
        if (connection.phase === "live" && this.current?.phase === "live") return;
        this.current = connection;
        if (connection.phase === "ended") void session.socketEnded();
      },
      onRefused: () => void session.check(),
    });
    this.#socket = socket;
    this.current = { phase: "connecting", since_ms: Date.now() };
    return () => {
      if (this.#socket === socket) {
        this.#socket = null;
        this.current = null;
      }
      socket.close();
    };
  }

  /** Opens a socket for what stands beside the page's own subject, of which alone the top bar speaks. */
  openBeside<Message extends FleetMessage | ServiceMessage>(source: LiveSource<Message>): () => void {
    const socket = openLive<Message>({
      ...source,
      onConnection: (connection) => {
        source.onConnection?.(connection);
        if (connection.phase === "ended") void session.socketEnded();
      },
      onRefused: () => void session.check(),
    });
    return () => socket.close();
  }

  /** What a tick says of time. */
  ticked(server_ms: number, newest_event_ms: number | null): void {
    clock.follow(server_ms);
    this.#newest_event_ms = newest_event_ms;
  }

  retry(): void {
    this.#socket?.retry();
  }
}

export const connection = new LiveConnection();
