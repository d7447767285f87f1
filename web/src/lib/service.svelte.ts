/** What the page knows of one service: its seconds as points, its incidents, and what only the server can tell (endpoints). */
import { SvelteMap } from "svelte/reactivity";
import { clock } from "./clock.svelte.ts";
import { connection, type LiveSource } from "./connection.svelte.ts";
import { getJson } from "./http.ts";
import { IncidentAsking } from "./incident-asking.ts";
import { ChartSeries, type WindowsWish } from "./chart-series.ts";
import { newerNarrative } from "./narrative/source-words.ts";
import type { Point } from "./point.ts";
import type { Revision } from "./revisions.ts";
import { session } from "./session.svelte.ts";
import { newerIncident } from "./severity.ts";
import { isoSecond, WindowReader } from "./window-reader.ts";
import type { Axis } from "./incident-axis.ts";
import type { Figures } from "./sentence.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { BaselinePoint, DurableEvent, ServiceMessage } from "../../../domain/message.ts";
import type { Narrative } from "../../../domain/narrative.ts";
import type { Page, ServiceDetail } from "../../../domain/resource.ts";

/** How often endpoints, counters and the sketches of newly closed seconds are asked for while someone looks; incidents less often. */
const ASK_EVERY_MS = 5000;

/** The span of the figures, as the fleet's rates have it: the newest ten closed seconds. */
const FIGURE_S = 10;

/** Why something could not be read; null where it could. */
type Trouble = string | null;

/** How a page follows its service. */
export interface ServiceViewOptions {
  /** The time axis at a moment (epoch seconds); null while it is not known yet: then no history is read. */
  readonly axis: (now: number) => Axis | null;
  /** Hears of what happened in the last 24 h too, and of it again after a break. */
  readonly onEvent?: (event: DurableEvent) => void;
  /** Nothing that is asked for can change any more: it is asked for once. */
  readonly settled?: () => boolean;
  /** Told when a whole answer on the axis' windows is here: how many there were, and the step that they were asked for in. */
  readonly onLoaded?: (windows: number, step: WindowsWish["step"]) => void;
  /** It stands beside the page's own service: the top bar speaks of that one. */
  readonly beside?: boolean;
}

export class ServiceView {
  readonly name: string;
  readonly #options: ServiceViewOptions;
  readonly #now_s = $derived(Math.floor(clock.now / 1000));
  readonly axis: Axis | null = $derived.by(() => this.#options.axis(this.#now_s));

  points: readonly Point[] = $state.raw([]);
  /** The windows on the axis that changed after they had closed. */
  revisions: readonly Revision[] = $state.raw([]);
  baseline: BaselinePoint | null = $state.raw(null);
  watermark_ms: number | null = $state.raw(null);
  detail: ServiceDetail | null = $state.raw(null);
  readonly incidents = new SvelteMap<string, Incident>();
  /** The newest of each incident that was heard of. */
  readonly narratives = new SvelteMap<string, Narrative>();
  /** True once the socket or history has answered. */
  known = $state(false);
  /** No such service: nothing is asked for any more. */
  missing = $state(false);
  /** Why history cannot be read, since when; null while it can. Live data goes on meanwhile. */
  history_trouble: { readonly detail: string; readonly since_ms: number } | null = $state.raw(null);

  readonly open: Incident | null = $derived(
    [...this.incidents.values()].find((incident) => incident.status === "open") ?? null,
  );

  readonly #series = new ChartSeries();
  readonly #asking = new IncidentAsking();
  readonly #closing = new AbortController();
  readonly #reader: WindowReader;
  #seq: number | null;
  /** How far what was heard reaches, epoch seconds: while the connection is lost, silence is not the service's. */
  #heard_until = 0;
  #isLost = false;
  #stop: () => void = () => {};

  constructor(name: string, options: ServiceViewOptions) {
    this.name = name;
    this.#options = options;
    // From the beginning, where a page wants to know what has happened.
    this.#seq = options.onEvent === undefined ? null : 0;
    this.#reader = new WindowReader({
      series: this.#series,
      path: this.path,
      signal: this.#closing.signal,
      axis: () => this.axis,
      closed: () => (this.watermark_ms === null ? null : Math.floor(this.watermark_ms / 1000)),
      now: () => clock.exact() / 1000,
      onRead: () => this.slide(),
      onLoaded: (windows, step) => options.onLoaded?.(windows, step),
    });
  }

  /** What the service does now. Counts come with each tick; p95 over ten seconds only the server can tell. */
  readonly figures: Figures | null = $derived(this.#measure());

  /** Event time of the newest data, epoch ms; null while none is known. */
  readonly last_data_ms: number | null = $derived(this.#lastData());

  get path(): string {
    return `/v1/services/${encodeURIComponent(this.name)}`;
  }

  /** Follows the service's socket and reads its history until the returned function is called. */
  follow(): () => void {
    const source: LiveSource<ServiceMessage> = {
      path: `${this.path}/live`,
      after: () => this.#seq,
      onMessage: (message) => this.#take(message),
      onConnection: ({ phase }) => (this.#isLost = phase === "lost"),
    };
    const close = this.#options.beside === true ? connection.openBeside(source) : connection.open(source);
    this.#asking.takeDue(clock.exact());
    void this.ask();
    const asking = setInterval(() => {
      const settled = this.#options.settled?.() === true && this.history_trouble === null;
      if (document.visibilityState !== "visible" || settled) return;
      // What is in trouble is asked for until all of it answers.
      const incidents = this.#asking.takeDue(clock.exact()) || this.history_trouble !== null;
      void this.ask(incidents);
    }, ASK_EVERY_MS);
    this.#stop = () => {
      clearInterval(asking);
      this.#closing.abort();
      close();
    };
    return this.#stop;
  }

  /**
   * Asks for what no socket carries, and for incidents that it may have missed. A page in the background asks for nothing and
   * catches up when it is seen again.
   */
  async ask(incidents = true): Promise<void> {
    const troubles = await Promise.all([
      this.#askDetail(),
      incidents ? this.#askIncidents(this.#options.beside === true) : null,
      this.#readWindows(),
    ]);
    if (this.#closing.signal.aborted) return;
    const detail = troubles.find((trouble) => trouble !== null) ?? null;
    // The page is told what mends it, where that is known.
    if (detail !== null && this.history_trouble === null) void session.check();
    const since_ms = this.history_trouble?.since_ms ?? clock.exact();
    this.history_trouble = detail === null ? null : { detail, since_ms };
  }

  /** The axis is another one: shows at once what is known of it, and reads the rest. */
  async reach(): Promise<void> {
    this.slide();
    const [, trouble] = await Promise.all([this.#askIncidents(true), this.#readWindows()]);
    // What stays wrong is told by the next regular asking.
    if (trouble === null) this.slide();
  }

  /** The clock went on: forms the newest points again. */
  slide(): void {
    const now = Math.floor(clock.exact() / 1000);
    // Before anything was heard, history alone tells up to now.
    if (!this.#isLost || this.#heard_until === 0) this.#heard_until = now;
    const axis = this.#options.axis(now);
    if (axis === null) return;
    this.points = this.#series.points(axis, this.#heard_until);
    this.revisions = this.#series.revisions(axis);
  }

  #take(message: ServiceMessage): void {
    if (message.type === "incident" || message.type === "narrative") return this.#takeEvent(message);
    this.baseline = message.baseline;
    this.watermark_ms = message.watermark;
    if (message.type === "snapshot") {
      // What happened during a break, and was not heard.
      if (this.known) this.#asking.changed();
      this.#seq = message.seq;
      this.missing = false;
      if (message.incident !== null) this.putIncident(message.incident);
      if (message.narrative != null) this.putNarrative(message.narrative);
    } else if (this.#options.beside !== true) {
      connection.ticked(message.at, message.newest_event_time);
    }
    if (message.type === "snapshot") this.#series.begin(message.seconds, message.baseline);
    else this.#series.hear(message.seconds, message.baseline);
    this.slide();
    // What was missed during a break is read at once.
    if (message.type === "snapshot" && this.known) void this.#readWindows();
    this.known = true;
  }

  #takeEvent(event: DurableEvent): void {
    this.#seq = event.seq;
    this.#asking.changed();
    if (event.type === "incident") this.putIncident(event.incident);
    else this.putNarrative(event.narrative);
    this.#options.onEvent?.(event);
  }

  async #askDetail(): Promise<Trouble> {
    const answer = await getJson<ServiceDetail>(this.path, this.#closing.signal);
    if (!answer.ok) {
      // 404 is no trouble but the answer: there is no such service, or it has not sent anything yet. To ask on would be for ever.
      this.missing = answer.status === 404;
      if (this.missing) this.#stop();
      return this.missing ? null : answer.detail;
    }
    this.detail = answer.value;
    this.missing = false;
    if (answer.value.incident !== null) this.putIncident(answer.value.incident);
    return null;
  }

  /** @param shown those of the time that is shown, which may be long ago; else the newest */
  async #askIncidents(shown = false): Promise<Trouble> {
    const query = new URLSearchParams({ service: this.name });
    if (shown && this.axis !== null) {
      query.set("from", isoSecond(this.axis.from));
      query.set("to", isoSecond(this.axis.until));
    }
    const answer = await getJson<Page<Incident>>(`/v1/incidents?${query.toString()}`, this.#closing.signal);
    if (!answer.ok) return answer.detail;
    for (const incident of answer.value.items) this.putIncident(incident);
    return null;
  }

  async #readWindows(): Promise<Trouble> {
    const trouble = await this.#reader.read();
    if (trouble === null) this.known = true;
    return trouble;
  }

  #measure(): Figures | null {
    // The log itself is no state: the points change with it.
    void this.points;
    if (this.baseline === null) return this.detail;
    const end = this.watermark_ms === null ? null : Math.floor(this.watermark_ms / 1000);
    const recent = end === null ? null : this.#series.totals(end - FIGURE_S, end);
    if (recent === null) return this.detail;
    return {
      request_rate: recent.request_count / FIGURE_S,
      error_rate: recent.request_count === 0 ? 0 : recent.error_count / recent.request_count,
      p95_latency_ms: this.detail?.p95_latency_ms ?? null,
      baseline: this.baseline,
    };
  }

  #lastData(): number | null {
    // The log itself is no state: the points change with it.
    void this.points;
    const heard_ms = this.#series.newest === null ? null : this.#series.newest * 1000;
    const told_ms = this.watermark_ms ?? (this.detail === null ? null : Date.parse(this.detail.at));
    return heard_ms === null || told_ms === null ? (heard_ms ?? told_ms) : Math.max(heard_ms, told_ms);
  }

  putNarrative(arrived: Narrative): void {
    this.narratives.set(arrived.incident_id, newerNarrative(this.narratives.get(arrived.incident_id), arrived));
  }

  putIncident(arrived: Incident): void {
    this.incidents.set(arrived.id, newerIncident(this.incidents.get(arrived.id), arrived));
  }
}
