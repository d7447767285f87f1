/**
 * Multi-window, multi-burn-rate pages at an objective of 99.9 %: 14.4 x over 1 h and 5 min, 6 x over 6 h and 30 min.
 * Source: Beyer et al., "The Site Reliability Workbook", 2018, chapter 5, table 5-8. Judged every 15 s; in a window that the
 * service has not lived through yet, over what there is, as Prometheus' rate() does.
 */
import { AlarmState } from "./alarm-state.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";
import { StepSums } from "./step-sums.ts";

const EVALUATION_S = 15;
const ERROR_BUDGET = 0.001;
const PAGES = [
  { burn: 14.4, long_s: 3600, short_s: 300 },
  { burn: 6, long_s: 21_600, short_s: 1800 },
] as const;

export class BurnRateRules implements Contender {
  readonly name = "burn-rate";
  readonly #sums = new StepSums(EVALUATION_S, 21_600);
  readonly #alarms: AlarmState;

  constructor(service: WatchedService) {
    this.#alarms = new AlarmState(service.name);
  }

  step({ second, closed }: SimulatedSecond): readonly Alarm[] {
    if (!this.#sums.add(second, closed)) return [];
    const page = PAGES.find(({ burn, long_s, short_s }) => this.#burns(burn, short_s) && this.#burns(burn, long_s));
    return this.#alarms.judge(second + 1, "error_rate", page !== undefined, page?.short_s ?? 0);
  }

  #burns(burn: number, span_s: number): boolean {
    const { request_count, error_count } = this.#sums.over(span_s);
    return error_count > burn * ERROR_BUDGET * request_count;
  }
}
