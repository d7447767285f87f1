/** One request to a subscription's target: bounded in time and size, its redirects not followed. */
import type { TargetRequest } from "../domain/notification.ts";
import { type AllowedTargets, checkTargetUrl } from "../domain/target-url.ts";
import { type BoundedAnswer, boundedAnswer, FetchFailed, type KnownBy } from "./bounded-fetch.ts";

const TIMEOUT_MS = 10_000;
/** Of an answer: enough for what it says of itself. */
const ANSWER_BYTES_MAX = 20_000;

/** What came of a request; `failure`: in words, where there was no answer, or nothing was sent. */
export type SentAnswer = BoundedAnswer | { readonly failure: string };

/** Never rejects. `known_by`: what of its answer says whether the target took it. */
export type Sender = (request: TargetRequest, known_by: KnownBy) => Promise<SentAnswer>;

/** `allowed`: hosts that may be reached although they are reserved; it is asked again before each request: they may have changed. */
export function boundedSender(fetcher: typeof fetch, allowed: () => AllowedTargets): Sender {
  return async ({ method = "POST", url, headers, body }, known_by) => {
    try {
      const problem = checkTargetUrl(url, allowed(), "its url");
      if (problem !== null) return { failure: problem };
      const init = { method, headers: { ...headers }, body };
      const bounds = { bytes_max: ANSWER_BYTES_MAX, timeout_ms: TIMEOUT_MS, signal: new AbortController().signal };
      return await boundedAnswer(fetcher, url, init, bounds, known_by);
    } catch (error) {
      // A setting that cannot be read, or a header that is none: what is wrong is for the person who set it up.
      if (!(error instanceof FetchFailed)) return { failure: error instanceof Error ? error.message : String(error) };
      return { failure: error.message };
    }
  };
}
