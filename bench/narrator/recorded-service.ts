/**
 * One service whose requests are made up second by second and taken in as its object takes them in (durable-objects/merge-batch.ts,
 * domain/monitor-draft.ts): what detection tells of them, and the evidence of it, are the real ones.
 */
import type { Evidence } from "../../domain/evidence.ts";
import { type IncidentChange, resolve } from "../../domain/incident-tracker.ts";
import { MINUTE_S } from "../../domain/minute.ts";
import { MonitorDraft } from "../../domain/monitor-draft.ts";
import { initialState, type MonitorState } from "../../domain/monitor-state.ts";
import { ReplayMinutes } from "../../domain/replay-minutes.ts";
import { batchFacts } from "../../domain/service-batch.ts";
import { defaultSettings, type ServiceSettings } from "../../domain/settings.ts";
import { downDue } from "../../domain/silence.ts";
import { takeEvidence } from "../../domain/take-evidence.ts";
import { onQuiet, QUIET_MS } from "../../domain/watermark.ts";
import { mergeBatch } from "../../durable-objects/merge-batch.ts";
import { type Random, randomFor } from "../../generator/random.ts";
import { columnsOf, type TestEvent } from "../../tests/monitor-harness.ts";
import { drawPoisson } from "../detection/draws.ts";

/** Requests of one endpoint. */
export interface Flow {
  readonly endpoint: string;
  /** Requests a second, on average. */
  readonly rate: number;
  /** Median latency, ms: log-normal, its p95 1.6 times as long. */
  readonly latency_ms?: number;
  /** Share of its requests, 0 to 1, that are `slow_factor` times as slow. */
  readonly slow_share?: number;
  readonly slow_factor?: number;
  /** Share of its requests, 0 to 1, by status code; the rest are 200. */
  readonly statuses?: Readonly<Record<number, number>>;
}

/** More than an hour, whose windows are merged when it ends. */
const MINUTES_HELD = 70;
const LATENCY_MS = 80;
/** Of the logarithm: the 95th percentile is exp(1.645 x 0.285) = 1.6 times the median. */
const LATENCY_SIGMA = 0.285;

export class RecordedService {
  /** The evidence of each change of an incident, in order. */
  readonly told: Evidence[] = [];
  /** The first second of the fault; null before it. */
  fault_second: number | null = null;
  /** The version that events name; null: none. */
  version: string | null = null;
  second: number;
  readonly #random: Random;
  readonly #stored = new ReplayMinutes();
  #state: MonitorState;

  constructor(service: string, seed: number, start_second: number, settings: Partial<ServiceSettings> = {}) {
    this.second = start_second;
    this.#random = randomFor(seed);
    this.#state = initialState(service, start_second * 1000, { ...defaultSettings(service), ...settings });
  }

  run(seconds: number, flows: readonly Flow[]): this {
    for (let i = 0; i < seconds; i += 1) this.#deliver(flows);
    return this;
  }

  /** The same, as the fault. */
  fail(seconds: number, flows: readonly Flow[]): this {
    this.fault_second ??= this.second;
    return this.run(seconds, flows);
  }

  /** The clock passes without a request, while the pipeline is heard. */
  fallSilent(seconds: number): this {
    this.fault_second ??= this.second;
    const end_ms = (this.second + seconds) * 1000;
    this.#change(this.#nowMs() + QUIET_MS, (draft) => draft.advance(onQuiet(this.#state.watermark)));
    const due_ms = downDue(this.#state);
    if (due_ms !== null && due_ms <= end_ms)
      this.#change(due_ms, (draft) => draft.declareDown(Math.floor(due_ms / 1000)));
    this.second += seconds;
    return this;
  }

  /** A person closes the incident that is open. */
  close(): this {
    this.#change(this.#nowMs(), (draft) => {
      const closed = resolve(draft.state.tracker, "manual", this.second);
      if (closed !== null) draft.take(closed);
    });
    return this;
  }

  #nowMs(): number {
    return this.second * 1000;
  }

  #deliver(flows: readonly Flow[]): void {
    const events = flows.flatMap((flow) => this.#requests(flow));
    this.second += 1;
    if (events.length === 0) return;
    const columns = columnsOf(events);
    const facts = batchFacts(columns);
    const { service, settings } = this.#state;
    const rest = { position: null, idempotency: null, admitted: true, quarantined: false };
    const now_ms = this.#nowMs();
    this.#change(now_ms, (draft) => {
      mergeBatch(
        draft,
        this.#state,
        { service, facts, content: columns, ...rest },
        { settings, refuses: false, now_ms },
      );
    });
  }

  #requests({
    endpoint,
    rate,
    latency_ms = LATENCY_MS,
    slow_share = 0,
    slow_factor = 1,
    statuses = {},
  }: Flow): TestEvent[] {
    const random = this.#random;
    return Array.from({ length: drawPoisson(random, rate) }, () => {
      const factor = random.unit() < slow_share ? slow_factor : 1;
      const event_time_ms = this.second * 1000 + random.index(1000);
      return {
        offset: -1,
        timestamp_ms: event_time_ms,
        event_time_ms,
        endpoint,
        latency_us: Math.round(1000 * latency_ms * factor * Math.exp(LATENCY_SIGMA * random.normal())),
        status_code: drawStatus(random.unit(), statuses),
        ...(this.version === null ? {} : { version: this.version }),
      };
    });
  }

  #change(now_ms: number, change: (draft: MonitorDraft) => void): void {
    const evidenceOf = (_before: unknown, after: IncidentChange["incident"], state: MonitorState): Evidence =>
      takeEvidence(after, state);
    const draft = new MonitorDraft(this.#state, { stored: this.#stored, now_ms, evidenceOf });
    change(draft);
    for (const { evidence } of draft.changes) if (evidence !== null) this.told.push(evidence);
    const { state, rows } = draft.finish();
    this.#state = state;
    this.#stored.save(rows);
    this.#stored.forget(Math.floor(this.second / MINUTE_S) - MINUTES_HELD);
  }
}

function drawStatus(unit: number, statuses: NonNullable<Flow["statuses"]>): number {
  let rest = unit;
  for (const [code, share] of Object.entries(statuses)) {
    rest -= share;
    if (rest < 0) return Number(code);
  }
  return 200;
}
