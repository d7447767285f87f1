/** How many incidents are open, for pages that do not follow the fleet: from history, which hears of them some seconds later. */
import { askWhileSeen } from "./ask-while-seen.ts";
import { getJson } from "./http.ts";
import type { Page } from "../../../domain/resource.ts";

const ASK_EVERY_MS = 15_000;
/** Nobody counts further; then it is said that there are more. */
const COUNT_MAX = 99;

class OpenCount {
  /** "2", "99+"; empty where there are none, or it is not known. */
  text = $state("");

  /** Asks again and again until the returned function is called. @param known how many there were a moment ago */
  follow(known: number): () => void {
    this.text = wordOf(known, false);
    const closing = new AbortController();
    const ask = async () => {
      const answer = await getJson<Page<unknown>>(`/v1/incidents?status=open&limit=${COUNT_MAX}`, closing.signal);
      if (closing.signal.aborted) return;
      // What cannot be read is not shown: the page itself says what is wrong.
      this.text = answer.ok ? wordOf(answer.value.items.length, answer.value.next !== null) : "";
    };
    const stop = askWhileSeen(ask, ASK_EVERY_MS);
    return () => {
      stop();
      closing.abort();
    };
  }
}

function wordOf(count: number, more: boolean): string {
  if (count === 0) return "";
  return more ? `${count}+` : String(count);
}

export const openCount = new OpenCount();
