/** What changed in a service, gathered so that its sockets hear of it at most four times a second. */
import type { StoredMinutes } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import type { LiveSockets } from "./live-sockets.ts";
import { tickOf } from "./service-view.ts";

const TICK_MS = 250;

export class MonitorTicks {
  readonly #stored: StoredMinutes;
  readonly #now: () => number;
  readonly #sockets: LiveSockets;
  #sent_ms = 0;
  /** Seconds that changed since the last tick. */
  #seconds = new Set<number>();

  constructor(stored: StoredMinutes, now: () => number, sockets: LiveSockets) {
    this.#stored = stored;
    this.#now = now;
    this.#sockets = sockets;
  }

  add(seconds: Iterable<number>): void {
    for (const second of seconds) this.#seconds.add(second);
  }

  /** Sends, if anybody listens and a quarter of a second has passed. A service without a state has nothing to send. */
  send(state: MonitorState | null): void {
    const now_ms = this.#now();
    if (state === null || this.#sockets.count() === 0) this.#seconds.clear();
    else if (now_ms - this.#sent_ms >= TICK_MS && this.#seconds.size > 0) {
      this.#sockets.broadcast(tickOf(state, this.#seconds, this.#stored, now_ms));
      this.#sent_ms = now_ms;
      this.#seconds = new Set();
    }
  }

  /** How long (ms) what waits has to wait for its tick; null when nothing waits. */
  get delay_ms(): number | null {
    return this.#seconds.size === 0 ? null : Math.max(0, this.#sent_ms + TICK_MS - this.#now());
  }
}
