/** The command line of the narrator's evaluation. */
import { Failure } from "../../cli/failure.ts";
import { parseOptions } from "../../cli/options.ts";
import { BadOllamaConfig, type OllamaConfig, parseOllamaConfig } from "../../durable-objects/ollama-model.ts";

const USAGE = "npm run eval:narrator";
const URL_DEFAULT = "http://127.0.0.1:11434";

export const HELP = `Usage: ${USAGE} -- [options]

Lets the template, and a model if one is named, tell of 40 recorded faults, and holds their words against what was injected.

  --model NAME   a model of an Ollama server too, as \`ollama list\` shows it
  --url URL      the server (OLLAMA_URL, else ${URL_DEFAULT}); OLLAMA_TOKEN, OLLAMA_HEADERS and OLLAMA_TIMEOUT_MS as for the Worker
  --packs GLOB   these packs alone, by name: "errors-*"
  --json         prints a JSON line for each source instead of a table
  --help         this text

Prints for each source the share of its answers that pass the check of what is shown (grounded), of its own stories that say all that
they must and nothing that they must not (expectations), of packs in which the template stood in (fallback), and how long an answer
took. Exit code 1 where the template does worse than its recorded result.
`;

export interface EvalOptions {
  /** Null: the template alone. */
  readonly model: OllamaConfig | null;
  readonly packs: string;
  readonly json: boolean;
  readonly help: boolean;
}

/** `env`: the process's own. A wrong option or variable is a Failure that names it. */
export function parseEvalOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): EvalOptions {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const specs = { model: text, url: text, packs: text, json: flag, help: { type: "boolean", short: "h" } } as const;
  const { values } = parseOptions(argv, specs, USAGE);
  if (values.url !== undefined && values.model === undefined)
    throw new Failure("--url needs --model NAME: the template asks nobody.", 2);
  return {
    model: values.model === undefined ? null : modelOf(values.model, values.url, env),
    packs: values.packs ?? "*",
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function modelOf(
  model: string,
  url: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): OllamaConfig | null {
  const { OLLAMA_URL, OLLAMA_TOKEN, OLLAMA_HEADERS, OLLAMA_TIMEOUT_MS } = env;
  const from = url ?? (OLLAMA_URL === undefined || OLLAMA_URL === "" ? URL_DEFAULT : OLLAMA_URL);
  const given = { OLLAMA_URL: from, OLLAMA_MODEL: model, OLLAMA_TOKEN, OLLAMA_HEADERS, OLLAMA_TIMEOUT_MS };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  try {
    return parseOllamaConfig(set);
  } catch (error) {
    if (!(error instanceof BadOllamaConfig)) throw error;
    const named = error.message.replace("OLLAMA_MODEL", "--model");
    throw new Failure(url === undefined ? named : named.replace("OLLAMA_URL", "--url"), 2);
  }
}
