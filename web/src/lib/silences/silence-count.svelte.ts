/** How many silences hold now: on every page, so that nobody takes quiet for health. */
import { askWhileSeen } from "../ask-while-seen.ts";
import { getJson } from "../http.ts";

const ASK_EVERY_MS = 15_000;

class SilenceCount {
  /** 0 where none holds, and where it is not known. */
  active = $state(0);

  /** Asks again and again until the returned function is called. */
  follow(): () => void {
    const closing = new AbortController();
    const stop = askWhileSeen(() => this.ask(closing.signal), ASK_EVERY_MS);
    return () => {
      stop();
      closing.abort();
    };
  }

  async ask(signal?: AbortSignal): Promise<void> {
    const answer = await getJson<{ readonly active: number }>("/v1/silences/active", signal);
    if (signal?.aborted === true) return;
    // What cannot be read is not shown: a page that needs it says what is wrong.
    this.active = answer.ok ? answer.value.active : 0;
  }
}

export const silenceCount = new SilenceCount();
