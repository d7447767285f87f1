/** What the narrator's template, or a model, makes of recorded faults: grounded, as expected, how often the template stands in. */
import { Failure, runMain } from "../cli/failure.ts";
import { tableLines } from "../cli/text-table.ts";
import { ollamaModel } from "../durable-objects/ollama-model.ts";
import { type Judged, judgeModel, judgeTemplate, type Score, scoreOf, TEMPLATE } from "./narrator/judge.ts";
import { HELP, parseEvalOptions } from "./narrator/options.ts";
import { type Pack, readPacks } from "./narrator/pack.ts";
import { isFallen, readStanding } from "./narrator/standing.ts";

await runMain(async () => {
  const options = parseEvalOptions(process.argv.slice(2), process.env);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const packs = readPacks(options.packs);
  if (packs.length === 0) throw new Failure(`--packs: no pack is named like "${options.packs}".`, 2);
  const template = packs.map((pack) => judgeTemplate(pack, () => performance.now()));
  const scores = [scoreOf(TEMPLATE, template)];
  const told = [...failuresOf(TEMPLATE, template)];
  if (options.model !== null) {
    const { model } = options.model;
    const judged = await judgeAll(packs, ollamaModel(options.model));
    scores.push(scoreOf(model, judged));
    told.push(...failuresOf(model, judged));
  }
  process.stdout.write(options.json ? jsonLines(scores) : `${[...told, ...table(scores)].join("\n")}\n`);
  return isFallen(template, readStanding()) ? 1 : 0;
});

/** One after the other: a laptop's model does one thing at a time. Interrupted, it gives up the call that is under way. */
async function judgeAll(packs: readonly Pack[], model: ReturnType<typeof ollamaModel>): Promise<readonly Judged[]> {
  const abort = new AbortController();
  process.once("SIGINT", () => abort.abort());
  const judged: Judged[] = [];
  for (const pack of packs) {
    showProgress(`${judged.length}/${packs.length} ${pack.name}`);
    judged.push(await judgeModel(pack, model, abort.signal));
    if (abort.signal.aborted) break;
  }
  showProgress("");
  return judged;
}

/** On a terminal, in one line that the next one replaces. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

function failuresOf(source: string, judged: readonly Judged[]): string[] {
  return judged
    .filter(({ failures }) => failures.length > 0)
    .map(({ name, failures }) => `${source}, ${name}: ${failures.slice(0, 3).join("; ")}`);
}

function jsonLines(scores: readonly Score[]): string {
  return scores.map((score) => `${JSON.stringify(score)}\n`).join("");
}

function table(scores: readonly Score[]): string[] {
  const headers = ["source", "packs", "grounded", "expectations", "fallback", "p50", "p95"];
  return tableLines(
    headers,
    scores.map((score) => [
      score.source,
      String(score.packs),
      percent(score.grounded),
      `${percent(score.expectations)} (${score.met})`,
      percent(score.fallback),
      milliseconds(score.latency_p50_ms),
      milliseconds(score.latency_p95_ms),
    ]),
  );
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)} %`;
}

function milliseconds(value_ms: number | null): string {
  if (value_ms === null) return "-";
  return value_ms < 1000 ? `${value_ms.toFixed(1)} ms` : `${(value_ms / 1000).toFixed(1)} s`;
}
