/** The language model behind Ollama: one call, bounded in time, size and tokens, whose answer nobody has checked yet. */
import { Ollama, type ChatResponse } from "ollama/browser";
import type { Evidence } from "../domain/evidence.ts";
import { storySchema } from "../domain/narrative-form.ts";
import { ANSWER_TOKENS_MAX, CONTEXT_TOKENS, promptOf } from "../domain/narrative-prompt.ts";
import type { ModelAnswer, ModelPort, Repair } from "../domain/narrator.ts";
import { boundedFetch, FetchFailed } from "./bounded-fetch.ts";
import type { OllamaConfig } from "./ollama-config.ts";

export { BadOllamaConfig, type OllamaConfig, type OllamaEnv, parseOllamaConfig } from "./ollama-config.ts";

/** An answer of ANSWER_TOKENS_MAX tokens with what Ollama says beside it takes some kilobytes. */
const ANSWER_BYTES_MAX = 256 * 1024;

/** Low: the words may vary, what they say may not. */
const TEMPERATURE = 0.3;

/** What is shown of an error that came from outside. */
const FOREIGN_LENGTH_MAX = 200;

/**
 * `aborted`: the caller gave it up. `refused`: a status other than 2xx. `no_model`: the server has no such model.
 * `no_answer`: what came with 200 is not what Ollama says.
 */
export type Unavailability = Exclude<FetchFailed["failure"], "refused"> | "refused" | "no_model" | "no_answer";

/** No whole answer came. The message is for a person, and foreign text in it is data. */
export class ModelUnavailable extends Error {
  override readonly name = "ModelUnavailable";
  readonly reason: Unavailability;

  constructor(reason: Unavailability, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

export function ollamaModel(config: OllamaConfig): ModelPort {
  return {
    name: config.model,
    async ask(evidence: Evidence, repair: Repair | null, signal: AbortSignal): Promise<ModelAnswer> {
      const started_ms = Date.now();
      try {
        const { text, tokens } = answerOf(await chat(config, evidence, repair, signal));
        return { text, tokens, latency_ms: Date.now() - started_ms };
      } catch (error) {
        throw unavailable(error, config);
      }
    },
  };
}

/**
 * Not streamed: a part of an answer is of no use to anybody, and one body is bounded more simply than a stream of objects. Ollama
 * stops to write when the connection is given up.
 */
function chat(
  config: OllamaConfig,
  evidence: Evidence,
  repair: Repair | null,
  signal: AbortSignal,
): Promise<ChatResponse> {
  const { system, messages } = promptOf(evidence, repair);
  const fetcher = config.fetch ?? ((input, init) => fetch(input, init));
  const client = new Ollama({
    host: config.url,
    headers: { ...config.headers, ...(config.token === undefined ? {} : { Authorization: `Bearer ${config.token}` }) },
    fetch: boundedFetch(fetcher, { bytes_max: ANSWER_BYTES_MAX, timeout_ms: config.timeout_ms, signal }),
  });
  return client.chat({
    model: config.model,
    messages: [{ role: "system", content: system }, ...messages],
    stream: false,
    format: storySchema(evidence),
    think: false,
    options: { temperature: TEMPERATURE, num_predict: ANSWER_TOKENS_MAX, num_ctx: CONTEXT_TOKENS },
  });
}

/**
 * A cut-off answer (`done_reason` is `length`) is handed on: the server did its part, and the check refuses it with words that
 * tell the model to write less. It would be wrong to count it against the server.
 */
function answerOf(response: unknown): { text: string; tokens: number } {
  const { message, done, prompt_eval_count, eval_count } = recordOf(response);
  const { content } = recordOf(message);
  if (typeof content !== "string" || done !== true) {
    throw new ModelUnavailable("no_answer", "what it answered holds no message that is done");
  }
  return { text: content, tokens: countOf(prompt_eval_count) + countOf(eval_count) };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Ollama leaves the prompt's count out where it had the whole prompt at hand; a hostile one may say anything. */
function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? Math.min(value, CONTEXT_TOKENS) : 0;
}

function unavailable(error: unknown, config: OllamaConfig): ModelUnavailable {
  const where = `Ollama at ${config.url}`;
  if (error instanceof ModelUnavailable) return new ModelUnavailable(error.reason, `${where}: ${error.message}.`);
  if (error instanceof FetchFailed) {
    if (error.failure === "refused") return refused(error, where, config.model);
    return new ModelUnavailable(error.failure, `${where}: ${error.message}.`, error);
  }
  // The client's own reading of the body as JSON.
  if (error instanceof SyntaxError) {
    const message = `${where}: what it answered is not JSON (a proxy's page? then OLLAMA_HEADERS lacks what it asks for).`;
    return new ModelUnavailable("no_answer", message, error);
  }
  return new ModelUnavailable("unreachable", `${where}: ${String(error)}`, error);
}

function refused({ status, message: body }: FetchFailed, where: string, model: string): ModelUnavailable {
  const said = foreign(body);
  if (status === 404 && /model/i.test(body)) {
    return new ModelUnavailable("no_model", `${where} has no model ${model}: run \`ollama pull ${model}\` there.`);
  }
  const hint = status === 401 || status === 403 ? "; OLLAMA_TOKEN or OLLAMA_HEADERS must hold what it asks for" : "";
  return new ModelUnavailable("refused", `${where} answered ${status}${said === "" ? "" : ` (${said})`}${hint}.`);
}

/** The error's own words where it is Ollama's, without what is no printable character, and short. */
function foreign(body: string): string {
  const error = /^\s*\{\s*"error"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body;
  return error
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, FOREIGN_LENGTH_MAX);
}
