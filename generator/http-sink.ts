/** Plain HTTP: `POST /v1/ingest`, NDJSON, one Idempotency-Key a batch, so that a retry never counts twice. */
import { GeneratorFailure, reasonOf, Unavailable } from "./failure.ts";
import type { HttpTarget } from "./options.ts";
import type { Sent, Sink } from "./sink.ts";

const TIMEOUT_MS = 30_000;

/** What a proxy or a starting server may answer for a while, beside the contract's 429 and 503. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

export function createHttpSink(target: HttpTarget): Sink {
  return {
    name: target.url,
    send: async (batch, key, ended) => {
      const body = batch.map((event) => JSON.stringify(event)).join("\n");
      const { status, text } = await post(target, body, key, ended);
      return judge(target, status, text);
    },
    close: async () => {},
  };
}

async function post(
  target: HttpTarget,
  body: string,
  key: string,
  ended: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = {
    Authorization: `Bearer ${target.token}`,
    "Content-Type": "application/x-ndjson",
    "Idempotency-Key": key,
  };
  try {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(TIMEOUT_MS)]);
    // Redirects are not followed: the POST would become a GET, and its 200 would mean nothing.
    const response = await fetch(`${target.url}/v1/ingest`, {
      method: "POST",
      headers,
      body,
      signal,
      redirect: "manual",
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    ended.throwIfAborted();
    throw new Unavailable(reasonOf(error));
  }
}

function judge(target: HttpTarget, status: number, text: string): Sent {
  const answer = parseObject(text);
  const { accepted, rejected } = answer;
  if (status === 200 && typeof accepted === "number" && Array.isArray(rejected)) {
    const [first]: unknown[] = rejected;
    return { accepted, rejected: rejected.length, reason: first === undefined ? null : describeRejection(first) };
  }
  const detail = typeof answer["detail"] === "string" ? `: ${answer["detail"]}` : "";
  if (PASSING.has(status)) throw new Unavailable(`it answers ${status}${detail}`);
  if (status === 401 || status === 403) {
    throw new GeneratorFailure(
      `${target.url} refuses the ingest token (${status}${detail}). It must equal INGEST_TOKEN of the server, on a laptop the one in .dev.vars.`,
      3,
    );
  }
  if (status === 200 || status === 404 || (status >= 300 && status < 400)) {
    throw new GeneratorFailure(`${target.url} answers ${status}, not as Faultline does: is --url right?`, 1);
  }
  throw new GeneratorFailure(`${target.url} refuses the batch (${status}${detail}).`, 1);
}

function describeRejection(rejection: unknown): string {
  const { reason, detail } = parseObject(JSON.stringify(rejection));
  return [reason, detail].filter((part) => typeof part === "string").join(", ");
}

/** A JSON object, or an empty one where the text is none. */
function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Not JSON at all, as a proxy's error page: the status alone decides.
    return {};
  }
}
