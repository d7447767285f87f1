/** Delivers random streams to an actor in random ways, as a partition's owners would. */
import type { MetricsWindow } from "../domain/history.ts";
import type { BatchPosition } from "../domain/positions.ts";
import { InjectedFault } from "./sqlite-storage.ts";
import { type MonitorHarness, type TestEvent } from "./monitor-harness.ts";
import { type ExpectedWindow, type PartitionLogs, type Step } from "./stream-model.ts";

/** Where each partition's owner stands: messages acknowledged by the service. */
export class Delivery {
  readonly #harness: MonitorHarness;
  readonly #logs: PartitionLogs;
  readonly #acknowledged: number[];

  constructor(harness: MonitorHarness, logs: PartitionLogs) {
    this.#harness = harness;
    this.#logs = logs;
    this.#acknowledged = logs.map(() => 0);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#step(step);
    // In the end the part is whole again and everything that is left arrives.
    this.#harness.storage.failAfter(null);
    for (const [partition, log] of this.#logs.entries())
      this.#send(partition, this.#acknowledged[partition]!, log.length);
    await this.#harness.advance(60_000);
  }

  async #step(step: Step): Promise<void> {
    switch (step.kind) {
      case "batch": {
        const partition = step.partition % this.#logs.length;
        const from = this.#acknowledged[partition]!;
        this.#send(partition, from, from + step.size);
        break;
      }
      case "redeliver": {
        const partition = step.partition % this.#logs.length;
        const from = Math.max(0, this.#acknowledged[partition]! - step.back);
        this.#send(partition, from, from + step.size);
        break;
      }
      case "evict":
        this.#harness.evict();
        break;
      case "fail":
        this.#harness.storage.failAfter(step.statement);
        break;
      case "wait":
        await this.#harness.advance(step.duration_ms);
        break;
    }
  }

  /** Sends messages `from` to before `to`; what throws or is not answered was not acknowledged and comes again. */
  #send(partition: number, from: number, to: number): void {
    const messages = this.#logs[partition]!.slice(from, to);
    if (messages.length === 0) return;
    this.#harness.now_ms = Math.max(this.#harness.now_ms, ...messages.map((message) => message.timestamp_ms));
    try {
      this.#harness.deliver(messages, positionOf(partition, messages));
      this.#acknowledged[partition] = Math.max(this.#acknowledged[partition]!, from + messages.length);
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
    }
  }
}

/** Of messages of a partition that follow each other; there is at least one. */
export function positionOf(partition: number, messages: readonly Pick<TestEvent, "offset">[]): BatchPosition {
  const [first_offset, last_offset] = [messages[0]!.offset, messages.at(-1)!.offset];
  return { source: "default", topic: "raw_events", partition, first_offset, last_offset };
}

/** The windows of a service in history, in the shape of the plain recomputation. */
export function windowsOf(
  { history, service }: Pick<MonitorHarness, "history" | "service">,
  table: "service_metrics" | "service_metrics_hourly" = "service_metrics",
): ExpectedWindow[] {
  const rows = history.of(table).filter((row) => row.service === service);
  return rows.map(windowOf).sort((a, b) => a.window_start_ms - b.window_start_ms);
}

export function windowOf(row: MetricsWindow): ExpectedWindow {
  return {
    window_start_ms: Date.parse(row.window_start),
    request_count: row.request_count,
    error_count: row.error_count,
    latency_sum_us: row.latency_sum_us,
    p95_latency_ms: row.p95_latency_ms,
    latency_sketch: row.latency_sketch,
  };
}
