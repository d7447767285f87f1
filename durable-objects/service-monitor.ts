/**
 * The actor of one service: applies batches exactly once, closes seconds, keeps windows and incidents, and hands them on.
 * It knows its storage, its neighbours and the time only by what it is given, so that a simulation runs the same code.
 *
 * Everything a batch changes is computed first (domain/monitor-draft.ts), written in one transaction, and only then becomes the
 * state in memory. A draft changes parts of the state in place, so memory counts as unknown until that transaction returned:
 * whatever throws in between leaves storage as it was, and memory is read from it anew.
 */
import { actOn, endIncident, type IncidentAnswer, type IncidentCall } from "../domain/incident-act.ts";
import type { WindowItem, ServiceDetail, ServiceSettingsItem } from "../domain/resource.ts";
import { MonitorDraft } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import type { Narrative } from "../domain/narrative.ts";
import { judgeDraft } from "../domain/narrative-draft.ts";
import type { NarrativeDraft, NarrativeVerdict } from "../domain/narrator.ts";
import type { ServiceSettings, VersionedSettings } from "../domain/settings.ts";
import type { ComparedSpan } from "../domain/settings-preview.ts";
import { retireDue } from "../domain/silence.ts";
import { lastReceivedMs, onQuiet } from "../domain/watermark.ts";
import { CLOSE_SERVICE_DELETED, type DurableEvent, type ServiceMessage } from "../domain/message.ts";
import type { ApplyAnswer, ApplyCall } from "./apply-call.ts";
import { evidenceOf, firstWordsOf } from "./first-words.ts";
import { farewell, isJustForgotten } from "./forget-service.ts";
import type { LiveRequest, LiveSockets } from "./live-sockets.ts";
import { mergeBatch, repeatedAnswer } from "./merge-batch.ts";
import { isNewer, MonitorSettings } from "./monitor-settings.ts";
import { MonitorAlarm } from "./monitor-alarm.ts";
import type { MonitorNeighbours } from "./monitor-neighbours.ts";
import { MonitorReports } from "./monitor-reports.ts";
import { MonitorTicks } from "./monitor-ticks.ts";
import { MonitorWriter } from "./monitor-writer.ts";
import { type FirstWords, numberRows } from "./number-rows.ts";
import { Outbox } from "./outbox.ts";
import { pruneDue, RETENTION_MS } from "./prune-service.ts";
import { secondWindows } from "./second-windows.ts";
import { describeService, snapshotOf } from "./service-view.ts";
import { MonitorStore, TARGETS } from "./service-monitor-sql.ts";
import { previewSeconds } from "./settings-preview.ts";
import { afterVerdict, quietDue, SilenceWatch } from "./silence-watch.ts";
import type { Storage } from "./storage.ts";

export class ServiceMonitorActor {
  readonly #storage: Storage;
  readonly #store: MonitorStore;
  readonly #now: () => number;
  readonly #sockets: LiveSockets;
  readonly #outbox: Outbox;
  readonly #writer: MonitorWriter;
  readonly #firstWords: FirstWords;
  readonly #settings: MonitorSettings;
  readonly #silence: SilenceWatch;
  readonly #alarm: MonitorAlarm;
  readonly #ticks: MonitorTicks;
  readonly #reports: MonitorReports;
  /** Undefined: not read from storage yet. Null: the object never applied anything. */
  #state: MonitorState | null | undefined;

  constructor(storage: Storage, now: () => number, neighbours: MonitorNeighbours) {
    this.#storage = storage;
    this.#store = new MonitorStore(storage);
    this.#now = now;
    this.#sockets = neighbours.sockets;
    this.#settings = new MonitorSettings(neighbours.fleet, now);
    this.#ticks = new MonitorTicks(this.#store, now, neighbours.sockets);
    this.#reports = new MonitorReports(this.#store, neighbours.fleet);
    this.#alarm = new MonitorAlarm(storage, now);
    this.#silence = new SilenceWatch(neighbours.fleet, now);
    const { history: d1, fleet, narrator, subscribers, has_model } = neighbours;
    this.#outbox = new Outbox(this.#store, now, { d1, fleet, narrator, subscribers });
    this.#writer = new MonitorWriter(storage, this.#store, this.#outbox);
    this.#firstWords = firstWordsOf(has_model);
  }

  /** Applies one service's part of a batch. What it answers as applied is durable. */
  apply(call: ApplyCall): ApplyAnswer {
    const known = this.#load();
    if (known === null && call.quarantined) return { kind: "quarantined" };
    const now_ms = this.#now();
    const past = known === null ? this.#store.past() : null;
    if (known === null && (isJustForgotten(past, now_ms) || !call.admitted)) {
      this.#settings.forget();
      return { kind: "not_admitted" };
    }
    const repeated = known === null ? null : repeatedAnswer(this.#store, call, now_ms);
    if (repeated !== null) return repeated;
    const refuses = call.quarantined || (known?.quarantined ?? false);
    if (refuses && call.position === null) return { kind: "quarantined" };
    if (known === null) this.#storage.transaction(() => this.#store.create());
    const state = known ?? { ...this.#settings.initial(call.service, now_ms), ...past?.numbers };
    const draft = this.#draft(state, now_ms);
    const outcome = mergeBatch(draft, state, call, { settings: state.settings, refuses, now_ms });
    if (outcome === null) {
      this.#state = known;
      return { kind: "send_events" };
    }
    this.#commit(draft, state, now_ms, () => {
      if (call.idempotency === null) return;
      const { key, body } = call.idempotency;
      this.#store.saveIdempotent(key, body, outcome.accepted, now_ms + RETENTION_MS);
    });
    return { ...outcome, reports: this.#reports.due(draft, this.#state!, now_ms) };
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

  /** What these settings would have told of the last day's seconds; null while none is closed. `pause` lets batches in. */
  async preview(settings: ServiceSettings, pause: () => Promise<void>): Promise<ComparedSpan | null> {
    const state = this.#load();
    return state === null ? null : await previewSeconds(state, this.#store, settings, pause);
  }

  /** Somebody looks at the fleet until then: report once a second. */
  watch(until_ms: number): void {
    this.#reports.watch(until_ms);
  }

  /** The first messages of a new socket: the state now, then the events after the one its client holds. */
  greet(request: LiveRequest): readonly ServiceMessage[] {
    const state = this.#load();
    if (state === null) return [];
    const { after } = request;
    const oldest = this.#store.oldestEvent() ?? state.seq + 1;
    const reset = after !== null && (after > state.seq || after < oldest - 1);
    const missed = after === null ? [] : this.#store.eventsAfter(reset ? 0 : after);
    return [snapshotOf(state, reset, this.#store, (id) => this.narrative(id)), ...missed];
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
    const outbox = TARGETS.map((target) => this.#store.outboxWaiting(target));
    return describeService(state, outbox, this.#store, this.#now());
  }

  /** Seconds with requests from `from_s` to before `to_s` (epoch seconds), at most `limit`, and where to go on. */
  windows(from_s: number, to_s: number, limit: number): { items: WindowItem[]; next_s: number | null } {
    const state = this.#load();
    return state === null ? { items: [], next_s: null } : secondWindows(state, this.#store, from_s, to_s, limit);
  }

  /** The receiving clock (ms) at the newest event; null where there never was one. */
  lastReceived(): number | null {
    const state = this.#load();
    return state === null ? null : lastReceivedMs(state.watermark);
  }

  /** Does what people want of an incident (domain/incident-act.ts). What it answers as done is durable. */
  act(call: IncidentCall): IncidentAnswer {
    const state = this.#load();
    if (state === null) return { kind: "no_service" };
    const { incident } = state.tracker;
    const held = incident?.id === call.incident_id ? incident : (this.#store.incident(call.incident_id) ?? call.known);
    if (held === null) return { kind: "unknown" };
    const now_ms = this.#now();
    const draft = this.#draft(state, now_ms);
    const answer = actOn(draft, held, call, now_ms);
    if (draft.changes.length > 0) this.#commit(draft, state, now_ms);
    else this.#state = state;
    return answer;
  }

  /** The newest words of an incident; null where none are held (any more). */
  narrative(incident_id: string): Narrative | null {
    return this.#load() === null ? null : (this.#store.narrative(incident_id)?.narrative ?? null);
  }

  /** Words that the Narrator brings in the place of those that are held. Durable when it answers. */
  takeNarrative(draft: NarrativeDraft): NarrativeVerdict {
    const state = this.#load();
    const held = state === null ? null : this.#store.narrative(draft.incident_id);
    const { verdict, replaces } = judgeDraft(held, draft);
    if (state === null || held === null || !replaces) return verdict;
    const written = this.#writer.writeNarrative(state, held, draft, this.#now());
    this.#state = written.state;
    this.#tell([written.event]);
    return verdict;
  }

  /**
   * Forgets the service but for what waits to be handed on, which goes on its way. False where there was nothing. A state that
   * cannot be read goes too.
   */
  forget(service: string, actor: string): boolean {
    const now_ms = this.#now();
    if (!this.#store.exists()) return this.#store.forgetAgain(now_ms);
    const { told, numbers } = farewell(service, actor, now_ms, () => {
      const state = this.#load()!;
      return { state, draft: this.#draft(state, now_ms), firstWords: this.#firstWords };
    });
    this.#storage.transaction(() => {
      const outbox_position = this.#outbox.putAll(service, numbers.outbox_position, told);
      this.#store.forget({ forgotten_ms: now_ms, numbers: { ...numbers, outbox_position } });
    });
    this.#state = null;
    this.#settings.forget();
    for (const event of told.events) this.#sockets.broadcast(event);
    this.#sockets.closeAll(CLOSE_SERVICE_DELETED, "the service was deleted");
    this.#tell([]);
    return true;
  }

  /** When `drain` has something to do now. */
  get drainDue(): boolean {
    const state = this.#load();
    return this.#outbox.isDue() || (state !== null && (this.askDue || this.#silence.isDue(state)));
  }

  /** Hands on what waits in the outbox, and asks what it has to; never rejects. A second call while one runs does nothing. */
  async drain(): Promise<void> {
    const state = this.#load();
    const ask = state !== null && this.askDue ? this.ask(state.service) : null;
    await Promise.all([this.#drainOutbox(), ask, this.#listen()]);
    this.#alarm.armAfterwards(this.#dues());
  }

  /** Whoever failed is tried again in its own time, however long another one hangs. */
  #drainOutbox(): Promise<void> {
    return this.#outbox.drain(() => this.#alarm.armAfterwards(this.#dues()));
  }

  /** Nothing came for as long as would prove that the service is down: asks whether it would have been heard. Never rejects. */
  async #listen(): Promise<void> {
    const asked = this.#load();
    if (asked === null || !this.#silence.isDue(asked)) return;
    const verdict = await this.#silence.ask(asked);
    try {
      const state = this.#load();
      const due_ms = state === null ? null : this.#silence.due(state);
      // Events may have come meanwhile.
      if (state === null || due_ms === null || due_ms > this.#now()) return;
      const now_ms = this.#now();
      const draft = this.#draft(state, now_ms);
      if (!afterVerdict(draft, verdict, due_ms, now_ms)) this.#silence.unsettled(state);
      if (draft.state.silence !== state.silence) this.#commit(draft, state, now_ms);
      else this.#state = state;
      await this.#drainOutbox();
    } catch (error) {
      console.error(`${asked.service} could not act on its silence and will ask again`, error);
    }
  }

  /**
   * All due work, from storage. It re-arms first: after six failed retries the platform drops an alarm, and nothing may be
   * lost by an error here. It never throws; slow work (the outbox, questions) is left to `drain`.
   */
  onAlarm(): void {
    this.#alarm.rang();
    const first = this.#load();
    const now_ms = this.#now();
    this.#rearm();
    if (first === null) return;
    try {
      this.#sockets.closeEnded(now_ms);
      const quiet = quietDue(first);
      if (quiet !== null && quiet <= now_ms) this.#flushQuiet(first, now_ms);
      // Each step may replace the state, and prune.
      let state = this.#state ?? first;
      const { incident } = state.tracker;
      if (incident !== null && (retireDue(state) ?? Infinity) <= now_ms) {
        const draft = this.#draft(state, now_ms);
        endIncident(draft, incident, "retired", now_ms);
        this.#commit(draft, state, now_ms);
        state = this.#state ?? state;
      }
      if (pruneDue(state) <= now_ms) this.#commit(this.#draft(state, now_ms), state, now_ms);
    } catch (error) {
      console.error(`the alarm of ${first.service} failed and will be repeated`, error);
    }
    this.#rearm();
  }

  #load(): MonitorState | null {
    if (this.#state === undefined) {
      if (this.#store.hasOutbox()) this.#outbox.load();
      this.#state = this.#store.exists() ? this.#store.loadState() : null;
    }
    return this.#state;
  }

  /** Lends the state to a draft, until it is committed or given back unchanged. */
  #draft(state: MonitorState, now_ms: number): MonitorDraft {
    this.#state = undefined;
    return new MonitorDraft(state, { stored: this.#store, now_ms, evidenceOf });
  }

  #flushQuiet(state: MonitorState, now_ms: number): void {
    const draft = this.#draft(state, now_ms);
    draft.advance(onQuiet(state.watermark));
    draft.projectOpen();
    this.#commit(draft, state, now_ms);
    this.#reports.send(this.#reports.due(draft, this.#state!, now_ms));
  }

  /** Writes everything the draft changed in one transaction, then takes it over and tells those who listen. */
  #commit(draft: MonitorDraft, before: MonitorState, now_ms: number, more: () => void = () => undefined): void {
    const told = numberRows(draft, before, now_ms, this.#firstWords);
    this.#state = this.#writer.writeDraft(draft, before, told, now_ms, more);
    this.#ticks.add(draft.touched_seconds);
    this.#tell(told.events, told.rows.length > 0);
  }

  /** What is stored goes out to those who listen; `waits`: the outbox has something new. */
  #tell(events: readonly DurableEvent[], waits = true): void {
    for (const event of events) this.#sockets.broadcast(event);
    try {
      if (waits) this.#outbox.load();
      this.tick();
    } finally {
      this.#rearm();
    }
  }

  /** Sends what changed to the sockets, at most four times a second. */
  tick(): void {
    this.#ticks.send(this.#load());
  }

  /** How long (ms) what changed inside a quarter of a second has to wait for its tick; null when nothing waits. */
  get tickDelayMs(): number | null {
    return this.#ticks.delay_ms;
  }

  #rearm(): void {
    this.#alarm.arm(this.#dues());
  }

  #dues(): (number | null)[] {
    if (this.#state == null) return [this.#outbox.nextDue()]; // Not known after a failure: what is set rings, and reads it.
    const state = this.#state;
    return [
      this.#outbox.nextDue(),
      quietDue(state),
      this.#silence.due(state),
      retireDue(state),
      this.#settings.due(state),
      this.#sockets.earliestExpiry(),
      pruneDue(state),
    ];
  }
}
