/** `npm run sim`: simulations by seed, each the same whenever and wherever it runs. */
import { Failure, runMain } from "../cli/failure.ts";
import { helpText, parseSimOptions } from "./options.ts";
import { failureText, Progress } from "./report.ts";
import { simulate } from "./run.ts";

await runMain(async () => {
  const options = parseSimOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(helpText());
    return 0;
  }
  const { seed, runs, plant, trace } = options;
  if (trace && runs > 1) throw new Failure("--trace prints the steps of one run: add --runs 1.", 2);
  const progress = new Progress(runs, process.stderr.isTTY ? (text) => process.stderr.write(text) : null);
  const note = (line: string): void => void process.stdout.write(`${line}\n`);
  for (let at = seed; at < seed + runs; at += 1) {
    const result = await simulate(at, { plant, ...(trace ? { note } : {}) });
    progress.add(result);
    if (result.broken === null) continue;
    progress.clear();
    process.stdout.write(failureText(result, result.broken, plant));
    return 1;
  }
  progress.clear();
  process.stdout.write(progress.summary());
  return 0;
});
