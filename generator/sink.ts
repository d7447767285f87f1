/** Where events go. */
import type { ServiceEventJson } from "./stream.ts";

export interface Sent {
  readonly accepted: number;
  /** Those that the receiver refused, with the reason of the first one. */
  readonly rejected: number;
  readonly reason: string | null;
}

export interface Sink {
  /** For people: where this goes. */
  readonly name: string;
  /**
   * Sends one batch; the caller awaits it before the next, so that the order is kept.
   *
   * @throws Unavailable: the same batch, with the same key, may be sent again
   * @throws GeneratorFailure: trying again would not help
   */
  send(batch: readonly ServiceEventJson[], key: string, ended: AbortSignal): Promise<Sent>;
  close(): Promise<void>;
}
