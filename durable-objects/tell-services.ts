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

/**
 * Told in one turn. An object that hears for the first time makes its tables; where all objects share one thread, as on a laptop, a thousand
 * of them in a row would keep it from answering anybody for half a minute.
 */
const TURN_SIZE = 20;
/** Who hangs keeps the next turn waiting no longer than this. */
const TURN_MS_MAX = 500;
const PAUSE_MS = 5;

/** The same of objects that may be new, a few at a time, with a pause between in which others are heard. */
export async function tellInTurns(
  names: readonly string[],
  later: Later,
  call: (name: string) => Promise<void>,
  what: string,
): Promise<ReadonlySet<string>> {
  const turns: Promise<ReadonlySet<string>>[] = [];
  for (let at = 0; at < names.length; at += TURN_SIZE) {
    const before = turns.at(-1);
    if (before !== undefined) {
      await Promise.race([before, pause(later, TURN_MS_MAX)]);
      await pause(later, PAUSE_MS);
    }
    turns.push(tellServices(names.slice(at, at + TURN_SIZE), later, call, what));
  }
  return new Set((await Promise.all(turns)).flatMap((failed) => [...failed]));
}

function pause(later: Later, delay_ms: number): Promise<void> {
  return new Promise((resolve) => {
    later(delay_ms, resolve);
  });
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
