/**
 * The reference rules as the reference system runs them: 60 s tumbling windows, rewritten every 30 s with what they hold by
 * then, polled every 60 s over the last five minutes. An alarm lasts as long as a polled window is above a rule, which is
 * kinder than the system itself: it writes an anomaly for each such window.
 */
import { AlarmState } from "./alarm-state.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";
import type { Sums } from "../../domain/second-ring.ts";
import { StepSums } from "./step-sums.ts";

const WINDOW_S = 60;
const REWRITE_S = 30;
const POLL_S = 60;
const POLLED_S = 300;
const BASELINE_S = 3600;
const ERROR_RATE_FACTOR = 3;
const ERROR_RATE_FLOOR = 0.05;
const LATENCY_SLA_FACTOR = 2;
const REQUESTS_MIN = 10;

export class ReferenceBatch implements Contender {
  readonly name = "reference-batch";
  /** Windows as the database shows them: written at a rewrite, so the newest holds 30 or 60 seconds. */
  readonly #written = new StepSums(WINDOW_S, BASELINE_S);
  readonly #alarms: AlarmState;
  readonly #latency_us_max: number;
  readonly #phase_s: number;
  #unwritten: Sums[] = [];
  #unwritten_second = 0;

  constructor(service: WatchedService) {
    this.#alarms = new AlarmState(service.name);
    this.#latency_us_max = LATENCY_SLA_FACTOR * service.sla_ms * 1000;
    this.#phase_s = service.phase_s;
  }

  step({ second, closed }: SimulatedSecond): readonly Alarm[] {
    this.#unwritten.push(closed);
    this.#unwritten_second = second;
    const at_s = second + 1;
    if (at_s % REWRITE_S === 0) this.#write();
    return at_s % POLL_S === this.#phase_s ? this.#poll(at_s) : [];
  }

  #write(): void {
    const first = this.#unwritten_second - this.#unwritten.length + 1;
    for (const [i, sums] of this.#unwritten.entries()) this.#written.add(first + i, sums);
    this.#unwritten = [];
  }

  #poll(at_s: number): Alarm[] {
    // The polled windows are left out, or a young service's fault would be its own baseline.
    const hour = this.#written.over(BASELINE_S, POLLED_S);
    const baseline = hour.request_count === 0 ? 0 : hour.error_count / hour.request_count;
    const error_rate_max = Math.max(ERROR_RATE_FACTOR * baseline, ERROR_RATE_FLOOR);
    let [hasErrors, isSlow] = [false, false];
    for (let skip_s = 0; skip_s < POLLED_S; skip_s += WINDOW_S) {
      const { request_count, error_count, latency_sum_us } = this.#written.over(skip_s + WINDOW_S, skip_s);
      if (request_count < REQUESTS_MIN) continue;
      hasErrors ||= error_count > error_rate_max * request_count;
      isSlow ||= latency_sum_us > this.#latency_us_max * request_count;
    }
    return [
      ...this.#alarms.judge(at_s, "error_rate", hasErrors, WINDOW_S),
      ...this.#alarms.judge(at_s, "avg_latency_ms", isSlow, WINDOW_S),
    ];
  }
}
