/**
 * A `fetch` for an answer that nobody has reason to trust: it brings a whole body in bounded time and size, or it throws. What lies
 * between here and a model may be anything: a proxy's sign-in page, a server that drips, one that never ends.
 */

/** Why there is no answer; the words are for a person who set it up. */
export type FetchFailure = "aborted" | "timeout" | "unreachable" | "too_large" | "redirected" | "refused";

export class FetchFailed extends Error {
  override readonly name = "FetchFailed";
  readonly failure: FetchFailure;
  /** Of the answer, where one came. */
  readonly status: number | null;

  constructor(failure: FetchFailure, message: string, status: number | null = null, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
    this.status = status;
  }
}

export interface FetchBounds {
  /** Of the body as it is after decompression. */
  readonly bytes_max: number;
  /** From the call to the last byte of the body. */
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
}

/** What is read of an answer that is an error: enough for what it says of itself. */
const ERROR_BYTES_MAX = 4_096;

/**
 * The whole answer with its body at hand. Redirects are not followed: what they lead to was not set up by anybody.
 * @throws FetchFailed, as for each status but 2xx
 */
export function boundedFetch(fetcher: typeof fetch, bounds: FetchBounds): typeof fetch {
  return (input, init) =>
    bounded(bounds, (signal) => wholeAnswer(fetcher, input, { ...init, signal, redirect: "manual" }, bounds));
}

/** An answer of whatever status; `body`: its first bytes as text. */
export interface BoundedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * What a success is known by: where that is its `status`, no body is waited for; one that hangs, drips, breaks off or cannot be read
 * takes nothing away from it. Of what is no success as much is taken as came, for what it says of itself.
 */
export type KnownBy = "status" | "body";

/** The answer with as much of its body as is read of it at most; what is beyond is left. Redirects are answers, too. @throws FetchFailed */
export async function boundedAnswer(
  fetcher: typeof fetch,
  url: string,
  init: RequestInit,
  bounds: FetchBounds,
  known_by: KnownBy,
): Promise<BoundedAnswer> {
  const came: Response[] = [];
  const chunks: Uint8Array[] = [];
  try {
    await bounded(bounds, async (signal) => {
      const response = await fetcher(url, { ...init, signal, redirect: "manual" });
      came.push(response);
      if (known_by === "status" && response.ok) await response.body?.cancel();
      else await readBytes(response, bounds.bytes_max, chunks);
    });
  } catch (error) {
    if (came[0] === undefined || (known_by === "body" && came[0].ok)) throw error;
  }
  const { status, headers } = came[0]!;
  const bytes = joined(chunks).subarray(0, bounds.bytes_max);
  return { status, headers, body: new TextDecoder().decode(bytes) };
}

async function bounded<T>(bounds: FetchBounds, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), bounds.timeout_ms);
  const signal = AbortSignal.any([bounds.signal, late.signal]);
  try {
    return await whileWanted(signal, work(signal));
  } catch (error) {
    throw failureOf(error, bounds, late.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function wholeAnswer(
  fetcher: typeof fetch,
  input: Parameters<typeof fetch>[0],
  init: RequestInit,
  { bytes_max }: FetchBounds,
): Promise<Response> {
  const response = await fetcher(input, init);
  const { status } = response;
  const chunks: Uint8Array[] = [];
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    throw new FetchFailed("redirected", `it answered ${status}, a redirect, and redirects are not followed`, status);
  }
  if (!response.ok) {
    await readBytes(response, ERROR_BYTES_MAX, chunks);
    throw new FetchFailed("refused", new TextDecoder().decode(joined(chunks).subarray(0, ERROR_BYTES_MAX)), status);
  }
  if (Number(response.headers.get("content-length") ?? 0) > bytes_max) {
    await response.body?.cancel();
    throw tooLarge(bytes_max);
  }
  if (!(await readBytes(response, bytes_max, chunks))) throw tooLarge(bytes_max);
  // Not with its own status: one of 204 must have no body, not even an empty one.
  return new Response(joined(chunks), { headers: { "content-type": response.headers.get("content-type") ?? "" } });
}

function tooLarge(bytes_max: number): FetchFailed {
  return new FetchFailed("too_large", `its answer is larger than ${bytes_max} bytes`, 200);
}

/** Adds the body's first bytes to `chunks`; true where it has no more. What is beyond is not read: the connection is given up. */
async function readBytes({ body }: Response, bytes_max: number, chunks: Uint8Array[]): Promise<boolean> {
  if (body === null) return true;
  let length = 0;
  const reader = body.getReader();
  while (length <= bytes_max) {
    const { done, value } = await reader.read();
    if (done) return true;
    chunks.push(value);
    length += value.byteLength;
  }
  await reader.cancel();
  return false;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** A fetch that does not heed its signal must not hold up who waits for it. */
async function whileWanted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const give_up = () => reject(new Error("given up"));
  if (signal.aborted) give_up();
  signal.addEventListener("abort", give_up, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", give_up);
    // Where it was given up, nobody hears of what becomes of it any more.
    work.catch(() => undefined);
  }
}

function failureOf(error: unknown, { signal, timeout_ms }: FetchBounds, late: AbortSignal): FetchFailed {
  if (signal.aborted) return new FetchFailed("aborted", "the call was given up", null, error);
  if (late.aborted) return new FetchFailed("timeout", `it gave no whole answer within ${timeout_ms} ms`, null, error);
  if (error instanceof FetchFailed) return error;
  return new FetchFailed("unreachable", `the connection failed (${reasonOf(error)})`, null, error);
}

/** undici says "fetch failed" and puts what happened into the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
