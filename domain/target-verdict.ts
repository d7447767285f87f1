/** What an answer of a target means, whatever its type. */
import { tidied } from "./message-text.ts";
import type { Verdict } from "./notification.ts";

const TAKEN: Verdict = { ok: true, thread: null };
const RETRY_AFTER_S_MAX = 3_600;
const SAID_LENGTH_MAX = 200;

export function taken(thread: string | null = null): Verdict {
  return thread === null ? TAKEN : { ok: true, thread };
}

/** Those that lead elsewhere; 304 and what else begins with a 3 does not. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * 2xx is taken, 410 is gone, anything else a failure. `body`: what the answer says of itself, data of a stranger; `answered_ms`: when it
 * came, by the clock.
 */
export function httpVerdict(status: number, headers: Headers, body: string, answered_ms: number): Verdict {
  if (status >= 200 && status < 300) return TAKEN;
  const said = tidied(body, SAID_LENGTH_MAX);
  const why = REDIRECTS.has(status) ? "redirects are not followed" : said;
  return {
    ok: false,
    gone: status === 410,
    retry_after_s: status === 429 || status === 503 ? retryAfter(headers, body, answered_ms) : null,
    error: `answered ${status}${why === "" ? "" : `: ${why}`}`,
  };
}

export function failed(error: string): Verdict {
  return { ok: false, gone: false, retry_after_s: null, error: tidied(error, SAID_LENGTH_MAX + 50) };
}

/**
 * `Retry-After` in seconds or as a date beside the answer's own (by the receiving clock where it has none), or as Discord and Telegram say
 * it in the body; at most an hour.
 */
function retryAfter(headers: Headers, body: string, answered_ms: number): number | null {
  const header = headers.get("retry-after")?.trim() ?? "";
  const said_ms = Date.parse(headers.get("date") ?? "");
  const left_ms = Date.parse(header) - (Number.isNaN(said_ms) ? answered_ms : said_ms);
  const wait_s = /^\d+$/.test(header) ? Number(header) : Number.isNaN(left_ms) ? saidWait(body) : left_ms / 1000;
  return wait_s === null ? null : Math.ceil(Math.min(RETRY_AFTER_S_MAX, Math.max(0, wait_s)));
}

function saidWait(body: string): number | null {
  const { retry_after, parameters } = objectOf(body);
  const of_telegram = (parameters as { readonly retry_after?: unknown } | null | undefined)?.retry_after;
  const wait_s = retry_after ?? of_telegram;
  return typeof wait_s === "number" && Number.isFinite(wait_s) ? wait_s : null;
}

/** An answer as a JSON object; empty where it is none. */
export function objectOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
