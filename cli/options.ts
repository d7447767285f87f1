/** Reading a command's options; a wrong one is a Failure with exit code 2 that names it. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { Failure, reasonOf } from "./failure.ts";

type Specs = NonNullable<ParseArgsConfig["options"]>;

/** Parses `argv` strictly; `usage` is the command whose `--help` the refusal points to. */
export function parseOptions<T extends Specs>(
  argv: readonly string[],
  options: T,
  usage: string,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: withNegatives(argv, options), options, allowPositionals, strict: true });
  } catch (error) {
    const reason = reasonOf(error).split(". To specify")[0];
    throw new Failure(`${reason} (\`${usage} --help\` lists the options).`, 2);
  }
}

/** A negative number after an option that takes a value is its value, which may be wrong, and no option of its own. */
function withNegatives(argv: readonly string[], options: Specs): string[] {
  const args: string[] = [];
  for (const arg of argv) {
    const option = /^--([a-z-]+)$/.exec(args.at(-1) ?? "")?.[1];
    const isValue = option !== undefined && options[option]?.type === "string" && /^-\d/.test(arg);
    if (isValue) args[args.length - 1] += `=${arg}`;
    else args.push(arg);
  }
  return args;
}

/** A whole number of the given range, or a Failure that names the option. */
export function parseWhole(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Failure(`--${option} must be a whole number from ${min} to ${max}, not "${text}".`, 2);
}
