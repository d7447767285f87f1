/** The dashboard in a real Chromium: script of the first load, time until it answers, cost of a tick, memory, scrolling. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { Failure, runMain } from "../cli/failure.ts";
import { parseOptions, parseWhole } from "../cli/options.ts";
import type { FleetSnapshot } from "../domain/message.ts";
import { withDashboard } from "../tests/e2e/with-dashboard.ts";
import { measureFirstLoad } from "./web/first-load.ts";
import { readSnapshot, seed } from "./web/fleet-scene.ts";
import { measureInteractive } from "./web/interactive.ts";
import { measureMemory } from "./web/memory-growth.ts";
import { measureScrolling } from "./web/scrolling.ts";
import { measureTickCost } from "./web/tick-cost.ts";

/** A sample of memory is taken after each eighth, and the page draws once for ten ticks. */
const TICKS_STEP = 80;

interface Parts {
  readonly browser: Browser;
  readonly url: string;
  /** What Faultline tells of the seeded fleet. */
  readonly real: FleetSnapshot;
  readonly ticks: number;
}

const MEASURES: Readonly<Record<string, (parts: Parts) => Promise<object>>> = {
  load: ({ browser, url }) => measureFirstLoad(browser, url),
  interactive: ({ browser, url }) => measureInteractive(browser, url),
  tick: ({ browser, url, real }) => measureTickCost(browser, url, real),
  scroll: ({ browser, url, real }) => measureScrolling(browser, url, real),
  memory: ({ browser, url, real, ticks }) => measureMemory(browser, url, real, ticks),
};

const HELP = `Usage: npm run bench -- web [options]

Needs CHROMIUM_PATH, as \`npm run test:e2e\` says. Takes five to ten minutes, most of them for memory; the figures are JSON lines, which
are appended to bench/results/web.jsonl.

  --only NAME    ${Object.keys(MEASURES).join(", ")} (all)
  --ticks N      of the memory run, a multiple of ${TICKS_STEP} up to 28800, which are 8 h (28800)
  --no-record    prints only
  --help         this text
`;

await runMain(async () => {
  const options = {
    only: { type: "string" },
    ticks: { type: "string", default: "28800" },
    "no-record": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const { values } = parseOptions(process.argv.slice(2), options, "npm run bench -- web");
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  await measure(namesOf(values.only), ticksOf(values.ticks), !values["no-record"]);
  return 0;
});

function namesOf(only: string | undefined): readonly string[] {
  if (only === undefined) return Object.keys(MEASURES);
  if (Object.hasOwn(MEASURES, only)) return [only];
  throw new Failure(`--only must be ${Object.keys(MEASURES).join(", ")}, not "${only}".`, 2);
}

function ticksOf(text: string): number {
  const ticks = parseWhole("ticks", text, TICKS_STEP, 28_800);
  if (ticks % TICKS_STEP === 0) return ticks;
  throw new Failure(`--ticks must be a multiple of ${TICKS_STEP}, not "${text}".`, 2);
}

async function measure(names: readonly string[], ticks: number, isRecorded: boolean): Promise<void> {
  await withDashboard({}, async (server, browser) => {
    await seed(server);
    const parts = { browser, url: server.url, real: await readSnapshot(server), ticks };
    for (const name of names) report(name, await MEASURES[name]!(parts), isRecorded);
  });
}

function report(kind: string, figures: object, isRecorded: boolean): void {
  const line = JSON.stringify({ bench: "web", at: new Date().toISOString(), kind, ...figures });
  console.log(line);
  if (isRecorded) appendFileSync(join(import.meta.dirname, "results", "web.jsonl"), `${line}\n`);
}
