/** The simulation itself: that it holds for many seeds, that a seed is one run, and that it finds bugs. */
import { describe, expect, test } from "vitest";
import { ROOT } from "../cli/paths.ts";
import { run } from "../cli/run.ts";
import type { InvariantName } from "./invariants.ts";
import { parseSimOptions } from "./options.ts";
import { type PlantName, PLANTS } from "./plants.ts";
import { failureText } from "./report.ts";
import { type RunResult, simulate } from "./run.ts";

const SEEDS = 1_000;
const SEEDS_A_TEST = 100;
/** A thousand take a minute on one quiet core; the others of this machine are rarely quiet. */
const TIMEOUT_MS = 120_000;

function seedsFrom(first: number): number[] {
  return Array.from({ length: SEEDS_A_TEST }, (_, i) => first + i);
}

describe(`${SEEDS} seeds`, () => {
  const firsts = Array.from({ length: SEEDS / SEEDS_A_TEST }, (_, i) => 1 + i * SEEDS_A_TEST);

  test.each(firsts)(
    `hold all invariants: ${SEEDS_A_TEST} from %i`,
    async (first) => {
      const results: RunResult[] = [];
      for (const seed of seedsFrom(first)) {
        const result = await simulate(seed, { plant: null });
        if (result.broken !== null) expect.fail(failureText(result, result.broken, null));
        results.push(result);
      }
      // What does nothing proves nothing.
      const sum = (count: (result: RunResult) => number): number =>
        results.reduce((total, result) => total + count(result), 0);
      expect(sum(({ messages }) => messages)).toBeGreaterThan(5_000);
      expect(sum(({ incidents }) => incidents)).toBeGreaterThan(20);
      expect(sum(({ compared }) => compared)).toBeGreaterThan(10);
    },
    TIMEOUT_MS,
  );
});

describe("a seed", () => {
  test("is one run, bit for bit", async () => {
    for (const seed of [3, 8, 21]) {
      const traces: string[][] = [[], []];
      const digests: string[] = [];
      for (const trace of traces)
        digests.push((await simulate(seed, { plant: null, note: (line) => trace.push(line) })).digest);
      expect(traces[1]).toEqual(traces[0]);
      expect(digests[1]).toBe(digests[0]);
      expect((await simulate(seed + 1, { plant: null })).digest).not.toBe(digests[0]);
    }
  });

  test(
    "that fails is told with the invariant, what was expected and found, and the command that repeats it",
    async () => {
      const argv = ["sim/sim.ts", "--seed", "1", "--runs", "40", "--plant", "double-apply"];
      const { code, output } = await run([process.execPath, ...argv], { cwd: ROOT });
      expect(code).toBe(1);
      const seed = /^seed (\d+): exactly_once at accepted of \w+$/m.exec(output)?.[1];
      expect(output).toMatch(/^ {2}expected: \d.*\n {2}found: {4}\d+$/m);
      expect(output).toContain(`repeat: npm run sim -- --seed ${seed} --runs 1 --plant double-apply`);
      const again = await run(
        [process.execPath, "sim/sim.ts", "--seed", seed!, "--runs", "1", "--plant", "double-apply"],
        {
          cwd: ROOT,
        },
      );
      expect(again).toEqual({ ...again, code: 1, output });
    },
    TIMEOUT_MS,
  );
});

/** By planted bug the invariants that name it. */
const CAUGHT_BY: Readonly<Record<PlantName, readonly InvariantName[]>> = {
  "double-apply": ["exactly_once"],
  "lost-outbox": ["windows_equal_recomputation", "outbox_drains_in_order", "words_come"],
  "lost-words": ["narratives_agree"],
  "zombie-rewinds-high": ["high_never_moves_back"],
  "lost-alarm": ["alarm_rearmed"],
  // Also where a failing statement has the object read its storage anew before anybody has compared the two.
  "memory-ahead": ["memory_equals_storage", "exactly_once"],
};

describe("a planted bug", () => {
  test.each(Object.keys(PLANTS) as PlantName[])(
    "is found and named: %s",
    async (plant) => {
      for (let seed = 1; seed <= 40; seed += 1) {
        const { broken } = await simulate(seed, { plant });
        if (broken === null) continue;
        expect(CAUGHT_BY[plant]).toContain(broken.invariant);
        return;
      }
      expect.fail(`40 seeds did not find ${plant}`);
    },
    TIMEOUT_MS,
  );
});

describe("the options", () => {
  test("have defaults, and help comes before all", () => {
    expect(parseSimOptions([])).toEqual({ seed: 1, runs: 100, plant: null, trace: false });
    expect(parseSimOptions(["--seed", "7", "--runs", "2"])).toMatchObject({ seed: 7, runs: 2 });
    expect(parseSimOptions(["--help"])).toBeNull();
  });

  test.each([
    [["--runs", "none"], /--runs must be a whole number/],
    [["--seed", "-1"], /--seed/],
    [["--plant", "roses"], /--plant must be one of double-apply/],
    [["--sead", "1"], /--sead/],
    [["7"], /7/],
  ])("refuse %j and name it", (argv, named) => {
    expect(() => parseSimOptions(argv)).toThrow(named);
  });

  test("that are wrong end with 2, and so does a trace of many runs", async () => {
    for (const argv of [["--runs", "0"], ["--trace"]]) {
      const { code, output } = await run([process.execPath, "sim/sim.ts", ...argv], { cwd: ROOT });
      expect([code, output]).toEqual([2, expect.stringMatching(/^faultline: .*--(runs|trace)/)]);
    }
  });
});
