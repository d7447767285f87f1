/**
 * The actor of one service: applies batches exactly once, closes seconds, keeps windows and incidents, and hands them on.
 * It knows its storage, its neighbours and the time only by what it is given, so that a simulation runs the same code.
 *
 * Everything a batch changes is computed first (domain/monitor-draft.ts), written in one transaction, and only then becomes the
 * state in memory: whatever throws in between leaves both as they were.
 */
import type { FleetPort, ServiceIncidentEvent } from "../domain/fleet.ts";
import type { History } from "../domain/history.ts";
import type { WindowItem, ServiceDetail, ServiceSettingsItem } from "../domain/resource.ts";
import { metricsWindow, type Minute, summarize } from "../domain/minute.ts";
import { MonitorDraft } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import type { VersionedSettings } from "../domain/settings.ts";
import { lastReceivedMs, newestEventMs, onQuiet, QUIET_MS } from "../domain/watermark.ts";
import type { ServiceMessage } from "../domain/message.ts";
import type { ApplyAnswer, ApplyCall } from "./apply-call.ts";
import type { LiveRequest, LiveSockets } from "./live-sockets.ts";
import { mergeBatch } from "./merge-batch.ts";
import { isNewer, MonitorSettings } from "./monitor-settings.ts";
import { numberRows } from "./number-rows.ts";
import { Outbox } from "./outbox.ts";
import { describeService, fleetReports, snapshotOf, tickOf } from "./service-view.ts";
import { MonitorStore } from "./service-monitor-sql.ts";
import type { Storage } from "./storage.ts";

/** A minute is kept this long after its last change, and this many minutes at most. */
const RETENTION_MS = 86_400_000;
const MINUTES_MAX = 20_000;
/** Purging reads every row, so it is done once an hour. */
const PRUNE_MS = 3_600_000;
/** But a batch that touched more minutes than this, with dates far apart, is followed by a purge at once. */
const ROWS_UNPRUNED_MAX = 1_000;
/** When an alarm whose work failed rings again. */
const RETRY_MS = 5_000;
const TICK_MS = 250;
const REPORT_MS = 1_000;

export interface MonitorNeighbours {
  readonly history: History;
  readonly fleet: Pick<FleetPort, "report" | "incidents" | "settingsOf">;
  readonly sockets: LiveSockets;
}

type Applied = Extract<ApplyAnswer, { kind: "applied" }>;

export class ServiceMonitorActor {
  readonly #storage: Storage;
  readonly #store: MonitorStore;
  readonly #now: () => number;
  readonly #sockets: LiveSockets;
  readonly #outbox: Outbox;
  readonly #fleet: MonitorNeighbours["fleet"];
  readonly #settings: MonitorSettings;
  /** Undefined: not read from storage yet. Null: the object never applied anything. */
  #state: MonitorState | null | undefined;
  /** When the alarm is set to ring; null when unknown or not set. */
  #armed_ms: number | null = null;
  #watched_until_ms = 0;
  #reported_ms = 0;
  #ticked_ms = 0;
  /** Seconds that changed since the last tick. */
  #tick_seconds = new Set<number>();

  constructor(storage: Storage, now: () => number, neighbours: MonitorNeighbours) {
    this.#storage = storage;
    this.#store = new MonitorStore(storage);
    this.#now = now;
    this.#sockets = neighbours.sockets;
    this.#fleet = neighbours.fleet;
    this.#settings = new MonitorSettings(neighbours.fleet, now);
    this.#outbox = new Outbox(this.#store, now, { d1: neighbours.history, fleet: neighbours.fleet });
  }

  /** Applies one service's part of a batch. What it answers as applied is durable. */
  apply(call: ApplyCall): ApplyAnswer {
    const known = this.#load();
    if (known === null && call.quarantined) return { kind: "quarantined" };
    if (known === null && !call.admitted) return { kind: "not_admitted" };
    const now_ms = this.#now();
    const repeated = known === null ? null : this.#repeated(call, now_ms);
    if (repeated !== null) return repeated;
    const refuses = call.quarantined || (known?.quarantined ?? false);
    if (refuses && call.position === null) return { kind: "quarantined" };
    if (known === null) this.#storage.transaction(() => this.#store.create());
    const state = known ?? this.#settings.initial(call.service, now_ms);
    const { settings } = state;
    const draft = this.#draft(state, now_ms);
    const outcome = mergeBatch(draft, state, call, { settings, refuses, now_ms });
    if (outcome === null) return { kind: "send_events" };
    this.#commit(draft, state, now_ms, () => {
      if (call.idempotency === null) return;
      const { key, body } = call.idempotency;
      this.#store.saveIdempotent(key, body, outcome.accepted, now_ms + RETENTION_MS);
    });
    return { ...outcome, reports: this.#dueReports(draft, now_ms) };
  }

  /** Durable when it returns. An object that never applied anything needs no quarantine: the Fleet's word comes with each call. */
  quarantine(quarantined: boolean): void {
    const state = this.#load();
    if (state === null || state.quarantined === quarantined) return;
    const next = { ...state, quarantined };
    this.#storage.transaction(() => this.#store.saveState(next));
    this.#state = next;
  }

  /** Whether the Fleet is to be asked for the settings now: before the first batch, and where it did not answer. */
  get askDue(): boolean {
    return (this.#settings.due(this.#load()) ?? Infinity) <= this.#now();
  }

  /** Asks the Fleet for the service's settings. Never rejects: without an answer the defaults hold, and it asks again later. */
  async ask(service: string): Promise<void> {
    const offer = await this.#settings.ask(service);
    try {
      if (offer !== null) this.takeSettings(offer);
    } catch (error) {
      console.error(`${service} could not store its settings and will ask again`, error);
    }
  }

  /** Judges by these settings from the next second on that closes, unless it has newer ones. Durable when it returns. */
  takeSettings(offer: VersionedSettings): void {
    const state = this.#load();
    if (state === null) return this.#settings.hear(offer);
    if (!isNewer(offer, state)) return;
    const now_ms = this.#now();
    const draft = this.#draft(state, now_ms);
    draft.set({ settings: offer.settings, settings_version: offer.version });
    this.#commit(draft, state, now_ms);
  }

  /** What it judges by; null for a service that never had an event. */
  settings(): Omit<ServiceSettingsItem, "service"> | null {
    const state = this.#load();
    return state === null ? null : { version: state.settings_version, settings: state.settings };
  }

  /** Somebody looks at the fleet until then: report once a second. */
  watch(until_ms: number): void {
    this.#watched_until_ms = Math.max(this.#watched_until_ms, until_ms);
  }

  /** The first messages of a new socket: the state now, then the events after the one its client holds. */
  greet(request: LiveRequest): readonly ServiceMessage[] {
    const state = this.#load();
    if (state === null) return [];
    const { after } = request;
    const oldest = this.#store.oldestEvent() ?? state.seq + 1;
    const reset = after !== null && (after > state.seq || after < oldest - 1);
    const missed = after === null ? [] : this.#store.eventsAfter(reset ? 0 : after);
    return [snapshotOf(state, reset, this.#store), ...missed];
  }

  /** After a socket came or went: the alarm must ring when a session ends. */
  onSocketsChanged(): void {
    this.#load();
    this.#rearm();
  }

  exists(): boolean {
    return this.#load() !== null;
  }

  /** Event time in ms up to which data is taken as complete; null while nothing is. */
  watermark(): number | null {
    return this.#load()?.watermark.watermark_ms ?? null;
  }

  /** Null for a service that never had an event. */
  describe(): ServiceDetail | null {
    const state = this.#load();
    if (state === null) return null;
    const outbox = { d1: this.#store.outboxCount("d1"), fleet: this.#store.outboxCount("fleet") };
    return describeService(state, outbox, this.#store, this.#now());
  }

  /** Seconds with requests from `from_s` to before `to_s` (epoch seconds), at most `limit`, and where to go on. */
  windows(from_s: number, to_s: number, limit: number): { items: WindowItem[]; next_s: number | null } {
    const state = this.#load();
    const items: WindowItem[] = [];
    if (state === null) return { items, next_s: null };
    for (const minute of this.#minutesBetween(state, Math.floor(from_s / 60), Math.ceil(to_s / 60))) {
      for (const [slot, bucket] of minute.buckets.entries()) {
        const second = minute.minute * 60 + slot;
        if (bucket === undefined || second < from_s || second >= to_s) continue;
        if (items.length === limit) return { items, next_s: second };
        const window = metricsWindow(state.service, second, 1, summarize([bucket]), minute.baseline, minute.revision);
        items.push({ ...window, provisional: state.open_second === null || second >= state.open_second });
      }
    }
    return { items, next_s: null };
  }

  /** Held minutes in order, read one at a time: a day of them does not fit the memory of an object. */
  *#minutesBetween(state: MonitorState, from: number, to: number): Iterable<Minute> {
    for (let at = from; at < to; at += 1) {
      const hot = [...state.minutes.keys()].filter((minute) => minute >= at);
      at = Math.min(this.#store.next(at - 1) ?? Infinity, ...hot);
      if (at >= to) return;
      yield state.minutes.get(at) ?? this.#store.read(at)!;
    }
  }

  /** When `drain` has something to do now. */
  get drainDue(): boolean {
    return this.#load() !== null && (this.#outbox.isDue() || this.askDue);
  }

  /** Hands on what waits in the outbox, and asks what it has to; never rejects. A second call while one runs does nothing. */
  async drain(): Promise<void> {
    const state = this.#load();
    if (state === null) return;
    await Promise.all([this.#outbox.drain(), this.askDue ? this.ask(state.service) : null]);
    this.#rearm();
  }

  /**
   * All due work, from storage. It re-arms first: after six failed retries the platform drops an alarm, and nothing may be
   * lost by an error here. It never throws; slow work (the outbox) is left to `drain`.
   */
  onAlarm(): void {
    this.#armed_ms = null;
    const state = this.#load();
    if (state === null) return;
    const now_ms = this.#now();
    this.#rearm();
    try {
      this.#sockets.closeEnded(now_ms);
      const quiet = quietDue(state);
      if (quiet !== null && quiet <= now_ms) this.#flushQuiet(state, now_ms);
      // The flush may have replaced the state, and pruned.
      const flushed = this.#state ?? state;
      if (flushed.pruned_ms + RETENTION_MS + PRUNE_MS <= now_ms)
        this.#commit(this.#draft(flushed, now_ms), flushed, now_ms);
    } catch (error) {
      console.error(`the alarm of ${state.service} failed and will be repeated`, error);
    }
    this.#rearm();
  }

  #load(): MonitorState | null {
    if (this.#state === undefined) {
      this.#state = this.#store.exists() ? this.#store.loadState() : null;
      if (this.#state !== null) this.#outbox.load();
    }
    return this.#state;
  }

  #draft(state: MonitorState, now_ms: number): MonitorDraft {
    return new MonitorDraft(state, { stored: this.#store, now_ms });
  }

  /** The answer to a request whose idempotency key this object has seen. */
  #repeated(call: ApplyCall, now_ms: number): ApplyAnswer | null {
    if (call.idempotency === null) return null;
    const before = this.#store.idempotent(call.idempotency.key, now_ms);
    if (before === null) return null;
    if (before.body !== call.idempotency.body) return { kind: "key_conflict" };
    return {
      kind: "applied",
      accepted: 0,
      duplicates: call.facts.event_count,
      before_start: 0,
      late: 0,
      dropped: 0,
      refused: [],
      reports: [],
    };
  }

  #flushQuiet(state: MonitorState, now_ms: number): void {
    const draft = this.#draft(state, now_ms);
    draft.advance(onQuiet(state.watermark));
    draft.projectOpen();
    this.#commit(draft, state, now_ms);
    const reports = this.#dueReports(draft, now_ms);
    // Without a batch there is no Worker to hand it on. A lost one is replaced by the next: it is a view, not a record.
    if (reports.length > 0)
      this.#fleet.report(reports).catch((error: unknown) => console.warn("the fleet took no report", error));
  }

  /** Writes everything the draft changed in one transaction, then takes it over and tells those who listen. */
  #commit(draft: MonitorDraft, before: MonitorState, now_ms: number, more: () => void = () => undefined): void {
    const isNew = this.#state === null;
    const { events, rows: history } = numberRows(draft, before, isNew, now_ms);
    const next = this.#storage.transaction(() => {
      const { state, rows } = draft.finish();
      for (const minute of rows) this.#store.saveMinute(minute, now_ms);
      for (const event of events) this.#store.addEvent(event, now_ms);
      let { outbox_position } = state;
      for (const row of history) this.#outbox.put("d1", (outbox_position += 1), row, state.service);
      for (const { type: _, ...event } of events) {
        const payload: ServiceIncidentEvent = { service: state.service, ...event };
        this.#outbox.put("fleet", (outbox_position += 1), payload, state.service);
      }
      more();
      const isPruneDue = now_ms - before.pruned_ms >= PRUNE_MS || rows.length > ROWS_UNPRUNED_MAX;
      const saved = { ...state, ...(isPruneDue ? this.#prune(state, now_ms) : {}), outbox_position };
      this.#store.saveState(saved);
      return saved;
    });
    this.#state = next;
    this.#outbox.load();
    for (const second of draft.touched_seconds) this.#tick_seconds.add(second);
    for (const event of events) this.#sockets.broadcast(event);
    this.tick();
    this.#rearm();
  }

  #prune(
    { open_second, purged_until }: MonitorState,
    now_ms: number,
  ): Pick<MonitorState, "pruned_ms" | "purged_until"> {
    const open_minute = Math.floor((open_second ?? 0) / 60);
    const newest = this.#store.purgeMinutes(
      now_ms - RETENTION_MS,
      open_minute,
      Math.floor(now_ms / 60_000),
      MINUTES_MAX,
    );
    this.#store.purgeEvents(now_ms - RETENTION_MS);
    this.#store.purgeIdempotent(now_ms);
    return {
      pruned_ms: now_ms,
      purged_until: newest === null ? purged_until : Math.max(newest, purged_until ?? newest),
    };
  }

  /** Sends what changed to the sockets, at most four times a second. */
  tick(): void {
    const now_ms = this.#now();
    if (this.#state === undefined || this.#state === null || this.#sockets.count() === 0) this.#tick_seconds.clear();
    else if (now_ms - this.#ticked_ms >= TICK_MS && this.#tick_seconds.size > 0) {
      this.#sockets.broadcast(tickOf(this.#state, this.#tick_seconds, this.#store, now_ms));
      this.#ticked_ms = now_ms;
      this.#tick_seconds = new Set();
    }
  }

  /** How long (ms) what changed inside a quarter of a second has to wait for its tick; null when nothing waits. */
  get tickDelayMs(): number | null {
    return this.#tick_seconds.size === 0 ? null : Math.max(0, this.#ticked_ms + TICK_MS - this.#now());
  }

  #dueReports(draft: MonitorDraft, now_ms: number): Applied["reports"] {
    const isWatched = now_ms < this.#watched_until_ms && now_ms - this.#reported_ms >= REPORT_MS;
    if (draft.closed_minutes.length === 0 && draft.changes.length === 0 && !isWatched) return [];
    this.#reported_ms = now_ms;
    return fleetReports(this.#state!, draft.closed_minutes, this.#store);
  }

  /**
   * Sets the alarm to the earliest due time, if that is earlier than what is set: each setting is a row. What is overdue failed
   * or is under way: it is looked at again after RETRY_MS, never at once.
   */
  #rearm(): void {
    const state = this.#state;
    if (state === null || state === undefined) return;
    const dues = [
      quietDue(state),
      this.#outbox.nextDue(),
      this.#settings.due(state),
      this.#sockets.earliestExpiry(),
      state.pruned_ms + RETENTION_MS + PRUNE_MS,
    ];
    const now_ms = this.#now();
    const due = Math.min(...dues.filter((at) => at !== null).map((at) => (at > now_ms ? at : now_ms + RETRY_MS)));
    if (this.#armed_ms !== null && this.#armed_ms <= due) return;
    this.#storage.setAlarm(due);
    this.#armed_ms = due;
  }
}

/** When 5 s without any event will have passed; null when that would change nothing. */
function quietDue(state: MonitorState): number | null {
  const last = lastReceivedMs(state.watermark);
  const isBehind = (state.watermark.watermark_ms ?? -Infinity) < (newestEventMs(state.watermark) ?? -Infinity);
  const isChanged = state.dirty_hours.length > 0 || [...state.minutes.values()].some((minute) => minute.changed);
  // A partition is idle after more than five seconds: a batch that comes at the same moment still finds it active.
  return last !== null && (isBehind || isChanged) ? last + QUIET_MS + 1 : null;
}
