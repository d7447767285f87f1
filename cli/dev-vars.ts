/** `.dev.vars`: the secrets of a local installation, for wrangler and for the commands that speak to it. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Failure } from "./failure.ts";

const TOKEN_NAMES = ["INGEST_TOKEN", "VIEWER_TOKEN", "ADMIN_TOKEN"] as const;
export type TokenName = (typeof TOKEN_NAMES)[number];
export type Tokens = Readonly<Record<TokenName, string>>;

/** A shorter token could be guessed; 16 characters of base64url are 96 bits. */
const TOKEN_LENGTH_MIN = 16;

const HEADER = `# The tokens of this machine's Faultline: programs send one as "Authorization: Bearer ...". Keep this file to yourself.
`;

/**
 * Reads the tokens of an existing file.
 *
 * @returns null where there is no file
 * @throws Failure that names the field that is missing, short or not its own
 */
export function readTokens(path: string): Tokens | null {
  const text = readIfThere(path);
  return text === null ? null : parseTokens(text);
}

/**
 * Turns demo mode on (worker/demo-mode.ts) where the file says nothing of it: whoever wrote DEMO=0 is heeded.
 *
 * @returns whether it was written now
 */
export function writeDemo(path: string): boolean {
  return writeWhereMissing(
    path,
    "DEMO",
    () => "1",
    "Faults may be played on purpose, from this machine alone: `faultline break --help`. 0 turns it off.",
  );
}

/**
 * Writes the key under which the targets of subscriptions are stored, where the file has none: one that changed could open none of
 * them any more. `randomToken` makes one.
 *
 * @returns whether it was written now
 */
export function writeSubscriptionKey(path: string, randomToken: () => string): boolean {
  const comment =
    "What targets of subscriptions are stored encrypted with: without it all of them have to be given again.";
  return writeWhereMissing(path, "SUBSCRIPTION_KEY", randomToken, comment);
}

/** Those of the variables that the file says nothing of: whoever wrote one is heeded. */
export function unsetVariables(
  path: string,
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const set = parseEnv(readIfThere(path) ?? "");
  return Object.fromEntries(Object.entries(variables).filter(([name]) => set[name] === undefined));
}

function writeWhereMissing(path: string, name: string, value: () => string, comment: string): boolean {
  const text = readFileSync(path, "utf8");
  if (parseEnv(text)[name] !== undefined) return false;
  const lines = `# ${comment}\n${name}=${value()}\n`;
  appendFileSync(path, text.endsWith("\n") || text === "" ? lines : `\n${lines}`);
  return true;
}

/** Writes new tokens where there are none, readable by the owner alone. `randomToken` makes one. */
export function writeTokens(path: string, randomToken: () => string): Tokens {
  const tokens = { INGEST_TOKEN: randomToken(), VIEWER_TOKEN: randomToken(), ADMIN_TOKEN: randomToken() };
  const lines = TOKEN_NAMES.map((name) => `${name}=${tokens[name]}\n`);
  writeFileSync(path, HEADER + lines.join(""), { mode: 0o600, flag: "wx" });
  return tokens;
}

/** @throws Failure, see readTokens */
export function parseTokens(text: string): Tokens {
  const vars = parseEnv(text);
  for (const name of TOKEN_NAMES) {
    const times = text.match(new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`, "gm"))?.length ?? 0;
    if (times > 1) throw broken(`${name} stands in it ${times} times`);
    const value = vars[name] ?? "";
    if (value === "") throw broken(`${name} is missing`);
    if (value.length < TOKEN_LENGTH_MIN)
      throw broken(`${name} has ${value.length} characters and needs at least ${TOKEN_LENGTH_MIN}`);
    const twin = TOKEN_NAMES.find((other) => other !== name && vars[other] === value);
    if (twin !== undefined) throw broken(`${name} and ${twin} must differ`);
  }
  return {
    INGEST_TOKEN: vars["INGEST_TOKEN"] ?? "",
    VIEWER_TOKEN: vars["VIEWER_TOKEN"] ?? "",
    ADMIN_TOKEN: vars["ADMIN_TOKEN"] ?? "",
  };
}

function broken(what: string): Failure {
  return new Failure(`.dev.vars: ${what}; mend it, or delete the file and \`npm start\` writes a new one.`);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
