/**
 * What Faultline would have told of a recorded stream: events one a line, in their order of arrival, through the same code as
 * the services' objects. Nothing depends on how the stream is cut into chunks, nor on how fast it is read.
 *
 * The clock is the newest event time met so far in the whole stream, of whichever service: it lets a service that has no event
 * for 5 s of it be quiet, and one that is silent for longer while others are heard be down; it says when something would have
 * been told, and stands still where the stream is over. A record's own timestamp, by which an ingest request tells a wrong date,
 * is absent: see replay-leap.ts.
 */
import { type RejectReason } from "./event.ts";
import type { Severity } from "./incident.ts";
import { isLeap, judgeLeap, type WaitingEvent } from "./replay-leap.ts";
import type { ReplayLine, ReplaySummary, WrongLine } from "./replay-line.ts";
import { ReplayReader, type ReplaySink } from "./replay-reader.ts";
import { ReplayService } from "./replay-service.ts";
import type { ServiceSettings } from "./settings.ts";
import { QUIET_MS } from "./watermark.ts";

/** As many services as one installation admits by default (DESIGN.md section 4); further names are wrong lines. */
const SERVICES_MAX = 2_000;
/** Wrong lines that are named; all are counted. */
const WRONG_NAMED_MAX = 20;

export interface ReplayInput {
  readonly settingsOf: (service: string) => ServiceSettings;
  /** Takes what is told, in order of its time. */
  readonly emit: (line: ReplayLine) => void;
}

export class Replay implements ReplaySink {
  readonly #input: ReplayInput;
  readonly #reader: ReplayReader = new ReplayReader(this);
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  /** By number; undefined until the first event is taken. */
  readonly #services: (ReplayService | undefined)[] = [];
  #clock_ms = -Infinity;
  #oldest_ms = Infinity;
  /** Nothing is due before. */
  #next_due_ms = -Infinity;
  #waiting: WaitingEvent[] = [];
  #events = 0;
  readonly #wrong = new Map<RejectReason, number>();
  readonly #wrong_first: WrongLine[] = [];

  constructor(input: ReplayInput) {
    this.#input = input;
  }

  /** Events so far. */
  get events(): number {
    return this.#events;
  }

  /** Event time that has passed so far, s. */
  get event_time_s(): number {
    return this.#events === 0 ? 0 : (this.#clock_ms - this.#oldest_ms) / 1000;
  }

  /** Reads whole lines; the newline of the last one may be missing, if nothing follows. */
  push(lines: Uint8Array): void {
    this.#reader.read(lines);
  }

  /** The stream is over: everything closes. */
  finish(): ReplaySummary {
    this.#settle(true);
    const services = this.#services.filter((service) => service !== undefined);
    for (const service of services) service.finish(this.#clock_ms);
    const total = (count: (service: ReplayService) => number): number =>
      services.reduce((sum, service) => sum + count(service), 0);
    const ofSeverity = (severity: Severity): number => total((service) => service.incidents[severity]);
    return {
      events: this.#events,
      late: total((service) => service.late),
      dropped: total((service) => service.dropped),
      wrong_lines: [...this.#wrong.values()].reduce((sum, count) => sum + count, 0),
      wrong_by_reason: Object.fromEntries(this.#wrong),
      wrong_first: this.#wrong_first,
      services: services.length,
      windows: total((service) => service.windows),
      incidents: { medium: ofSeverity("medium"), high: ofSeverity("high"), critical: ofSeverity("critical") },
      event_time_s: this.event_time_s,
    };
  }

  serviceOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length === SERVICES_MAX) return -1;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  onEvent(
    service: number,
    event_time_ms: number,
    endpoint: string,
    latency_us: number,
    status_code: number,
    version: string | null,
    line: number,
  ): void {
    if (this.#waiting.length > 0 || isLeap(event_time_ms, this.#clock_ms)) {
      this.#waiting.push({ service, event_time_ms, endpoint, latency_us, status_code, version, line });
      this.#settle(false);
    } else this.#take(service, event_time_ms, endpoint, latency_us, status_code, version);
  }

  onWrong(line: number, reason: RejectReason): void {
    this.#wrong.set(reason, (this.#wrong.get(reason) ?? 0) + 1);
    if (this.#wrong_first.length < WRONG_NAMED_MAX) this.#wrong_first.push({ line, reason });
  }

  #take(
    number: number,
    event_time_ms: number,
    endpoint: string,
    latency_us: number,
    status_code: number,
    version: string | null,
  ): void {
    this.#events += 1;
    if (event_time_ms < this.#oldest_ms) this.#oldest_ms = event_time_ms;
    if (event_time_ms > this.#clock_ms) {
      this.#clock_ms = event_time_ms;
      if (event_time_ms >= this.#next_due_ms) this.#ringAlarms(number);
    }
    const service = this.#services[number] ?? this.#newService(number);
    service.add(event_time_ms, endpoint, latency_us, status_code, version, this.#clock_ms);
  }

  #newService(number: number): ReplayService {
    const name = this.#names[number]!;
    const input = { service: name, settings: this.#input.settingsOf(name), emit: this.#input.emit };
    const service = new ReplayService(input, this.#clock_ms);
    this.#services[number] = service;
    return service;
  }

  /**
   * Services without an event act on it in the order and at the time at which their alarms would have rung. `speaker`: the
   * service whose event moves the clock; it is heard, as whoever was heard in the later half of a silence is.
   */
  #ringAlarms(speaker: number): void {
    const clock_ms = this.#clock_ms;
    for (;;) {
      let next: ReplayService | undefined;
      // Whoever has an event from now on is due in 5 s at the earliest.
      let next_ms = clock_ms + QUIET_MS;
      for (const service of this.#services) {
        if (service === undefined || service.due_ms >= next_ms) continue;
        [next, next_ms] = [service, service.due_ms];
      }
      if (next === undefined || next_ms > clock_ms) {
        this.#next_due_ms = next_ms;
        return;
      }
      next.onDue(next_ms, this.#isOtherHeard(next, speaker, next_ms));
    }
  }

  #isOtherHeard(silent: ReplayService, speaker: number, now_ms: number): boolean {
    if (this.#services[speaker] !== silent) return true;
    const proof_ms = (silent.received_ms + now_ms) / 2;
    return this.#services.some((other) => other !== undefined && other !== silent && other.received_ms > proof_ms);
  }

  /** Takes the events that wait for a leap of time to be judged, as far as it can be; all of them once no more come. */
  #settle(isOver: boolean): void {
    for (;;) {
      const head = this.#waiting[0];
      if (head === undefined) return;
      const verdict = isLeap(head.event_time_ms, this.#clock_ms) ? judgeLeap(this.#waiting) : "moved";
      if (verdict === "unsure" && !isOver) return;
      this.#waiting.shift();
      if (verdict === "wrong") this.onWrong(head.line, "future");
      else {
        const { service, event_time_ms, endpoint, latency_us, status_code, version } = head;
        this.#take(service, event_time_ms, endpoint, latency_us, status_code, version);
      }
    }
  }
}
