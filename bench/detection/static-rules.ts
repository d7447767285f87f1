/**
 * What most people run: an error rate above 5 %, or an average latency above twice the normal one, over five minutes.
 * Judged every 15 s, a usual scrape and evaluation interval of Prometheus, which is in its favour (its default is a minute).
 */
import { AlarmState } from "./alarm-state.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";
import { StepSums } from "./step-sums.ts";

const EVALUATION_S = 15;
const WINDOW_S = 300;
const ERROR_RATE_MAX = 0.05;

export class StaticRules implements Contender {
  readonly name = "static-5m";
  readonly #sums = new StepSums(EVALUATION_S, WINDOW_S);
  readonly #alarms: AlarmState;
  readonly #latency_us_max: number;

  constructor(service: WatchedService) {
    this.#alarms = new AlarmState(service.name);
    // The promise is twice the normal mean, so it is the limit as it stands.
    this.#latency_us_max = service.sla_ms * 1000;
  }

  step({ second, closed }: SimulatedSecond): readonly Alarm[] {
    if (!this.#sums.add(second, closed)) return [];
    const { request_count, error_count, latency_sum_us } = this.#sums.over(WINDOW_S);
    const at_s = second + 1;
    return [
      ...this.#alarms.judge(at_s, "error_rate", error_count > ERROR_RATE_MAX * request_count, WINDOW_S),
      ...this.#alarms.judge(at_s, "avg_latency_ms", latency_sum_us > this.#latency_us_max * request_count, WINDOW_S),
    ];
  }
}
