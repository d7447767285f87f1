/** `faultline replay`: what Faultline would have told of a recorded stream. */
import { REJECT_REASONS } from "../domain/event.ts";
import { Replay } from "../domain/replay.ts";
import { compareIncidents, countChanges, ToldIncidents } from "../domain/replay-compare.ts";
import type {
  ComparedIncident,
  ComparisonLine,
  ReplayLine,
  ReplaySummary,
  SummaryLine,
} from "../domain/replay-line.ts";
import { defaultSettings, type ServiceSettings } from "../domain/settings.ts";
import { resolveSettings } from "../domain/settings-document.ts";
import { Failure, reasonOf } from "./failure.ts";
import { parseOptions } from "./options.ts";
import { number } from "./plain-text.ts";
import { comparisonLines } from "./replay/comparison-table.ts";
import { type EventSource, openSource } from "./replay/event-source.ts";
import { IncidentTable, summaryLines } from "./replay/incident-table.ts";
import { lineChunks } from "./replay/line-chunks.ts";
import { LineOutput } from "./replay/line-output.ts";
import { Progress } from "./replay/progress.ts";
import { readSettings } from "./config-file.ts";

const REPLAY_HELP = `Usage: faultline replay FILE [options]

Tells what Faultline would have told of a recorded stream: events as JSON, one a line, in the order in which they came
(\`-\` is standard input; gzip is unpacked). The same code as in the running system judges them; its clock is the newest
event time so far.

  --settings FILE  judges by these settings (a faultline.config.json) instead of the defaults
  --compare FILE   tells also what other settings would have told: incidents gained, lost, moved
  --json           one JSON object a line: window, anomaly, incident, comparison, and at the end summary
  --help           this text

An incident's \`at\` is the event time at which a subscriber would have been told, its \`onset\` the estimated start.
Lines that are no event are counted, the first ones named with their numbers, and the rest goes on. Without a record's
timestamp no date is too old; one that leaps more than a day ahead of all before it is wrong (\`future\`) where ten of
those that follow say so, and is taken where the stream ends before. An event that is more than 5 minutes late no longer
corrects its window (\`dropped\`).

Ends with 0; with 1 where there was nothing to read, the reading broke off or settings are wrong; with 2 for a wrong option.
`;

export async function replay(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      json: { type: "boolean", default: false },
      settings: { type: "string" },
      compare: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
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
  const settingsOf = await settingsFrom(values.settings);
  const other = values.compare === undefined ? null : await settingsFrom(values.compare);
  const run = new ReplayRun(await openSource(path), values.json, settingsOf, other);
  return await run.finish();
}

type SettingsOf = (service: string) => ServiceSettings;

async function settingsFrom(path: string | undefined): Promise<SettingsOf> {
  if (path === undefined) return defaultSettings;
  const document = await readSettings(path);
  return (service) => resolveSettings(document, service);
}

/** One reading of a source to its end, or to where it breaks off. */
class ReplayRun {
  readonly #source: EventSource;
  readonly #isJson: boolean;
  readonly #output = new LineOutput(process.stdout);
  readonly #progress = new Progress(process.stderr);
  readonly #table = new IncidentTable();
  readonly #replay: Replay;
  /** The same stream under the settings to compare with. */
  readonly #other: Replay | null;
  readonly #told = new ToldIncidents();
  readonly #told_by_other = new ToldIncidents();
  readonly #start_ms = performance.now();

  constructor(source: EventSource, isJson: boolean, settingsOf: SettingsOf, other: SettingsOf | null) {
    this.#source = source;
    this.#isJson = isJson;
    this.#replay = new Replay({ settingsOf, emit: (line) => this.#tell(line) });
    const hear = (line: ReplayLine): void => {
      if (line.type === "incident") this.#told_by_other.add(line);
    };
    this.#other = other === null ? null : new Replay({ settingsOf: other, emit: hear });
  }

  /** The exit code. */
  async finish(): Promise<number> {
    const broken = await this.#read();
    const ended = this.#replay.finish();
    const compared = this.#compare();
    const summary = this.#summary(ended, compared);
    for (const line of this.#isJson ? jsonLines(summary, compared) : this.#textLines(summary, compared))
      this.#output.write(line);
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
      this.#other?.push(next.value);
      if (process.stdout.isTTY && this.#output.isPending) this.#progress.clear();
      await this.#output.flush();
      this.#showProgress();
    }
    await chunks.return(undefined);
    return null;
  }

  #tell(line: ReplayLine): void {
    if (line.type === "incident") this.#told.add(line);
    if (this.#isJson) this.#output.write(JSON.stringify(line));
    else if (line.type === "incident") this.#table.add(line);
  }

  /** Null without other settings. */
  #compare(): readonly ComparedIncident[] | null {
    if (this.#other === null) return null;
    this.#other.finish();
    return compareIncidents(this.#told.all, this.#told_by_other.all);
  }

  #textLines(summary: SummaryLine, compared: readonly ComparedIncident[] | null): string[] {
    const table = compared === null ? this.#table.lines() : comparisonLines(compared);
    return [...table, "", ...summaryLines(summary)];
  }

  #wallS(): number {
    return (performance.now() - this.#start_ms) / 1000;
  }

  #summary(summary: ReplaySummary, compared: readonly ComparedIncident[] | null): SummaryLine {
    const wall_s = this.#wallS();
    const events_per_s = Math.round(summary.events / wall_s);
    const measured = { type: "summary" as const, ...summary, wall_s: Number(wall_s.toFixed(3)), events_per_s };
    return compared === null ? measured : { ...measured, compared: countChanges(compared) };
  }

  #showProgress(): void {
    const { size_bytes } = this.#source;
    const { events, event_time_s } = this.#replay;
    const wall_s = this.#wallS();
    this.#progress.show({ read_bytes: this.#source.read_bytes(), size_bytes, events, event_time_s, wall_s });
  }
}

function jsonLines(summary: SummaryLine, compared: readonly ComparedIncident[] | null): string[] {
  const lines = (compared ?? []).map((pair): ComparisonLine => ({ type: "comparison", ...pair }));
  return [...lines, summary].map((line) => JSON.stringify(line));
}

function complaints({ wrong_lines, wrong_first }: SummaryLine): string[] {
  const named = wrong_first.map(({ line, reason }) => `line ${line}: ${reason}: ${REJECT_REASONS[reason]}`);
  const rest = wrong_lines - wrong_first.length;
  return rest === 0 ? named : [...named, `and ${number(rest)} wrong lines more`];
}
