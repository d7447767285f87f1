/** A tail from its first connection to its exit code. */
import type { Severity } from "../../domain/incident.ts";
import { isMatch } from "../../domain/name-pattern.ts";
import { Failure } from "../failure.ts";
import { printable } from "../plain-text.ts";
import { LineOutput } from "../replay/line-output.ts";
import { duration } from "../replay/incident-table.ts";
import { followLive, type LiveEnd, type LiveFollower, type LiveWish } from "./follow-live.ts";
import { PATIENCE } from "./live-connection.ts";
import type { News } from "./live-cursor.ts";
import { type ExitCondition, incidentsOf, isWanted, OpenIncidents } from "./open-incidents.ts";
import { JSON_LINES, PlainLines, type TailLines } from "./tail-lines.ts";

export interface TailWish {
  /** A name or a pattern. */
  readonly services: string;
  readonly min_severity: Severity | null;
  readonly after: number | null;
  readonly json: boolean;
  readonly exit_on: ExitCondition | null;
  readonly for_ms: number | null;
  readonly give_up_ms: number;
  readonly url: string;
  readonly token: string;
}

const RETRY = { first_ms: 300, most_ms: 15_000 };
/** `--for` was over before what `--exit-on` waits for. */
const EXIT_IN_VAIN = 3;

/** The exit code, as `faultline tail --help` tells them. @throws Failure where it is refused or lost for good */
export async function runTail(wish: TailWish): Promise<number> {
  const stop = new AbortController();
  const output = new LineOutput(process.stdout);
  const tail = new Tail(wish, output, () => stop.abort());
  // `npm run` and a terminal both send them: the second one finds the first at work.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  process.stdout.on("error", () => stop.abort());
  const timer = wish.for_ms === null ? undefined : setTimeout(() => tail.timeOver(), wish.for_ms);
  const end = await followLive(liveWish(wish), tail, stop.signal);
  clearTimeout(timer);
  await output.flush();
  return codeOf(end, wish, tail);
}

function liveWish({ services, url, token, after, min_severity, give_up_ms }: TailWish): LiveWish {
  const path = services.includes("*") ? "/v1/live" : `/v1/services/${services}/live`;
  return { url, path, token, after, min_severity, retry: { ...RETRY, give_up_ms }, patience: PATIENCE };
}

function codeOf(end: LiveEnd, wish: TailWish, tail: Tail): number {
  if (end.type === "asked") return tail.isInVain ? EXIT_IN_VAIN : 0;
  const reason = printable(end.detail);
  if (end.type === "refused") throw new Failure(`${wish.url}: ${reason}`);
  throw new Failure(`${wish.url}: no connection for ${duration(wish.give_up_ms)}: ${reason}.`);
}

/** On a terminal alone, and never where NO_COLOR says so (no-color.org). */
function hasColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR = "" } = process.env;
  return stream.isTTY && NO_COLOR === "" && stream.hasColors();
}

class Tail implements LiveFollower {
  readonly #wish: TailWish;
  readonly #output: LineOutput;
  readonly #lines: TailLines;
  readonly #open = new OpenIncidents();
  readonly #stop: () => void;
  #isOver = false;
  #isInVain = false;

  constructor(wish: TailWish, output: LineOutput, stop: () => void) {
    this.#wish = wish;
    this.#output = output;
    this.#lines = wish.json ? JSON_LINES : new PlainLines(hasColours(process.stdout));
    this.#stop = stop;
  }

  get isInVain(): boolean {
    return this.#isInVain;
  }

  timeOver(): void {
    if (this.#isOver) return;
    this.#isInVain = this.#wish.exit_on !== null;
    this.#end();
  }

  news(news: News): void {
    if (this.#isOver) return;
    if (news.type === "snapshot") this.#begin(news);
    else this.#tell(news);
  }

  removed(service: string): void {
    this.#open.forget(service);
  }

  current(): void {
    if (this.#wish.exit_on !== null && this.#open.meets(this.#wish.exit_on)) this.#end();
  }

  lost(reason: string, retry_ms: number): void {
    this.#say(`connection lost: ${reason}; trying again in ${(retry_ms / 1000).toFixed(1)} s`);
  }

  back(after_ms: number): void {
    this.#say(`connected again after ${(after_ms / 1000).toFixed(1)} s`);
  }

  #begin({ standing, snapshot }: News & { type: "snapshot" }): void {
    const incidents = incidentsOf(snapshot, this.#wish);
    this.#open.replace(incidents);
    if (standing === "resumed") return;
    if (standing === "reset")
      this.#say("RESET: changes may be missing; they are older than what is kept, or the service was deleted");
    const services =
      "services" in snapshot ? snapshot.services.filter(({ service }) => isMatch(this.#wish.services, service)) : null;
    const replays = standing === "reset" || this.#wish.after !== null;
    const { seq } = snapshot;
    this.#print(this.#lines.beginning({ standing, replays, seq, services: services?.length ?? null, incidents }));
  }

  #tell({ event }: News & { type: "event" }): void {
    const service = event.type === "incident" ? event.incident.service : event.narrative.service;
    const severity = event.type === "incident" ? event.incident.severity : event.severity;
    if (!isWanted(this.#wish, service, severity)) return;
    this.#print(this.#lines.event(event));
    this.#open.apply(event);
  }

  #end(): void {
    this.#isOver = true;
    this.#stop();
  }

  #print(lines: readonly string[]): void {
    for (const line of lines) this.#output.write(line);
    // A reader that has gone ends the tail; whatever else goes wrong is thrown when all is written at the end.
    if (lines.length > 0) this.#output.flush().catch(() => this.#stop());
  }

  /** About the connection: beside what is told, so that programs need not sort it out. */
  #say(words: string): void {
    process.stderr.write(`faultline: ${printable(words)}.\n`);
  }
}
