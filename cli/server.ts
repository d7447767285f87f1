/** What the commands ask a running Faultline. */
import { setTimeout as delay } from "node:timers/promises";
import { Failure, reasonOf } from "./failure.ts";

/** Between two looks whether it is ready, in ms. */
const LOOK_AGAIN_MS = 100;
/** An answer that takes longer counts as none, in ms. */
const ANSWER_MS_MAX = 5_000;

/** Resolves once `GET /ready` is content. @throws Failure with its last answer after `msMax` */
export async function waitUntilReady(url: string, msMax: number, ended: AbortSignal): Promise<void> {
  const deadline = performance.now() + msMax;
  for (;;) {
    const found = await readiness(url, ended);
    if (found === null) return;
    if (performance.now() >= deadline) throw new Failure(`Faultline is not ready after ${msMax / 1000} s: ${found}`);
    await delay(LOOK_AGAIN_MS, undefined, { signal: ended });
  }
}

/** null when ready, else what is in the way. */
async function readiness(url: string, ended: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(new URL("/ready", url), {
      signal: AbortSignal.any([ended, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    if (response.status === 200) return null;
    return `/ready answers ${response.status}: ${(await response.text()).slice(0, 500)}`;
  } catch (error) {
    ended.throwIfAborted();
    return `/ready does not answer (${reasonOf(error)}).`;
  }
}

/** Whether the server has heard of any service: then it has a past, from an earlier run. */
export async function hasHistory(url: string, viewerToken: string, ended: AbortSignal): Promise<boolean> {
  const response = await fetch(new URL("/v1/services?limit=1", url), {
    headers: { authorization: `Bearer ${viewerToken}` },
    signal: AbortSignal.any([ended, AbortSignal.timeout(ANSWER_MS_MAX)]),
  }).catch((error: unknown) => {
    ended.throwIfAborted();
    throw new Failure(`${url}/v1/services does not answer (${reasonOf(error)}): start it again.`);
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && typeof body === "object" && body !== null && "items" in body && Array.isArray(body.items))
    return body.items.length > 0;
  throw new Failure(
    `${url}/v1/services answered ${response.status}: the log of the server, .wrangler/dev.log, says why.`,
  );
}
