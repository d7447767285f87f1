/** How the language model is reached: from the Worker's variables and secrets. */

/** Why the words here: `wrangler secret put` and .dev.vars bring everything as text, or not at all. */
export interface OllamaEnv {
  readonly OLLAMA_URL?: string;
  readonly OLLAMA_MODEL?: string;
  readonly OLLAMA_TOKEN?: string;
  readonly OLLAMA_HEADERS?: string;
  readonly OLLAMA_TIMEOUT_MS?: string;
}

export interface OllamaConfig {
  /** Without a slash at its end. */
  readonly url: string;
  readonly model: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** Sent with each call, as what an access proxy asks for. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of one call, from its start to the last byte of the answer. */
  readonly timeout_ms: number;
  /** The runtime's own, unless a test brings one. */
  readonly fetch?: typeof fetch;
}

/** 2.5 GB on disk, about 4 GB of memory with the context that a call takes; Apache 2.0. */
export const DEFAULT_MODEL = "qwen3:4b-instruct";

const TIMEOUT_MS_DEFAULT = 60_000;
const TIMEOUT_MS_MIN = 1_000;
const TIMEOUT_MS_MAX = 600_000;

const HEADERS_MAX = 16;
/** RFC 9110: a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const HEADER_VALUE = /^[\x21-\x7e]([\x20-\x7e]{0,8190}[\x21-\x7e])?$/;
/** What the client and the connection set themselves. */
const RESERVED_HEADERS = ["host", "content-length", "content-type", "connection", "transfer-encoding", "accept"];
const TOKEN = /^[\x21-\x7e]{1,4096}$/;
/** As in `qwen3:4b-instruct` or `hf.co/someone/model:Q4_K_M`. */
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/;

/** A variable that cannot be meant as it is; the message names it and what would be right, and holds no secret. */
export class BadOllamaConfig extends Error {
  override readonly name = "BadOllamaConfig";
}

/**
 * Null where OLLAMA_URL is not set: there is no model.
 * @throws BadOllamaConfig
 */
export function parseOllamaConfig(env: OllamaEnv): OllamaConfig | null {
  const url = env.OLLAMA_URL ?? "";
  if (url === "") return null;
  const token = env.OLLAMA_TOKEN ?? "";
  if (token !== "" && !TOKEN.test(token)) {
    throw new BadOllamaConfig("OLLAMA_TOKEN must be 1 to 4096 printable ASCII characters without a space.");
  }
  const headers = parseHeaders(env.OLLAMA_HEADERS ?? "", token !== "");
  return {
    url: parseUrl(url),
    model: parseModel(env.OLLAMA_MODEL ?? ""),
    ...(token === "" ? {} : { token }),
    ...(headers === null ? {} : { headers }),
    timeout_ms: parseTimeout(env.OLLAMA_TIMEOUT_MS ?? ""),
  };
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new BadOllamaConfig("OLLAMA_URL must be an http or https URL, such as http://127.0.0.1:11434.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new BadOllamaConfig("OLLAMA_URL must hold no user and password; a token belongs into OLLAMA_TOKEN.");
  }
  if (url.search !== "" || url.hash !== "") {
    throw new BadOllamaConfig("OLLAMA_URL must end with its path: no query string, no fragment.");
  }
  return url.href.replace(/\/+$/, "");
}

function parseModel(text: string): string {
  if (text === "") return DEFAULT_MODEL;
  if (MODEL_NAME.test(text)) return text;
  throw new BadOllamaConfig(
    `OLLAMA_MODEL must be a model's name as \`ollama list\` shows it, such as ${DEFAULT_MODEL}.`,
  );
}

function parseTimeout(text: string): number {
  if (text === "") return TIMEOUT_MS_DEFAULT;
  const timeout_ms = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (timeout_ms >= TIMEOUT_MS_MIN && timeout_ms <= TIMEOUT_MS_MAX) return timeout_ms;
  throw new BadOllamaConfig(
    `OLLAMA_TIMEOUT_MS must be a whole number from ${TIMEOUT_MS_MIN} to ${TIMEOUT_MS_MAX}, such as ${TIMEOUT_MS_DEFAULT}.`,
  );
}

function parseHeaders(text: string, has_token: boolean): Readonly<Record<string, string>> | null {
  if (text === "") return null;
  const entries = headerEntries(text);
  if (entries === null || entries.length > HEADERS_MAX) {
    throw new BadOllamaConfig(
      `OLLAMA_HEADERS must be a JSON object of at most ${HEADERS_MAX} texts, such as {"CF-Access-Client-Id":"…","CF-Access-Client-Secret":"…"}.`,
    );
  }
  const reserved = has_token ? [...RESERVED_HEADERS, "authorization"] : RESERVED_HEADERS;
  const names = entries.map(([name]) => name.toLowerCase());
  for (const [at, [name, value]] of entries.entries()) {
    if (!HEADER_NAME.test(name)) {
      throw new BadOllamaConfig(`OLLAMA_HEADERS: ${JSON.stringify(name)} is no header's name.`);
    }
    if (reserved.includes(names[at]!)) {
      const instead = names[at] === "authorization" ? "OLLAMA_TOKEN sets it" : "the call sets it itself";
      throw new BadOllamaConfig(`OLLAMA_HEADERS must not hold ${name}: ${instead}.`);
    }
    if (names.indexOf(names[at]!) !== at) {
      throw new BadOllamaConfig(`OLLAMA_HEADERS holds ${name} twice: case makes no difference.`);
    }
    if (!HEADER_VALUE.test(value)) {
      throw new BadOllamaConfig(
        `OLLAMA_HEADERS: the value of ${name} must be 1 to 8192 printable ASCII characters, no space at either end.`,
      );
    }
  }
  return Object.fromEntries(entries);
}

function headerEntries(text: string): [string, string][] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What does not parse is told by the caller.
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === "string") ? entries : null;
}
