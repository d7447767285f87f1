/**
 * The one clock of the page, in whole seconds, so that everything that speaks of time moves together. It follows the server:
 * a laptop whose clock is wrong must not shift the axis against the data.
 */
class Clock {
  /** Epoch ms by the server's clock, as of the last second. */
  now = $state(Date.now());
  #ahead_ms = 0;

  constructor() {
    setInterval(() => this.#read(), 1000);
  }

  /** Takes the server's clock from a message that was sent just now. */
  follow(server_ms: number): void {
    this.#ahead_ms = server_ms - Date.now();
  }

  /**
   * Takes the time of closed data as what the server's clock has reached: it never runs ahead of it. Until a tick tells the
   * clock itself, this keeps a browser whose clock is slow from taking old data for present.
   */
  reach(event_ms: number): void {
    this.#ahead_ms = Math.max(this.#ahead_ms, event_ms - Date.now());
  }

  /** Epoch ms by the server's clock, this very moment. */
  exact(): number {
    return Date.now() + this.#ahead_ms;
  }

  #read(): void {
    this.now = this.exact();
  }
}

export const clock = new Clock();
