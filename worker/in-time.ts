/** Asking objects whose answer is worth having, and not worth waiting for. */

/** Pages look again every few seconds: what hangs for longer is told as hanging. */
const ANSWER_MS_MAX = 3_000;

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
