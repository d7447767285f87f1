/** Whether a server that runs also answers: a process may live on while its front takes connections and says nothing. */
import { setTimeout as delay } from "node:timers/promises";
import { Failure, reasonOf } from "./failure.ts";

/** One look at `/health` and the rest until the next, in ms; what takes longer to answer counts as silence. */
const LOOK_MS = 5_000;
/** Looks in a row without an answer: 20 s, longer than a reload of the Worker or a busy machine takes. */
const SILENT_LOOKS_MAX = 4;

interface Patience {
  readonly look_ms: number;
  readonly silent_looks_max: number;
}

/**
 * Looks at `/health` for as long as it answers. Looks are counted, not time, so that a machine that slept is not taken for
 * a server that hangs.
 *
 * @throws Failure with the last look's finding when too many in a row found no answer; what `ended` aborts with at the end
 */
export async function failWhenSilent(
  url: string,
  ended: AbortSignal,
  { look_ms, silent_looks_max }: Patience = { look_ms: LOOK_MS, silent_looks_max: SILENT_LOOKS_MAX },
): Promise<never> {
  for (let silent_looks = 0; ;) {
    const next = delay(look_ms, undefined, { signal: ended });
    const [silence] = await Promise.all([look(url, look_ms, ended), next]);
    silent_looks = silence === null ? 0 : silent_looks + 1;
    if (silent_looks < silent_looks_max) continue;
    const seconds = Math.round((silent_looks * look_ms) / 1000);
    throw new Failure(
      `the server runs but has not answered at ${url} for ${seconds} s (${silence}): everything is ended; start it again.`,
    );
  }
}

/** null where it answers that it is alive, else what is in the way. */
async function look(url: string, answer_ms_max: number, ended: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(new URL("/health", url), {
      signal: AbortSignal.any([ended, AbortSignal.timeout(answer_ms_max)]),
    });
    await response.arrayBuffer();
    return response.ok ? null : `/health answers ${response.status}`;
  } catch (error) {
    ended.throwIfAborted();
    return `/health: ${reasonOf(error)}`;
  }
}
