/** What whoever runs Faultline may set of the Narrator itself; how its model is reached is the model's own (OLLAMA_…). */
import * as v from "valibot";

/** Words for about 150 incidents a day; nobody's bill for a remote model grows beyond it unseen. */
const DAILY_TOKENS_DEFAULT = 500_000;
const DAILY_TOKENS_MAX = 1_000_000_000_000;
/** Two calls at once an instance: more than this many would only queue up at the model. */
const INSTANCES_MAX = 64;

export interface NarratorSettings {
  /** Services are spread over so many objects by a hash of their names. */
  readonly instances: number;
  /** Tokens (read and written) a day by UTC, over all instances; 0 leaves every narrative to the template. */
  readonly daily_tokens: number;
}

/** Variables of the Worker's environment; one that is missing or empty has its default. */
export interface NarratorVariables {
  readonly NARRATOR_INSTANCES?: string;
  readonly NARRATOR_DAILY_TOKENS?: string;
}

/** @throws TypeError that names the variable and what it must be */
export function parseNarratorSettings(variables: NarratorVariables): NarratorSettings {
  return {
    instances: parseWhole(variables, "NARRATOR_INSTANCES", 1, INSTANCES_MAX) ?? 1,
    daily_tokens: parseWhole(variables, "NARRATOR_DAILY_TOKENS", 0, DAILY_TOKENS_MAX) ?? DAILY_TOKENS_DEFAULT,
  };
}

/** Null where it is not set. */
function parseWhole(
  variables: NarratorVariables,
  name: keyof NarratorVariables,
  min: number,
  max: number,
): number | null {
  const text = (variables[name] ?? "").trim();
  if (text === "") return null;
  const schema = v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number), v.minValue(min), v.maxValue(max));
  const parsed = v.safeParse(schema, text);
  if (!parsed.success)
    throw new TypeError(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
  return parsed.output;
}
