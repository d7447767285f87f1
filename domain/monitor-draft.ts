/**
 * The next state of a service while a batch is applied: adds events to their seconds, closes seconds as the watermark moves,
 * runs detection over them, and collects what must be stored, projected and told.
 *
 * What is large of the state it starts from (the detectors, the table of endpoints) changes in place, since a copy of it would
 * cost as much as a batch: a draft that is given up after a change takes that state with it. The rest stays as it is.
 */
import { EMPTY_SKETCH } from "./sketch.ts";
import { type Finding } from "./finding.ts";
import { declare, type IncidentChange, type Moment, track, type TrackerState } from "./incident-tracker.ts";
import {
  addToMinute,
  type BucketDelta,
  dropEndpointSketches,
  emptyMinute,
  foldEndpoints,
  type Minute,
  MINUTE_S,
  minuteWindow,
  namesOf,
  OTHER_ENDPOINT,
} from "./minute.ts";
import type { Evidence } from "./evidence.ts";
import type { HistoryRow, MetricsWindow } from "./history.ts";
import { hourWindow } from "./hour.ts";
import type { Incident } from "./incident.ts";
import type { MonitorState } from "./monitor-state.ts";
import { closedSecond } from "./second-ring.ts";
import { isUnheard, silentSince, withDeclared } from "./silence.ts";
import { type Deploy, deployBefore, seen } from "./version-table.ts";
import { openSecond, type WatermarkState } from "./watermark.ts";

/** Minutes kept in the hot row; the others are rows of their own. Three cover a disorder of 30 s across a minute's end. */
const HOT_MINUTES = 3;
/**
 * Empty seconds that are stepped one by one at each end of a gap; the middle is skipped. After an hour and a window without a
 * request detection is at rest, and the last hour before the next request fills the baseline's hour with empty seconds, so that
 * the outcome equals stepping through all of them.
 */
const GAP_STEP_MIN = 62;
/**
 * A record's timestamp is its producer's, so that an event may name any year. Minutes further ahead of the clock are not held:
 * without a bound they would push the present out of the 20,000.
 */
const AHEAD_MAX_MS = 86_400_000;
/** A minute further ahead of the clock came from a wrong date: it must not push the present out of the hot row. */
const FUTURE_MS = 120_000;

/** Minutes that are rows of their own. */
export interface StoredMinutes {
  read(minute: number): Minute | undefined;
  /** The first stored minute after `minute`. */
  next(minute: number): number | undefined;
  /** The stored minutes from `from` to before `to`, ascending. */
  range(from: number, to: number): readonly Minute[];
}

export interface DraftInput {
  readonly stored: StoredMinutes;
  readonly now_ms: number;
  /**
   * Evidence of a change that is due a narrative, else null. It is taken at once: what it is taken from changes in place with the next
   * second. Left out: nobody narrates.
   */
  readonly evidenceOf?: (before: Incident | null, after: Incident, state: MonitorState) => Evidence | null;
}

/** A change with the evidence of its narrative, where one is due. */
export type EvidentChange = IncidentChange & { readonly evidence: Evidence | null };

/** What became of added events. */
export interface Added {
  readonly accepted: number;
  readonly late: number;
  readonly dropped: number;
}

/** The names of a table of endpoints with `other`: a new set only where the table has changed, however many drafts there are. */
const keptByNames = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

export class MonitorDraft {
  readonly #input: DraftInput;
  readonly #start: MonitorState;
  #state: MonitorState;
  /** Every minute that was read or changed. */
  readonly #minutes: Map<number, Minute>;
  readonly #changed = new Set<number>();
  readonly #dirty_hours: Set<number>;
  readonly #windows = new Map<string, { table: "service_metrics" | "service_metrics_hourly"; row: MetricsWindow }>();
  readonly #changes: EvidentChange[] = [];
  readonly #notes: HistoryRow[] = [];
  readonly #touched_seconds = new Set<number>();
  #closed_minutes: Minute[] = [];

  constructor(state: MonitorState, input: DraftInput) {
    this.#input = input;
    this.#start = state;
    this.#state = state;
    this.#minutes = new Map(state.minutes);
    this.#dirty_hours = new Set(state.dirty_hours);
  }

  get state(): MonitorState {
    return this.#state;
  }

  /** Sets small parts of the state that the draft itself does not compute (positions, counters, …). */
  set(part: Partial<MonitorState>): void {
    this.#state = { ...this.#state, ...part };
  }

  /** Incident changes, in order. */
  get changes(): readonly EvidentChange[] {
    return this.#changes;
  }

  /** Windows whose row in history must change, newest revision of each. */
  get windows(): readonly { table: "service_metrics" | "service_metrics_hourly"; row: MetricsWindow }[] {
    return [...this.#windows.values()];
  }

  /** Minutes that closed with requests: the newest hour of them, ascending. */
  get closed_minutes(): readonly Minute[] {
    return this.#closed_minutes.slice(-60);
  }

  /** Seconds whose numbers or state of completion changed. */
  get touched_seconds(): ReadonlySet<number> {
    return this.#touched_seconds;
  }

  minute(minute: number): Minute | undefined {
    const known = this.#minutes.get(minute);
    if (known !== undefined) return known;
    const stored = this.#input.stored.read(minute);
    if (stored !== undefined) this.#minutes.set(minute, stored);
    return stored;
  }

  /** Adds the deltas of a batch. Late ones correct their window; those whose minute was purged are dropped. */
  add(deltas: readonly BucketDelta[], names: readonly string[]): Added {
    const byMinute = Map.groupBy(deltas, (delta) => Math.floor(delta.second / MINUTE_S));
    const kept = this.#keptNames();
    let [accepted, late, dropped] = [0, 0, 0];
    for (const [number, own] of byMinute) {
      const count = own.reduce((sum, delta) => sum + delta.bucket.request_count, 0);
      const isAhead = number * MINUTE_S * 1000 > this.#input.now_ms + AHEAD_MAX_MS;
      const held = isAhead ? undefined : this.minute(number);
      const isPurged = this.#state.purged_until !== null && number <= this.#state.purged_until;
      if (isAhead || (held === undefined && isPurged)) {
        dropped += count;
        continue;
      }
      accepted += count;
      const before = held ?? emptyMinute(number);
      let minute = addToMinute(before, own, names, this.#state.table.names);
      for (const { second, bucket, versions } of own) {
        this.#touched_seconds.add(second);
        if (this.#state.open_second === null || second >= this.#state.open_second) {
          this.#see(versions, second);
          continue;
        }
        late += bucket.request_count;
        // What was told apart when the second closed stays so: a late event must not rewrite what an endpoint had then.
        minute = foldEndpoints(minute, second, new Set([...kept, ...namesOf(before, second)]));
        minute = dropEndpointSketches(minute, second);
      }
      this.#put(minute);
      const isClosed = this.#state.open_second !== null && (number + 1) * MINUTE_S <= this.#state.open_second;
      if (isClosed) this.#project(minute);
    }
    return { accepted, late, dropped };
  }

  /** Takes over a watermark and closes every second before it, in order. */
  advance(watermark: WatermarkState): void {
    this.#state = { ...this.#state, watermark };
    const end = openSecond(watermark);
    if (end === null) return;
    let second = this.#state.open_second ?? this.#firstSecond() ?? end;
    let empty_minutes = 0;
    while (second < end) {
      const number = Math.floor(second / MINUTE_S);
      const minute = this.minute(number);
      const stop = Math.min(end, (number + 1) * MINUTE_S);
      for (; second < stop; second += 1) this.#close(second, minute);
      if (second % MINUTE_S === 0) this.#closeMinute(number);
      empty_minutes = minute === undefined ? empty_minutes + 1 : 0;
      if (empty_minutes < GAP_STEP_MIN) continue;
      const next = this.#skipGap(second, end);
      this.#state.detectors.leaveOut(next - second);
      second = next;
    }
    const { silence } = this.#state;
    const hasCome = silence.down_second !== null && end > silence.down_second;
    this.#state = {
      ...this.#state,
      open_second: Math.max(second, this.#state.open_second ?? 0),
      silence: hasCome ? { ...silence, down_second: null } : silence,
    };
  }

  /**
   * By the clock the service is down in `second`, which nothing closes: only data does. Later seconds of its own may have
   * smaller numbers; until they have come so far, none of them ends what was declared.
   */
  declareDown(second: number): void {
    const { tracker, detectors } = this.#state;
    const finding = detectors.silence(Math.min(second, silentSince(this.#state)));
    // First, so that evidence knows that the pipeline was asked.
    this.set({ silence: { ...this.#state.silence, down_second: second } });
    this.take(declare(tracker, this.#moment(second), finding));
  }

  /** Takes over what became of an incident; `before`: as it was, where that is not the newest one. */
  take(
    { state: tracker, change }: { state: TrackerState; change: IncidentChange | null },
    before = this.#state.tracker.incident,
  ): void {
    if (tracker !== this.#state.tracker) this.#state = { ...this.#state, tracker };
    if (change === null) return;
    const evidence = this.#input.evidenceOf?.(before, change.incident, this.#state) ?? null;
    this.#changes.push({ ...change, evidence });
  }

  /** Adds a row of history that follows from no event. */
  note(row: HistoryRow): void {
    this.#notes.push(row);
  }

  get notes(): readonly HistoryRow[] {
    return this.#notes;
  }

  /** Hands the open minutes that changed to history as revisions: after 5 s without any event. */
  projectOpen(): void {
    const open = Math.floor((this.#state.open_second ?? 0) / MINUTE_S);
    for (let next = this.#input.stored.next(open - 1); next !== undefined; next = this.#input.stored.next(next))
      this.minute(next);
    for (const minute of this.#minutes.values()) if (minute.minute >= open && minute.changed) this.#project(minute);
    this.#projectHours(true);
  }

  /** The next state, and the minutes that must be written as rows of their own. */
  finish(): { readonly state: MonitorState; readonly rows: readonly Minute[] } {
    const hot = this.#hotMinutes();
    const rows: Minute[] = [];
    for (const minute of this.#minutes.values()) {
      const leaves = this.#start.minutes.has(minute.minute) && !hot.has(minute.minute);
      if (leaves || (this.#changed.has(minute.minute) && !hot.has(minute.minute))) rows.push(minute);
    }
    this.#state = { ...this.#state, minutes: hot, dirty_hours: [...this.#dirty_hours] };
    return { state: this.#state, rows };
  }

  #see(versions: readonly string[], second: number): void {
    const before = this.#state.versions;
    const after = versions.reduce((table, version) => seen(table, version, second), before);
    if (after !== before) this.#state = { ...this.#state, versions: after };
  }

  #keptNames(): ReadonlySet<string> {
    const { names } = this.#state.table;
    let kept = keptByNames.get(names);
    if (kept === undefined) keptByNames.set(names, (kept = new Set([...names, OTHER_ENDPOINT])));
    return kept;
  }

  #put(minute: Minute): void {
    this.#minutes.set(minute.minute, minute);
    this.#changed.add(minute.minute);
  }

  #firstSecond(): number | undefined {
    const numbers = [...this.#minutes.keys(), this.#input.stored.next(-1) ?? Infinity];
    const first = Math.min(...numbers);
    if (first === Infinity) return undefined;
    const slot = this.minute(first)!.buckets.findIndex((bucket) => bucket !== undefined);
    return first * MINUTE_S + Math.max(0, slot);
  }

  #close(second: number, minute: Minute | undefined): void {
    const { table, detectors, settings, silence } = this.#state;
    const slot = second % MINUTE_S;
    let own = minute === undefined ? undefined : this.#minutes.get(minute.minute)!;
    const bucket = own?.buckets[slot];
    if (own !== undefined && bucket !== undefined) {
      const { names } = own;
      const counts: { name: string; request_count: number }[] = [];
      for (const { name, request_count } of bucket.endpoints)
        if (name !== 0) counts.push({ name: names[name]!, request_count });
      table.observe(second, counts);
      own = foldEndpoints(own, second, this.#keptNames());
      this.#put(dropEndpointSketches(own, second));
      this.#touched_seconds.add(second);
    }
    const closed = closedSecond(own?.buckets[slot], own?.names ?? []);
    const sketch = bucket?.sketch ?? EMPTY_SKETCH;
    const heard = closed.request_count > 0 || !isUnheard(silence, second);
    const findings = detectors.step(second, closed, sketch, settings, heard);
    this.#track(second, withDeclared(findings, silence, second));
  }

  #track(second: number, findings: readonly Finding[]): void {
    const { judged: closed, timed: sketch } = this.#state.detectors;
    const tracked = track(this.#state.tracker, { ...this.#moment(second), findings, closed, sketch });
    // Evidence knows the seconds up to this one.
    if (tracked.change !== null) this.set({ open_second: second + 1 });
    this.take(tracked);
  }

  #moment(second: number): Moment {
    const { service, detectors, versions } = this.#state;
    const deploy = (onset: number): Deploy | null => deployBefore(versions, onset);
    return { service, second, detectors, deployBefore: deploy, now_ms: this.#input.now_ms };
  }

  #closeMinute(number: number): void {
    const minute = this.#minutes.get(number);
    if (minute !== undefined) {
      const closed = { ...minute, baseline: this.#state.detectors.normal };
      this.#put(closed);
      this.#closed_minutes.push(closed);
      if (closed.changed) this.#project(closed);
    }
    if (this.#dirty_hours.size > 0) {
      this.#state = { ...this.#state, open_second: (number + 1) * MINUTE_S };
      this.#projectHours();
    }
  }

  #project(minute: Minute): void {
    const projected = { ...minute, revision: this.#nextRevision(), changed: false };
    this.#put(projected);
    this.#dirty_hours.add(Math.floor(minute.minute / 60));
    this.#window("service_metrics", minuteWindow(this.#state.service, projected));
  }

  /** One count for all windows of the service: a minute that was purged and comes back never starts below what history has. */
  #nextRevision(): number {
    const window_revision = this.#state.window_revision + 1;
    this.#state = { ...this.#state, window_revision };
    return window_revision;
  }

  /** `open` too: after silence an hour that is not over is handed on as a revision, since its minutes may be purged before it ends. */
  #projectHours(open = false): void {
    for (const hour of this.#dirty_hours) {
      if (!open && (hour + 1) * 3600 > (this.#state.open_second ?? 0)) continue;
      this.#dirty_hours.delete(hour);
      // Where a minute of the hour was purged the sums would be too small: the row keeps what it has.
      if (this.#state.purged_until !== null && hour * 60 <= this.#state.purged_until) continue;
      const minutes = this.#minutesOf(hour);
      this.#window("service_metrics_hourly", hourWindow(this.#state.service, hour, minutes, this.#nextRevision()));
    }
  }

  #minutesOf(hour: number): Minute[] {
    const stored = this.#input.stored.range(hour * 60, (hour + 1) * 60);
    const newest = new Map(stored.map((minute) => [minute.minute, minute]));
    for (let number = hour * 60; number < (hour + 1) * 60; number += 1) {
      const known = this.#minutes.get(number);
      if (known !== undefined) newest.set(number, known);
    }
    return [...newest.values()].sort((a, b) => a.minute - b.minute);
  }

  #window(table: "service_metrics" | "service_metrics_hourly", row: MetricsWindow): void {
    this.#windows.set(`${table} ${row.window_start}`, { table, row });
  }

  /** Where to go on in a long gap: an hour before the next request, or before the end. */
  #skipGap(second: number, end: number): number {
    const number = Math.floor(second / MINUTE_S);
    const known = [...this.#minutes.keys()].filter((minute) => minute >= number);
    const next = Math.min(this.#input.stored.next(number - 1) ?? Infinity, ...known, Math.floor(end / MINUTE_S));
    return Math.max(second, (next - GAP_STEP_MIN) * MINUTE_S);
  }

  #hotMinutes(): Map<number, Minute> {
    const { open_second } = this.#state;
    const numbers = [...this.#minutes.keys()].sort((a, b) => a - b);
    if (open_second !== null) {
      const open = Math.floor(open_second / MINUTE_S);
      const kept = numbers.filter((number) => number >= open).slice(0, HOT_MINUTES);
      return new Map(kept.map((number) => [number, this.#minutes.get(number)!]));
    }
    // Nothing is closed yet: the newest ones grow next, but for dates that lie ahead of the clock.
    const present = numbers.filter((number) => number * MINUTE_S * 1000 <= this.#input.now_ms + FUTURE_MS);
    return new Map(present.slice(-HOT_MINUTES).map((number) => [number, this.#minutes.get(number)!]));
  }
}
