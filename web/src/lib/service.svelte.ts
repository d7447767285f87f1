/** What the page knows of one service: its seconds as points, its incidents, and what only the server can tell (endpoints). */
import { SvelteMap } from "svelte/reactivity";
import { clock } from "./clock.svelte.ts";
import { connection } from "./connection.svelte.ts";
import { getJson, type Answer } from "./http.ts";
import { drawnUntil, PointSeries, pointStart, type Point } from "./point.ts";
import { SecondLog, type Span } from "./second-log.ts";
import { session } from "./session.svelte.ts";
import { newerIncident } from "./severity.ts";
import type { Figures } from "./sentence.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { BaselinePoint, SecondPoint, ServiceMessage } from "../../../domain/message.ts";
import type { Page, ServiceDetail, WindowItem } from "../../../domain/resource.ts";

/** What the charts of a service show. */
const SPAN_S = 15 * 60;

/** How often endpoints, counters and the sketches of newly closed seconds are asked for while someone looks. */
const ASK_EVERY_MS = 5000;

/** The span of the figures, as the fleet's rates have it: the newest ten closed seconds. */
const FIGURE_S = 10;

/** Why something could not be read; null where it could. */
type Trouble = string | null;

export class ServiceView {
  readonly name: string;
  /** The time axis, epoch seconds; it slides with the clock. */
  readonly until = $derived(Math.floor(clock.now / 1000));
  readonly from = $derived(this.until - SPAN_S);

  points: readonly Point[] = $state.raw([]);
  baseline: BaselinePoint | null = $state.raw(null);
  watermark_ms: number | null = $state.raw(null);
  detail: ServiceDetail | null = $state.raw(null);
  readonly incidents = new SvelteMap<string, Incident>();
  /** True once the socket or history has answered. */
  known = $state(false);
  /** No such service: nothing is asked for any more. */
  missing = $state(false);
  /** Why history cannot be read, since when; null while it can. Live data goes on meanwhile. */
  history_trouble: { readonly detail: string; readonly since_ms: number } | null = $state.raw(null);

  readonly open: Incident | null = $derived(
    [...this.incidents.values()].find((incident) => incident.status === "open") ?? null,
  );

  readonly #log = new SecondLog();
  readonly #series = new PointSeries(this.#log);
  readonly #closing = new AbortController();
  #seq: number | null = null;
  #loaded = false;
  #stop: () => void = () => {};

  constructor(name: string) {
    this.name = name;
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
    const close = connection.open<ServiceMessage>({
      path: `${this.path}/live`,
      after: () => this.#seq,
      onMessage: (message) => this.#take(message),
    });
    void this.ask();
    const asking = setInterval(() => {
      if (document.visibilityState === "visible") void this.ask();
    }, ASK_EVERY_MS);
    this.#stop = () => {
      clearInterval(asking);
      this.#closing.abort();
      close();
    };
    return this.#stop;
  }

  /** Asks for what no socket carries. A page in the background asks for nothing and catches up when it is seen again. */
  async ask(): Promise<void> {
    const troubles = await Promise.all([this.#askDetail(), this.#askIncidents(), this.#askSeconds()]);
    if (this.#closing.signal.aborted) return;
    const detail = troubles.find((trouble) => trouble !== null) ?? null;
    // The page is told what mends it, where that is known.
    if (detail !== null && this.history_trouble === null) void session.check();
    const since_ms = this.history_trouble?.since_ms ?? clock.exact();
    this.history_trouble = detail === null ? null : { detail, since_ms };
  }

  /** The clock went on: forms the newest points again. */
  slide(): void {
    this.#log.forgetBefore(this.from - 60);
    // Before history has been read, nothing is known of the time before the first second heard: no gap must be drawn there.
    const from = this.#loaded ? this.from : Math.max(this.from, this.#log.oldest ?? this.until);
    this.points = this.#series.between(from, this.#wholeUntil());
  }

  #take(message: ServiceMessage): void {
    if (message.type === "incident") {
      this.#seq = message.seq;
      this.#put(message.incident);
      return;
    }
    this.baseline = message.baseline;
    this.watermark_ms = message.watermark;
    if (message.type === "snapshot") {
      this.#seq = message.seq;
      this.missing = false;
      if (message.incident !== null) this.#put(message.incident);
    } else {
      connection.ticked(message.at, message.newest_event_time);
    }
    this.#hear(message.seconds, message.baseline);
    this.known = true;
  }

  #hear(seconds: readonly SecondPoint[], baseline: BaselinePoint): void {
    this.#series.touch(this.#log.hear(seconds, baseline));
    this.slide();
  }

  #wholeUntil(): number {
    const newest = this.#log.newest;
    const second = newest === null ? null : (this.#log.at(newest) ?? null);
    return drawnUntil(second, Math.floor(clock.exact() / 1000));
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
    if (answer.value.incident !== null) this.#put(answer.value.incident);
    return null;
  }

  async #askIncidents(): Promise<Trouble> {
    const path = `/v1/incidents?service=${encodeURIComponent(this.name)}`;
    const answer = await getJson<Page<Incident>>(path, this.#closing.signal);
    if (!answer.ok) return answer.detail;
    for (const incident of answer.value.items) this.#put(incident);
    return null;
  }

  /** First the whole axis, later only the closed seconds whose sketches are missing. */
  async #askSeconds(): Promise<Trouble> {
    const span = this.#loaded ? this.#missing() : { from: this.from, until: this.until };
    if (span === null) return null;
    let cursor: string | null = null;
    do {
      const answer: Answer<Page<WindowItem>> = await this.#askWindows(span, cursor);
      if (!answer.ok) return answer.status === 404 ? null : answer.detail;
      this.#series.touch(this.#log.load(answer.value.items));
      cursor = answer.value.next;
    } while (cursor !== null);
    this.#loaded = true;
    this.known = true;
    this.slide();
    return null;
  }

  #askWindows(span: Span, cursor: string | null): Promise<Answer<Page<WindowItem>>> {
    const query = new URLSearchParams({ from: isoSecond(span.from), to: isoSecond(span.until), step: "1" });
    if (cursor !== null) query.set("cursor", cursor);
    return getJson<Page<WindowItem>>(`${this.path}/windows?${query.toString()}`, this.#closing.signal);
  }

  #missing(): Span | null {
    const closed = this.watermark_ms === null ? this.until : Math.floor(this.watermark_ms / 1000);
    return this.#log.missingSketches(this.from, pointStart(closed));
  }

  #measure(): Figures | null {
    // The log itself is no state: the points change with it.
    void this.points;
    if (this.baseline === null) return this.detail;
    const end = this.watermark_ms === null ? null : Math.floor(this.watermark_ms / 1000);
    const recent = end === null ? null : this.#log.totals(end - FIGURE_S, end);
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
    const heard_ms = this.#log.newest === null ? null : this.#log.newest * 1000;
    const told_ms = this.watermark_ms ?? (this.detail === null ? null : Date.parse(this.detail.at));
    return heard_ms === null || told_ms === null ? (heard_ms ?? told_ms) : Math.max(heard_ms, told_ms);
  }

  #put(arrived: Incident): void {
    this.incidents.set(arrived.id, newerIncident(this.incidents.get(arrived.id), arrived));
  }
}

function isoSecond(second: number): string {
  return new Date(second * 1000).toISOString();
}
