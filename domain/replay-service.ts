/**
 * One service in a replay: the same code as the service's object (durable-objects/service-monitor.ts), fed event by event in
 * the order of arrival, so that nothing depends on how a stream is cut. Its clock is the newest event time of the whole stream.
 */
import type { Anomaly, Incident, Severity } from "./incident.ts";
import type { IncidentChange } from "./incident-tracker.ts";
import { MINUTE_S } from "./minute.ts";
import { MonitorDraft } from "./monitor-draft.ts";
import { initialState, type MonitorState } from "./monitor-state.ts";
import { incidentLine, type ReplayLine } from "./replay-line.ts";
import { HELD_MINUTES, ReplayMinutes } from "./replay-minutes.ts";
import { ReplaySecond } from "./replay-second.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { errorTable, type ServiceSettings } from "./settings.ts";
import { downDue } from "./silence.ts";
import { INITIAL_WATERMARK, onBatch, onQuiet, openSecond, QUIET_MS, type WatermarkState } from "./watermark.ts";

/** All events of a service count as of one partition. */
const PARTITION = "replay";
/** Late events are brought to their minutes so many at a time: each visit copies a minute. */
const LATE_BATCH = 4_096;
const STATUS_CODES = 600;
/** Seconds that are open at once in ordinary traffic; kept for the next ones. */
const SPARE_MAX = 4;

export interface ReplayServiceInput {
  readonly service: string;
  readonly settings: ServiceSettings;
  readonly emit: (line: ReplayLine) => void;
}

/** More than the minutes that are held, so that a corrected one is recognised. */
const COUNTED_WINDOWS_MAX = 64;

export class ReplayService {
  late = 0;
  dropped = 0;
  windows = 0;
  readonly #counted_windows = new Set<string>();
  readonly #input: ReplayServiceInput;
  readonly #disorder_ms: number;
  readonly #is_error: readonly boolean[];
  readonly #stored = new ReplayMinutes();
  /** By second: what is not closed yet, and late events on their way to their minutes. */
  readonly #open = new Map<number, ReplaySecond>();
  readonly #behind = new Map<number, ReplaySecond>();
  #behind_count = 0;
  readonly #spare: ReplaySecond[] = [];
  /** Where the event before went: neighbours mostly share their second. */
  #second: ReplaySecond | null = null;
  #open_second = -Infinity;
  #newest_ms = -Infinity;
  /** The clock at the newest event. */
  #received_ms = -Infinity;
  #is_quiet = true;
  #down_due_ms = Infinity;
  /** The newest event time, and the clock, from which on the watermark may close something. */
  #next_newest_ms = -Infinity;
  #next_clock_ms = Infinity;
  #watermark: WatermarkState = INITIAL_WATERMARK;
  #draft: MonitorDraft;
  #told_changes = 0;
  #told_anomalies: ReadonlySet<Anomaly> = new Set();
  /** The newest incident, which may still change, and how many of each severity came before it. */
  #incident: Incident | null = null;
  readonly #incidents: Record<Severity, number> = { medium: 0, high: 0, critical: 0 };

  constructor(input: ReplayServiceInput, clock_ms: number) {
    const isError = errorTable(input.settings.errors);
    this.#input = input;
    this.#disorder_ms = input.settings.disorder_s * 1000;
    this.#is_error = Array.from({ length: STATUS_CODES }, (_, code) => isError(code));
    this.#draft = this.#newDraft(initialState(input.service, clock_ms, input.settings), clock_ms);
  }

  /** The clock at the newest event. */
  get received_ms(): number {
    return this.#received_ms;
  }

  /**
   * The clock at which the next thing happens though the service has no event: after 5 s what it has is closed, and then comes
   * the time at which its silence would prove that it is down. Infinity once both were acted on.
   */
  get due_ms(): number {
    // As in the object: an event that comes when five seconds are just over still finds the service active.
    return this.#is_quiet ? this.#down_due_ms : this.#received_ms + QUIET_MS + 1;
  }

  /** Acts on what was due at `due_ms`; `isHeard`: others were heard meanwhile. */
  onDue(due_ms: number, isHeard: boolean): void {
    if (!this.#is_quiet) {
      this.#onQuiet(due_ms);
      this.#down_due_ms = downDue({ ...this.#draft.state, watermark: this.#progress() }) ?? Infinity;
      return;
    }
    this.#down_due_ms = Infinity;
    if (!isHeard) return;
    this.#draft.set({ watermark: this.#progress() });
    this.#draft.declareDown(Math.floor(due_ms / 1000));
    this.#tell(due_ms);
  }

  /** Incidents by the worst severity of each. */
  get incidents(): Readonly<Record<Severity, number>> {
    if (this.#incident === null) return this.#incidents;
    const { severity } = this.#incident;
    return { ...this.#incidents, [severity]: this.#incidents[severity] + 1 };
  }

  /** `clock_ms` is the newest event time of the stream, this event's included. */
  add(
    event_time_ms: number,
    endpoint: string,
    latency_us: number,
    status_code: number,
    version: string | null,
    clock_ms: number,
  ): void {
    const number = Math.floor(event_time_ms / 1000);
    const is_late = number < this.#open_second;
    const known = this.#second;
    const second = known !== null && known.second === number ? known : this.#secondOf(number);
    second.add(endpoint, latency_us, this.#is_error[status_code]!, version);
    if (event_time_ms > this.#newest_ms) this.#newest_ms = event_time_ms;
    if (this.#is_quiet || this.#newest_ms >= this.#next_newest_ms || clock_ms >= this.#next_clock_ms)
      this.#advance(clock_ms);
    this.#received_ms = clock_ms;
    this.#is_quiet = false;
    this.#down_due_ms = Infinity;
    if (is_late) this.#onLate(clock_ms);
  }

  /** Five seconds without an event are over at `clock_ms`. */
  #onQuiet(clock_ms: number): void {
    this.#is_quiet = true;
    this.#close(onQuiet(this.#progress()), clock_ms);
  }

  /** The stream is over: closes what that leaves, and tells the minutes that are open still. */
  finish(clock_ms: number): void {
    this.#onQuiet(clock_ms);
    this.#bring(this.#behind, Infinity);
    this.#bring(this.#open, Infinity);
    this.#draft.projectOpen();
    this.#tell(clock_ms);
  }

  #newDraft(state: MonitorState, now_ms: number): MonitorDraft {
    return new MonitorDraft(state, { stored: this.#stored, now_ms });
  }

  #secondOf(number: number): ReplaySecond {
    const seconds = number < this.#open_second ? this.#behind : this.#open;
    let second = seconds.get(number);
    if (second === undefined) {
      second = this.#spare.pop();
      if (second === undefined) second = new ReplaySecond(number);
      else second.restart(number);
      seconds.set(number, second);
    }
    this.#second = second;
    return second;
  }

  /** The watermark's state with what came since it was last computed: it is asked once a second, not once an event. */
  #progress(): WatermarkState {
    if (this.#received_ms === -Infinity) return this.#watermark;
    const progress = { newest_ms: this.#newest_ms, received_ms: this.#received_ms };
    return { ...this.#watermark, partitions: new Map([[PARTITION, progress]]) };
  }

  /** Moves the watermark as a batch does, and works out from when on it can move again. */
  #advance(clock_ms: number): void {
    const watermark = onBatch(this.#progress(), PARTITION, this.#newest_ms, this.#disorder_ms, clock_ms);
    const closable = Math.floor((this.#newest_ms - this.#disorder_ms) / 1000);
    this.#next_newest_ms = (closable + 1) * 1000 + this.#disorder_ms;
    this.#next_clock_ms = clock_ms < watermark.hold_until_ms ? watermark.hold_until_ms : Infinity;
    this.#close(watermark, clock_ms);
  }

  #close(watermark: WatermarkState, clock_ms: number): void {
    this.#watermark = watermark;
    const end = openSecond(watermark);
    if (end === null || end <= this.#open_second) return;
    const isFirst = this.#open_second === -Infinity;
    // Detection of a new service begins with its first second, so nothing closes before that one can.
    if (!this.#bring(this.#open, end) && isFirst) return;
    this.#draft.advance(watermark);
    this.#open_second = end;
    this.#tell(clock_ms);
  }

  /** Adds the seconds before `end` to their minutes; false where there are none. */
  #bring(seconds: Map<number, ReplaySecond>, end: number): boolean {
    const numbers = [...seconds.keys()].filter((number) => number < end).sort((a, b) => a - b);
    if (numbers.length === 0) return false;
    const names: string[] = [];
    const deltas = numbers.map((number) => seconds.get(number)!.take(names));
    for (const number of numbers) {
      if (this.#spare.length < SPARE_MAX) this.#spare.push(seconds.get(number)!);
      seconds.delete(number);
    }
    this.#second = null;
    const { late, dropped } = this.#draft.add(deltas, names);
    this.late += late;
    this.dropped += dropped;
    return true;
  }

  #onLate(clock_ms: number): void {
    this.#behind_count += 1;
    if (this.#behind_count < LATE_BATCH) return;
    this.#bringLate();
    this.#tell(clock_ms);
  }

  #bringLate(): void {
    this.#behind_count = 0;
    this.#bring(this.#behind, Infinity);
  }

  /** Tells what happened since the last time; after a closed minute lets go of what is no longer needed. */
  #tell(clock_ms: number): void {
    const { changes } = this.#draft;
    for (; this.#told_changes < changes.length; this.#told_changes += 1)
      this.#tellChange(changes[this.#told_changes]!, clock_ms);
    if (this.#draft.windows.length === 0) return;
    this.#tellWindows(clock_ms);
    if (this.#behind.size === 0) return;
    this.#bringLate();
    this.#tellWindows(clock_ms);
  }

  #tellWindows(clock_ms: number): void {
    for (const { table, row } of this.#draft.windows) {
      if (table !== "service_metrics") continue;
      this.#countWindow(row.window_start);
      this.#input.emit({ type: "window", ...row });
    }
    this.#renewDraft(clock_ms);
  }

  /** A window that is told again, corrected, counts once; only the newest can be corrected. */
  #countWindow(window_start: string): void {
    if (this.#counted_windows.has(window_start)) return;
    this.windows += 1;
    this.#counted_windows.add(window_start);
    const [oldest] = this.#counted_windows;
    if (this.#counted_windows.size > COUNTED_WINDOWS_MAX && oldest !== undefined) this.#counted_windows.delete(oldest);
  }

  #tellChange(change: IncidentChange, clock_ms: number): void {
    const { incident } = change;
    const { emit } = this.#input;
    for (const anomaly of incident.anomalies)
      if (!this.#told_anomalies.has(anomaly)) emit({ type: "anomaly", ...anomaly, revision: incident.revision });
    this.#told_anomalies = new Set(incident.anomalies);
    if (this.#incident !== null && this.#incident.id !== incident.id) this.#incidents[this.#incident.severity] += 1;
    this.#incident = incident;
    emit(incidentLine(change, formatRfc3339(clock_ms)));
  }

  #renewDraft(clock_ms: number): void {
    const { state, rows } = this.#draft.finish();
    const gone = Math.floor((state.open_second ?? 0) / MINUTE_S) - HELD_MINUTES - 1;
    const purged_until = Math.max(gone, state.purged_until ?? gone);
    this.#stored.save(rows);
    this.#stored.forget(purged_until);
    this.#draft = this.#newDraft({ ...state, purged_until }, clock_ms);
    this.#told_changes = 0;
  }
}
