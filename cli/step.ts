/** One step of `npm test`: a check by a tool that passes or fails as a whole. */
import { Failure } from "./failure.ts";
import { run } from "./run.ts";
import { WRANGLER_ENV } from "./wrangler.ts";

export interface Step {
  readonly name: string;
  /** Commands of node_modules/.bin, one after the other; the first that fails ends the step. */
  readonly commands: readonly (readonly string[])[];
  readonly cwd?: string;
}

export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

/** Runs a step; prints its name and time, and what it printed only where it failed. */
export async function runStep(step: Step): Promise<Outcome> {
  const began = performance.now();
  let failure: string | null = null;
  for (const command of step.commands) {
    const { code, output } = await run(command, {
      env: { ...process.env, ...WRANGLER_ENV },
      ...(step.cwd === undefined ? {} : { cwd: step.cwd }),
    });
    if (code === 0) continue;
    failure = `${output.trimEnd()}\n(${command.join(" ")}: exit code ${code})`;
    break;
  }
  const seconds = (performance.now() - began) / 1000;
  if (failure !== null) process.stdout.write(`${failure}\n`);
  process.stdout.write(`${line(step.name, failure === null ? "passed" : "FAILED", seconds)}\n`);
  return { name: step.name, passed: failure === null ? 1 : 0, failed: failure === null ? 0 : 1, skipped: 0, seconds };
}

/** Prints what each step came to; the very last line is for programs: `N passed, N failed`. */
export function summarize(outcomes: readonly Outcome[]): number {
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0);
  process.stdout.write("\n");
  for (const { name, passed, failed, skipped, seconds } of outcomes) {
    const counts = `${passed} passed${failed > 0 ? `, ${failed} FAILED` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
    process.stdout.write(`${line(name, counts, seconds)}\n`);
  }
  const failed = sum((outcome) => outcome.failed);
  process.stdout.write(`${sum((outcome) => outcome.passed)} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** Splits a program's arguments into its one option and filters for vitest. @throws Failure for any other option */
export function parseFilters(
  argv: readonly string[],
  usage: string,
): { readonly help: boolean; readonly filters: readonly string[] } {
  const help = argv.includes("--help") || argv.includes("-h");
  const filters = argv.filter((argument) => argument !== "--help" && argument !== "-h");
  const unknown = filters.find((argument) => argument.startsWith("-"));
  if (unknown !== undefined)
    throw new Failure(`Unknown option '${unknown}' (\`${usage} --help\` lists the options).`, 2);
  return { help, filters };
}

function line(name: string, result: string, seconds: number): string {
  return `${name.padEnd(24)} ${result.padEnd(24)} ${seconds.toFixed(1).padStart(6)} s`;
}
