/** Asking objects whose answer is worth having, and not worth waiting for. */

/** Pages look again every few seconds: what hangs for longer is told as hanging. */
const ANSWER_MS_MAX = 3_000;
/** Calls in flight at once. */
const CONCURRENCY = 50;

/** What `who` answers in time; null, with a word in the log, where they do not: the others' answers count all the same. */
export async function orNull<T>(who: string, ask: () => Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX);
    });
    return await Promise.race([ask(), late]);
  } catch (error) {
    console.warn(`${who} does not answer`, error);
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** The same of many, some at a time. */
export async function eachOrNull<T>(
  whom: readonly string[],
  ask: (who: string) => Promise<T>,
): Promise<ReadonlyMap<string, T | null>> {
  const answers = new Map<string, T | null>();
  const queue = whom.values();
  const worker = async (): Promise<void> => {
    for (const who of queue) answers.set(who, await orNull(who, () => ask(who)));
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, whom.length) }, worker));
  return answers;
}
