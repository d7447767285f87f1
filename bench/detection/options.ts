/** The command line of the detection benchmark. */
import { Failure } from "../../cli/failure.ts";
import { parseOptions, parseWhole } from "../../cli/options.ts";
import { COMPLAINTS } from "./complaints.ts";
import { CONTENDERS } from "./contenders.ts";
import { VARIANTS, type Variant } from "./fault-run.ts";
import { FAULTS } from "./faults.ts";
import { SEEDS, type SeedSet } from "./seeds.ts";

export interface DetectionOptions {
  readonly seeds: SeedSet;
  readonly faults: readonly string[];
  readonly variants: readonly Variant[];
  /** Kinds of healthy lives. */
  readonly healthy: readonly string[];
  readonly rates: readonly number[];
  readonly base_errors: readonly number[];
  readonly contenders: readonly string[];
  /** Faults a cell. */
  readonly runs: number;
  /** Number of the first run of a cell, and of its first life: each number has a seed of its own. */
  readonly first: number;
  /** Service-days of healthy lives in all. */
  readonly days: number;
  readonly workers: number;
  /** JSON lines go here, and the shortened table beside them as Markdown; null: neither. */
  readonly out: string | null;
  /** Print a JSON line for each run and contender. */
  readonly trace: boolean;
}

const RATES = [1, 10, 100, 1000] as const;
const BASE_ERRORS = [0.001, 0.02] as const;
const HEALTHY = ["quiet", "benign", ...COMPLAINTS.map(({ name }) => name)];
const USAGE = "npm run bench -- detection";
/** Service-days of the report, and faults a cell. */
const REPORT = { days: "500", runs: "60" };
const TUNING = { days: "20", runs: "12" };

export const HELP = `Usage: ${USAGE} -- [options]

Simulates services, makes them fail, and holds the contenders' alarms against what happened.

  --seeds SET          tuning or reporting (tuning)
  --only LIST          these alone, by commas: ${FAULTS.map(({ name }) => name).join(", ")},
                       ${HEALTHY.join(", ")}; or "faults", or "healthy"
                       (usual-hour has one cell of its own: 10/s, 0.1 %; so have the lives after benign)
  --variants LIST      ${VARIANTS.join(", ")} (all)
  --rates LIST         requests/s: ${RATES.join(", ")} (all)
  --base LIST          error rate while all is well: ${BASE_ERRORS.join(", ")} (both)
  --contender LIST     ${[...CONTENDERS.keys()].join(", ")} (all)
  --runs N             faults a warm cell, a quarter of them in the other variants (${TUNING.runs}; with reporting seeds ${REPORT.runs})
  --days N             service-days without a fault: two fifths quiet, two fifths with benign events, the rest complaints
                       (${TUNING.days}; with reporting seeds ${REPORT.days})
  --first N            number of the first run and life; each number has a seed of its own, so that what was tuned on some
                       can be tried on others (0)
  --workers N          threads (2)
  --out FILE           writes JSON lines to FILE.json and a short table to FILE.md
  --trace              prints a JSON line for each run and contender, with all that it told
`;

export function parseDetectionOptions(argv: readonly string[]): DetectionOptions {
  const text = { type: "string" } as const;
  const { values } = parseOptions(
    argv,
    {
      seeds: text,
      only: text,
      variants: text,
      rates: text,
      base: text,
      contender: text,
      runs: text,
      days: text,
      first: text,
      workers: text,
      out: text,
      trace: { type: "boolean" },
    },
    USAGE,
  );
  const seeds = parseOne("seeds", values.seeds ?? "tuning", Object.keys(SEEDS) as SeedSet[]);
  const usual = seeds === "reporting" ? REPORT : TUNING;
  const faults = FAULTS.map(({ name }) => name);
  const only = values.only === undefined ? null : expand(values.only, faults);
  if (only !== null) parseList("only", only.join(","), [...faults, ...HEALTHY]);
  return {
    seeds,
    faults: faults.filter((name) => only?.includes(name) ?? true),
    healthy: HEALTHY.filter((name) => only?.includes(name) ?? true),
    variants: parseList("variants", values.variants, VARIANTS),
    rates: parseList("rates", values.rates, RATES.map(String)).map(Number),
    base_errors: parseList("base", values.base, BASE_ERRORS.map(String)).map(Number),
    contenders: parseList("contender", values.contender, [...CONTENDERS.keys()]),
    runs: parseWhole("runs", values.runs ?? usual.runs, 1, 10_000),
    days: parseWhole("days", values.days ?? usual.days, 1, 100_000),
    first: parseWhole("first", values.first ?? "0", 0, 1_000_000),
    workers: parseWhole("workers", values.workers ?? "2", 1, 64),
    out: values.out?.replace(/\.json$/, "") ?? null,
    trace: values.trace ?? false,
  };
}

function expand(only: string, faults: readonly string[]): string[] {
  return only.split(",").flatMap((name) => (name === "faults" ? faults : name === "healthy" ? HEALTHY : [name]));
}

function parseOne<T extends string>(option: string, given: string, known: readonly T[]): T {
  const found = known.find((name) => name === given);
  if (found === undefined) throw new Failure(`--${option}: "${given}" is none of ${known.join(", ")}.`, 2);
  return found;
}

/** All of `known` where nothing is given. */
function parseList<T extends string>(option: string, given: string | undefined, known: readonly T[]): readonly T[] {
  return given === undefined ? known : given.split(",").map((name) => parseOne(option, name, known));
}
