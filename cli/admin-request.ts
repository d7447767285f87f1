/** Requests with the admin token, for the commands that speak to a running Faultline. */
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import { readTokens } from "./dev-vars.ts";
import { Failure, reasonOf } from "./failure.ts";
import { DEV_VARS } from "./paths.ts";

const ANSWER_MS_MAX = 10_000;
/** Codes of connections that were never made, so that nothing can have been done. */
const NEVER_MADE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** The server that a command means: what `--url` says, else FAULTLINE_URL, else where `npm start` serves. */
export function targetUrl(option: string | undefined): string {
  const text = option ?? process.env["FAULTLINE_URL"] ?? DEFAULT_ORIGIN;
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new Failure(`--url must be an http or https URL, not "${text}".`, 2);
}

/** From ADMIN_TOKEN, else from .dev.vars. */
export function adminToken(): string {
  const token = process.env["ADMIN_TOKEN"] ?? readTokens(DEV_VARS)?.ADMIN_TOKEN;
  if (token === undefined)
    throw new Failure("no ADMIN_TOKEN: set it in the environment, or let `npm start` write .dev.vars.");
  return token;
}

/** What a program asks, and with which words. */
export interface AdminRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long an answer is waited for; 10 s where nothing is said. */
  readonly answer_ms_max?: number;
  /** Changes nothing, whatever its method. */
  readonly is_question?: boolean;
}

/** The answer of the server at `url`, whatever its status. @throws Failure where nothing answers or the token is refused */
export async function adminRequest(url: string, token: string, request: AdminRequest): Promise<Response> {
  const { method, path, headers = {}, body, answer_ms_max = ANSWER_MS_MAX } = request;
  const { is_question = method === "GET" } = request;
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(answer_ms_max),
  }).catch((error: unknown) => {
    const cause = causeOf(error);
    // What was asked reached the server, and may be done though nobody said so.
    if (!is_question && !NEVER_MADE.has(cause))
      throw new Failure(
        `${url} gave no answer (${cause}): whether it was done is not known; look before you ask again.`,
      );
    throw new Failure(`nothing answers at ${url} (${cause}): start it with \`npm start\`, or name another with --url.`);
  });
  // 403 is about the token too, unless the answer names something that no token may do there.
  if (response.status === 401 || (response.status === 403 && !(await isOff(response)))) {
    throw new Failure(`${url} refuses the ADMIN_TOKEN: take the one that this server was started with.`);
  }
  return response;
}

/** Whether what was asked for is turned off there, whoever asks. */
async function isOff(response: Response): Promise<boolean> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return typeof body === "object" && body !== null && "type" in body && body.type === "urn:faultline:demo_off";
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error);
  const { cause } = error;
  return cause instanceof Error ? reasonOf("code" in cause ? cause.code : cause) : error.message;
}
