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

/** The answer with as much of its body as is read of it at most; what is beyond is left. Redirects are answers, too. @throws FetchFailed */
export function boundedAnswer(
  fetcher: typeof fetch,
  url: string,
  init: RequestInit,
  bounds: FetchBounds,
): Promise<BoundedAnswer> {
  return bounded(bounds, async (signal) => {
    const response = await fetcher(url, { ...init, signal, redirect: "manual" });
    const { bytes } = await readBytes(response, bounds.bytes_max);
    return { status: response.status, headers: response.headers, body: new TextDecoder().decode(bytes) };
  });
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
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    throw new FetchFailed("redirected", `it answered ${status}, a redirect, and redirects are not followed`, status);
  }
  if (!response.ok) {
    const said = await readBytes(response, ERROR_BYTES_MAX);
    throw new FetchFailed("refused", new TextDecoder().decode(said.bytes), status);
  }
  if (Number(response.headers.get("content-length") ?? 0) > bytes_max) {
    await response.body?.cancel();
    throw tooLarge(bytes_max);
  }
  const { bytes, whole } = await readBytes(response, bytes_max);
  if (!whole) throw tooLarge(bytes_max);
  // Not with its own status: one of 204 must have no body, not even an empty one.
  return new Response(bytes, { headers: { "content-type": response.headers.get("content-type") ?? "" } });
}

function tooLarge(bytes_max: number): FetchFailed {
  return new FetchFailed("too_large", `its answer is larger than ${bytes_max} bytes`, 200);
}

/** The body's first bytes; `whole` where it has no more. What is beyond is not read: the connection is given up. */
async function readBytes({ body }: Response, bytes_max: number): Promise<{ bytes: Uint8Array; whole: boolean }> {
  if (body === null) return { bytes: new Uint8Array(), whole: true };
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  while (length <= bytes_max) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, length), whole: true };
    chunks.push(value);
    length += value.byteLength;
  }
  await reader.cancel();
  return { bytes: joined(chunks, length).subarray(0, bytes_max), whole: false };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
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
