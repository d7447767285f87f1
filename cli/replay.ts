/** `faultline replay`: what Faultline would have told of a recorded stream. */
import { REJECT_REASONS } from "../domain/event.ts";
import { Replay } from "../domain/replay.ts";
import type { ReplayLine, ReplaySummary, SummaryLine } from "../domain/replay-line.ts";
import { defaultSettings } from "../domain/settings.ts";
import { Failure, reasonOf } from "./failure.ts";
import { parseOptions } from "./options.ts";
import { type EventSource, openSource } from "./replay/event-source.ts";
import { IncidentTable, summaryLines } from "./replay/incident-table.ts";
import { lineChunks } from "./replay/line-chunks.ts";
import { LineOutput } from "./replay/line-output.ts";
import { Progress } from "./replay/progress.ts";

const REPLAY_HELP = `Usage: faultline replay FILE [options]

Tells what Faultline would have told of a recorded stream: events as JSON, one a line, in the order in which they came
(\`-\` is standard input; gzip is unpacked). The same code as in the running system judges them; its clock is the newest
event time so far.

  --json           one JSON object a line: window, anomaly, incident, and at the end summary
  --help           this text

An incident's \`at\` is the event time at which a subscriber would have been told, its \`onset\` the estimated start.
Lines that are no event are counted, the first ones named with their numbers, and the rest goes on. Without a record's
timestamp no date is too old; one that leaps more than a day ahead of all others, and is followed by none like it, is
wrong (\`future\`). An event that is more than 5 minutes late no longer corrects its window (\`dropped\`).

Ends with 0; with 1 where there was nothing to read, or the reading broke off; with 2 for a wrong option.
`;

export async function replay(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    { json: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
    "faultline replay",
    true,
  );
  if (values.help) {
    process.stdout.write(REPLAY_HELP);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0)
    throw new Failure("replay takes one FILE, or `-` for standard input (`faultline replay --help`).", 2);
  const run = new ReplayRun(await openSource(path), values.json);
  return await run.finish();
}

/** One reading of a source to its end, or to where it breaks off. */
class ReplayRun {
  readonly #source: EventSource;
  readonly #isJson: boolean;
  readonly #output = new LineOutput(process.stdout);
  readonly #progress = new Progress(process.stderr);
  readonly #table = new IncidentTable();
  readonly #replay = new Replay({ settingsOf: defaultSettings, emit: (line) => this.#tell(line) });
  readonly #start_ms = performance.now();

  constructor(source: EventSource, isJson: boolean) {
    this.#source = source;
    this.#isJson = isJson;
  }

  /** The exit code. */
  async finish(): Promise<number> {
    const broken = await this.#read();
    const summary = this.#summary(this.#replay.finish());
    if (this.#isJson) this.#output.write(JSON.stringify(summary));
    else for (const line of [...this.#table.lines(), "", ...summaryLines(summary)]) this.#output.write(line);
    this.#progress.clear();
    await this.#output.flush();
    for (const line of complaints(summary)) process.stderr.write(`${line}\n`);
    if (broken !== null) throw new Failure(`${this.#source.name} cannot be read to its end: ${broken}.`);
    if (summary.events === 0) throw new Failure(`${this.#source.name} holds no event.`);
    return 0;
  }

  /** Why the reading broke off; null where it did not. */
  async #read(): Promise<string | null> {
    const chunks = lineChunks(this.#source.bytes)[Symbol.asyncIterator]();
    while (!this.#output.isClosed) {
      const next = await chunks.next().catch((error: unknown) => reasonOf(error));
      if (typeof next === "string") return next;
      if (next.done === true) return null;
      this.#replay.push(next.value);
      if (process.stdout.isTTY && this.#output.isPending) this.#progress.clear();
      await this.#output.flush();
      this.#showProgress();
    }
    await chunks.return(undefined);
    return null;
  }

  #tell(line: ReplayLine): void {
    if (this.#isJson) this.#output.write(JSON.stringify(line));
    else if (line.type === "incident") this.#table.add(line);
  }

  #wallS(): number {
    return (performance.now() - this.#start_ms) / 1000;
  }

  #summary(summary: ReplaySummary): SummaryLine {
    const wall_s = this.#wallS();
    const events_per_s = Math.round(summary.events / wall_s);
    return { type: "summary", ...summary, wall_s: Number(wall_s.toFixed(3)), events_per_s };
  }

  #showProgress(): void {
    const { size_bytes } = this.#source;
    const { events, event_time_s } = this.#replay;
    const wall_s = this.#wallS();
    this.#progress.show({ read_bytes: this.#source.read_bytes(), size_bytes, events, event_time_s, wall_s });
  }
}

function complaints({ wrong_lines, wrong_first }: SummaryLine): string[] {
  const named = wrong_first.map(({ line, reason }) => `line ${line}: ${reason}: ${REJECT_REASONS[reason]}`);
  const rest = wrong_lines - wrong_first.length;
  return rest === 0 ? named : [...named, `and ${rest.toLocaleString("en-US")} wrong lines more`];
}
