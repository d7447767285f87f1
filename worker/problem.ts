/** Errors as HTTP answers, in one shape: `application/problem+json` (RFC 9457, domain/resource.ts). */
import type { Context } from "hono";
import type { Problem } from "../domain/resource.ts";
import type { AppContext } from "./context.ts";
import { API_HEADERS } from "./headers.ts";
import { HistoryUnavailable } from "./history.ts";
import { migrateCommand } from "./readiness.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/**
 * An error answer.
 *
 * @param word names the problem for programs: `urn:faultline:<word>`
 * @param detail one sentence: what is wrong, where, and what would be right
 * @param extra more members of the body, as the failing `service`
 */
export function problem(status: number, word: string, detail: string, extra: Record<string, unknown> = {}): Response {
  const title = TITLES[status] ?? "Error";
  const body: Problem = { type: `urn:faultline:${word}`, title, status, detail };
  const headers = { ...API_HEADERS, "Content-Type": "application/problem+json" };
  return new Response(JSON.stringify({ ...extra, ...body }), { status, headers });
}

/** What nobody foresaw: the log gets the error, the client nothing of the inside. */
export function answerError(error: Error, context: Context<AppContext>): Response {
  console.error(`${context.req.method} ${context.req.path} failed`, error);
  if (error instanceof HistoryUnavailable) {
    return problem(503, "history_unavailable", unreadHistory(error, context.req.url));
  }
  return problem(
    500,
    "internal_error",
    "Something failed inside; the Worker's log has the error. The request may be sent again.",
  );
}

function unreadHistory(error: HistoryUnavailable, asked: string): string {
  // SQLite's own words for a schema that is older than the code: then there is something to do, and not only to wait.
  const isOutdated = /no such (?:table|column)/i.test(String(error.cause));
  return isOutdated
    ? `Run \`${migrateCommand(asked)}\`: the history database (D1) is not up to date. Ingest, detection and live go on.`
    : "The history database (D1) does not answer; ingest, detection and live go on. GET /ready tells when it is back, the Worker's log has the error.";
}

export function answerNotFound(context: Context<AppContext>): Response {
  const asked = `${context.req.method} ${context.req.path.slice(0, 200)}`;
  return problem(404, "not_found", `${asked} is not part of this API.`);
}
