/** The options of `npm run sim`. */
import { Failure } from "../cli/failure.ts";
import { parseOptions, parseWhole } from "../cli/options.ts";
import { INVARIANTS } from "./invariants.ts";
import { type PlantName, PLANTS } from "./plants.ts";

const SEED_MAX = 2 ** 31 - 1;
const RUNS_DEFAULT = 100;
const USAGE = "npm run sim --";

export interface SimOptions {
  /** Of the first run; the others follow. */
  readonly seed: number;
  readonly runs: number;
  readonly plant: PlantName | null;
  readonly trace: boolean;
}

/** Null when help is asked for. @throws Failure with exit code 2 */
export function parseSimOptions(argv: readonly string[]): SimOptions | null {
  const { values } = parseOptions(
    argv,
    {
      seed: { type: "string", default: "1" },
      runs: { type: "string", default: String(RUNS_DEFAULT) },
      plant: { type: "string" },
      trace: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    USAGE,
  );
  if (values.help) return null;
  const seed = parseWhole("seed", values.seed, 0, SEED_MAX);
  const runs = parseWhole("runs", values.runs, 1, SEED_MAX);
  return { seed, runs, plant: parsePlant(values.plant), trace: values.trace };
}

function parsePlant(name: string | undefined): PlantName | null {
  if (name === undefined) return null;
  if (Object.hasOwn(PLANTS, name)) return name as PlantName;
  throw new Failure(`--plant must be one of ${Object.keys(PLANTS).join(", ")}, not "${name}".`, 2);
}

export function helpText(): string {
  const plants = Object.entries(PLANTS).map(([name, { says }]) => `  ${name.padEnd(22)} ${says}\n`);
  const invariants = Object.entries(INVARIANTS).map(([name, says]) => `  ${name.padEnd(28)} ${says}\n`);
  return `Usage: ${USAGE} [--seed S] [--runs N] [--plant BUG] [--trace]

Runs the actors and the Worker's ingest over real SQL in virtual time, while batches come twice, late and from old owners, calls and
answers are lost, statements fail, memory goes, alarms ring late and twice, and D1 and the Fleet are off and on. A seed decides
everything: the same seed is the same run.

  --seed S     seed of the first run (1)
  --runs N     how many seeds (${RUNS_DEFAULT})
  --plant BUG  with a bug on purpose, to see it found
  --trace      prints each step of one run

Exit code: 0 all held, 1 an invariant broke, 2 wrong options.

Bugs:
${plants.join("")}
Invariants:
${invariants.join("")}`;
}
