/** One service's actor over `node:sqlite` with a clock that the test moves, and neighbours that keep what they are given. */
import type {
  FleetPort,
  FleetReport,
  ServiceEvent,
  ServiceIncidentEvent,
  ServiceNarrativeEvent,
  SilenceQuestion,
} from "../domain/fleet.ts";
import type { History, HistoryRow } from "../domain/history.ts";
import type { DurableEvent, IncidentEvent, ServiceMessage } from "../domain/message.ts";
import type { NarrationRequest, NarratorPort } from "../domain/narrator.ts";
import type { Notice, SubscribersPort } from "../domain/subscriber.ts";
import type { BatchPosition } from "../domain/positions.ts";
import { batchFacts, encodeSums, type ServiceEvents, sumEvents } from "../domain/service-batch.ts";
import { defaultSettings, type ServiceSettings, type VersionedSettings } from "../domain/settings.ts";
import type { PipelineVerdict } from "../domain/silence.ts";
import type { ApplyAnswer, ApplyCall } from "../durable-objects/apply-call.ts";
import type { LiveSockets } from "../durable-objects/live-sockets.ts";
import { MonitorStore } from "../durable-objects/service-monitor-sql.ts";
import { ServiceMonitorActor } from "../durable-objects/service-monitor.ts";
import { InjectedFault, SqliteStorage } from "./sqlite-storage.ts";

/** An event with its place in a partition. */
export interface TestEvent {
  readonly offset: number;
  readonly timestamp_ms: number;
  readonly event_time_ms: number;
  readonly endpoint: string;
  readonly latency_us: number;
  readonly status_code: number;
  readonly version?: string;
}

export const START_MS = Date.parse("2026-11-24T10:00:00Z");

/** `count` events a second for `seconds` seconds, every `error_every`-th of them an error on /pay. */
export function traffic(
  from_ms: number,
  seconds: number,
  count: number,
  error_every: number,
  first_offset = 0,
): TestEvent[] {
  return Array.from({ length: seconds * count }, (_, i) => ({
    offset: first_offset + i,
    timestamp_ms: from_ms + (i * 1000) / count,
    event_time_ms: from_ms + Math.floor((i * 1000) / count),
    endpoint: i % 2 === 0 ? "/pay" : "/cart",
    latency_us: 100_000 + (i % 7) * 1000,
    status_code: error_every > 0 && i % error_every === 0 ? 500 : 200,
  }));
}

type RowOf<T extends HistoryRow["table"]> = Extract<HistoryRow, { table: T }>["row"];

/** History as the database keeps it: of each natural key the newest revision. */
export class HistoryTable implements History {
  readonly rows = new Map<string, HistoryRow>();
  isDown = false;

  write(rows: readonly HistoryRow[]): Promise<void> {
    if (this.isDown) return Promise.reject(new Error("the database is down"));
    for (const row of rows) {
      const key = naturalKey(row);
      const before = this.rows.get(key);
      if (before === undefined || before.row.revision < row.row.revision) this.rows.set(key, structuredClone(row));
    }
    return Promise.resolve();
  }

  /** The rows of one table. */
  of<T extends HistoryRow["table"]>(table: T): RowOf<T>[] {
    const found: unknown[] = [...this.rows.values()].filter((row) => row.table === table).map((row) => row.row);
    return found as RowOf<T>[];
  }
}

/** What tells a row of history from all others. */
export function naturalKey({ table, row }: HistoryRow): string {
  if (table === "services") return `${table} ${row.service}`;
  if (table === "anomalies") return `${table} ${row.service} ${row.detected_at} ${row.metric_name}`;
  if (table === "feedback") return `${table} ${row.incident_id}`;
  if (table === "incident_summaries") return `${table} ${row.incident_id} ${row.version}`;
  if ("id" in row) return `${table} ${row.id}`;
  return `${table} ${row.service} ${row.window_start}`;
}

/** The Fleet's part that a service talks to. */
export class FleetLog implements Pick<FleetPort, "report" | "incidents" | "settingsOf" | "hears"> {
  readonly reports: FleetReport[] = [];
  /** By their number. */
  readonly events = new Map<number, ServiceIncidentEvent>();
  readonly narratives = new Map<number, ServiceNarrativeEvent>();
  /** What it says of settings, and how often it was asked. */
  version = 0;
  settings: Partial<ServiceSettings> = {};
  asked = 0;
  isDown = false;
  /** What it says of the pipeline, and every question. */
  verdict: PipelineVerdict = "unknown";
  readonly questions: SilenceQuestion[] = [];

  hears(question: SilenceQuestion): Promise<PipelineVerdict> {
    if (this.isDown) return Promise.reject(new Error("the fleet is down"));
    this.questions.push(question);
    return Promise.resolve(this.verdict);
  }

  report(reports: readonly FleetReport[]): Promise<void> {
    this.reports.push(...reports);
    return Promise.resolve();
  }

  settingsOf(service: string): Promise<VersionedSettings> {
    if (this.isDown) return Promise.reject(new Error("the fleet is down"));
    this.asked += 1;
    return Promise.resolve({ version: this.version, settings: { ...defaultSettings(service), ...this.settings } });
  }

  incidents(events: readonly ServiceEvent[]): Promise<void> {
    if (this.isDown) return Promise.reject(new Error("the fleet is down"));
    for (const event of events)
      if ("narrative" in event) this.narratives.set(event.seq, event);
      else this.events.set(event.seq, event);
    return Promise.resolve();
  }
}

/** A Narrator that keeps what it is asked, and hangs or refuses when told to. */
export class NarratorLog implements NarratorPort {
  readonly requests: NarrationRequest[] = [];
  isDown = false;
  isHanging = false;

  narrate(requests: readonly NarrationRequest[]): Promise<void> {
    if (this.isHanging) return new Promise(() => undefined);
    if (this.isDown) return Promise.reject(new Error("the narrator is down"));
    this.requests.push(...structuredClone(requests));
    return Promise.resolve();
  }
}

/** Subscribers that keep what they are told, and refuse when told to. */
export class SubscribersLog implements SubscribersPort {
  /** By their number. */
  readonly notices = new Map<number, Notice>();
  isDown = false;

  notify(service: string, notices: readonly Notice[]): Promise<void> {
    if (this.isDown) return Promise.reject(new Error("a subscription is down"));
    for (const notice of structuredClone(notices)) {
      if (notice.event.service !== service) return Promise.reject(new Error(`told of ${notice.event.service}`));
      this.notices.set(notice.event.seq, notice);
    }
    return Promise.resolve();
  }
}

/** Sockets that remember what was sent. */
export class SocketLog implements LiveSockets {
  readonly sent: ServiceMessage[] = [];
  open = 0;
  closed_with: number | null = null;

  count(): number {
    return this.open;
  }
  broadcast(message: Parameters<LiveSockets["broadcast"]>[0]): void {
    this.sent.push(structuredClone(message) as ServiceMessage);
  }
  closeEnded(): void {
    this.open = 0;
  }
  closeAll(code: number): void {
    this.closed_with = code;
    this.open = 0;
  }
  earliestExpiry(): number | null {
    return null;
  }
}

export class MonitorHarness {
  readonly storage = new SqliteStorage();
  readonly history = new HistoryTable();
  readonly fleet = new FleetLog();
  readonly narrator = new NarratorLog();
  readonly subscribers = new SubscribersLog();
  has_model = true;
  readonly sockets = new SocketLog();
  readonly service: string;
  now_ms: number;
  actor: ServiceMonitorActor;

  constructor(service: string, now_ms: number) {
    this.service = service;
    this.now_ms = now_ms;
    this.actor = this.#start();
  }

  /** Throws the memory away, as the platform does at any time. */
  evict(): void {
    this.actor = this.#start();
  }

  #start(): ServiceMonitorActor {
    return new ServiceMonitorActor(this.storage, () => this.now_ms, this);
  }

  /** All durable events so far, as they are stored. */
  events(): DurableEvent[] {
    return new MonitorStore(this.storage).eventsAfter(0);
  }

  /** The incident events among them. */
  incidents(): IncidentEvent[] {
    return this.events().filter((event) => event.type === "incident");
  }

  /** Delivers events as the Worker does: sums first, the events themselves when asked for them. */
  deliver(events: readonly TestEvent[], position: BatchPosition | null, more: Partial<ApplyCall> = {}): ApplyAnswer {
    const columns = columnsOf(events);
    const call: ApplyCall = {
      service: this.service,
      position,
      facts: batchFacts(columns),
      content: encodeSums(sumEvents(columns)),
      idempotency: null,
      admitted: true,
      quarantined: false,
      ...more,
    };
    const answer = this.actor.apply(call);
    return answer.kind === "send_events" ? this.actor.apply({ ...call, content: columns }) : answer;
  }

  /** Delivers events of one partition second by second as they happen. */
  async live(events: readonly TestEvent[]): Promise<void> {
    const bySecond = Map.groupBy(events, (event) => Math.floor(event.event_time_ms / 1000));
    for (const [second, own] of bySecond) {
      await this.advance(Math.max(0, second * 1000 + 1000 - this.now_ms));
      const [first_offset, last_offset] = [own[0]!.offset, own.at(-1)!.offset];
      const answer = this.deliver(own, {
        source: "default",
        topic: "raw_events",
        partition: 0,
        first_offset,
        last_offset,
      });
      if (answer.kind !== "applied" || answer.accepted !== own.length) throw new Error(JSON.stringify(answer));
    }
    // What is due now, as the push of an incident that the last second opened, goes out.
    await this.actor.drain();
  }

  /** Lets time pass; the alarm rings when it is due, and what it starts is finished. */
  async advance(duration_ms: number): Promise<void> {
    const end_ms = this.now_ms + duration_ms;
    while (this.storage.alarm_ms !== null && this.storage.alarm_ms <= end_ms) {
      this.now_ms = Math.max(this.now_ms, this.storage.alarm_ms);
      this.storage.alarm_ms = null;
      await this.#ring();
    }
    this.now_ms = end_ms;
  }

  async #ring(): Promise<void> {
    try {
      this.actor.onAlarm();
      await this.actor.drain();
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
      // The platform rings again when a handler throws, after two seconds at first.
      this.storage.alarm_ms = this.now_ms + 2000;
    }
  }
}

export function columnsOf(events: readonly TestEvent[]): ServiceEvents {
  const endpoints = [...new Set(events.map((event) => event.endpoint))];
  const versions = [...new Set(events.flatMap((event) => event.version ?? []))];
  return {
    offsets: Float64Array.from(events, (event) => event.offset),
    timestamps_ms: Float64Array.from(events, (event) => event.timestamp_ms),
    event_times_ms: Float64Array.from(events, (event) => event.event_time_ms),
    endpoint: Uint16Array.from(events, (event) => endpoints.indexOf(event.endpoint)),
    latency_us: Uint32Array.from(events, (event) => event.latency_us),
    status_code: Uint16Array.from(events, (event) => event.status_code),
    version: Uint16Array.from(events, ({ version }) => (version === undefined ? 0 : versions.indexOf(version) + 1)),
    endpoints,
    versions,
  };
}
