/** Time to detect, recall and false alarms on simulated services, beside the rules that people run today. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { runMain } from "../cli/failure.ts";
import { HELP, parseDetectionOptions } from "./detection/options.ts";
import { runTasks } from "./detection/pool.ts";
import { fullTables, jsonLines } from "./detection/report.ts";
import { shortTables } from "./detection/short-report.ts";
import { scoresOf } from "./detection/scoring.ts";
import { tasksOf, type TaskResult } from "./detection/task.ts";

await runMain(async () => {
  const argv = process.argv.slice(2);
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(HELP);
    return 0;
  }
  const options = parseDetectionOptions(argv);
  const tasks = tasksOf(options);
  const began = performance.now();
  const results = await runTasks(options, tasks, (done) => showProgress(done, tasks.length, began));
  if (options.trace) for (const result of results) trace(result);
  const scores = scoresOf(results);
  const elapsed_s = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(`${fullTables(scores, options.contenders)}\n${shortTables(scores, options)}\n${elapsed_s} s\n`);
  if (options.out !== null) {
    mkdirSync(dirname(options.out), { recursive: true });
    writeFileSync(`${options.out}.json`, jsonLines(options, scores));
    writeFileSync(`${options.out}.md`, shortTables(scores, options));
  }
  return 0;
});

function showProgress(done: number, total: number, began: number): void {
  if (!process.stderr.isTTY) return;
  const left_s = ((performance.now() - began) / 1000 / done) * (total - done);
  process.stderr.write(`\r\x1b[K${done === total ? "" : `${done} of ${total}, about ${left_s.toFixed(0)} s left`}`);
}

function trace(result: TaskResult): void {
  const { cell } = result;
  const lines =
    result.kind === "healthy"
      ? result.outcomes.map((outcome) => ({ type: "life", ...cell, ...outcome }))
      : result.runs.flatMap((outcomes, i) =>
          outcomes.map((outcome) => ({ type: "run", ...cell, run: result.index + i, ...outcome })),
        );
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
}
