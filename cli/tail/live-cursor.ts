/**
 * Which messages of a live socket are news to whoever has seen all of those before, over any number of connections. On connect a
 * snapshot comes, then the durable events after `after`, then whatever happens; a connection may end anywhere in between.
 */
import type {
  DurableEvent,
  FleetMessage,
  FleetSnapshot,
  ServiceMessage,
  ServiceSnapshot,
} from "../../domain/message.ts";

export type LiveMessage = ServiceMessage | FleetMessage;

/** `first`: the first connection. `reset`: events between what is known and what comes may be lost. `resumed`: none is. */
export type Standing = "first" | "reset" | "resumed";

export type News =
  | { readonly type: "snapshot"; readonly standing: Standing; readonly snapshot: ServiceSnapshot | FleetSnapshot }
  | { readonly type: "event"; readonly event: DurableEvent };

export class LiveCursor {
  #after: number | null;
  /** The newest event when this connection began, until all up to there has come; null afterwards. */
  #greeted_to: number | null = null;
  #isGreeted = false;
  #isFirst = true;

  /** @param after the newest event that is known from before; null: begin with what happens now */
  constructor(after: number | null) {
    this.#after = after;
  }

  /** What to ask the server for on the next connect. */
  get after(): number | null {
    return this.#after;
  }

  /** Whether the missed events of the present connection are all there, so that the snapshot and what was told agree. */
  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** A new connection begins. */
  connect(): void {
    this.#greeted_to = null;
    this.#isGreeted = false;
  }

  /** A `pong` answers a ping that was sent after the greeting had been. */
  pong(): void {
    this.#isGreeted = true;
  }

  /** Null where the message is no news: an event that is known already, or numbers. */
  take(message: LiveMessage): News | null {
    switch (message.type) {
      case "snapshot":
        return this.#greet(message);
      case "incident":
      case "narrative":
        return this.#step(message);
      case "tick":
        // Ticks follow the missed events on the same way. What the filter kept back needs not be asked for again, and grows too old.
        if (this.#greeted_to !== null) this.#after = Math.max(this.#after ?? 0, this.#greeted_to);
        this.#greeted_to = null;
        this.#isGreeted = true;
        return null;
      case "removed":
        return null;
    }
  }

  #greet(snapshot: ServiceSnapshot | FleetSnapshot): News {
    const { seq, reset } = snapshot;
    const standing = reset ? "reset" : this.#isFirst ? "first" : "resumed";
    this.#isFirst = false;
    // Nothing is replayed on a first connect. A server that counts anew (a service that was deleted) replays all it has.
    if (this.#after === null) this.#after = seq;
    else if (seq < this.#after) this.#after = 0;
    this.#isGreeted = seq <= this.#after;
    this.#greeted_to = this.#isGreeted ? null : seq;
    return { type: "snapshot", standing, snapshot };
  }

  #step(event: DurableEvent): News | null {
    if (this.#after !== null && event.seq <= this.#after) return null;
    this.#after = event.seq;
    if (this.#greeted_to !== null && event.seq >= this.#greeted_to) {
      this.#greeted_to = null;
      this.#isGreeted = true;
    }
    return { type: "event", event };
  }
}
