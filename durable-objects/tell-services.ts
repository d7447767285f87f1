/** Calls of many services' objects: some at a time, each with a bound on its time, whatever becomes of the others. */

/** Runs work once after a delay (seconds at most) unless it is cancelled by what this returns; it is lost with the memory. */
export type Later = (delay_ms: number, work: () => void) => () => void;

/** Calls in flight at once: 2,000 services are told in a fraction of a second without 2,000 open calls. */
const CONCURRENCY = 50;
/** A service that hangs must not keep the others from hearing. */
const CALL_MS_MAX = 5_000;

/** Calls each service once and gives the names of those whose call failed. Never rejects. `what`: what they are, where no services. */
export async function tellServices(
  services: readonly string[],
  later: Later,
  call: (service: string) => Promise<void>,
  what = "services",
): Promise<ReadonlySet<string>> {
  const queue = services.values();
  const failed = new Set<string>();
  let reason: unknown;
  const worker = async (): Promise<void> => {
    for (const service of queue) {
      try {
        await inTime(later, call(service), service);
      } catch (error) {
        failed.add(service);
        reason = error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, services.length) }, worker));
  if (failed.size > 0)
    console.warn(`${failed.size} of ${services.length} ${what} could not be told; the newest reason:`, reason);
  return failed;
}

/** What a service answers, or its failure to answer in time. */
export function inTime<T>(later: Later, call: Promise<T>, service: string): Promise<T> {
  return within(later, CALL_MS_MAX, call, service);
}

/** What `who` answers, or its failure to answer within so many ms. */
export async function within<T>(later: Later, max_ms: number, call: Promise<T>, who: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = later(max_ms, () => reject(new Error(`${who} did not answer within ${max_ms} ms`)));
  try {
    return await Promise.race([call, promise]);
  } finally {
    // A timer that is left running keeps the object from hibernating.
    cancel();
  }
}
