/**
 * Sequential detection, second by second of event time: errors of the service and of each endpoint, slow requests, creeping
 * latency, and missing traffic, each against what is normal for this service now. What is normal freezes while anything speaks
 * against it.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { THRESHOLD } from "./cusum.ts";
import { ErrorRise } from "./error-rise.ts";
import { ErrorPlan, ErrorTest } from "./error-test.ts";
import type { PacedSecond } from "./endpoint-paces.ts";
import { type Finding, type FindingReason, isWorse } from "./finding.ts";
import { errorNumbers } from "./error-numbers.ts";
import type { ImpactBasis } from "./impact.ts";
import type { MetricName } from "./incident.ts";
import { LatencyTest } from "./latency-test.ts";
import { type ClosedSecond, EMPTY_SECOND, type SecondRing } from "./second-ring.ts";
import { EMPTY_SKETCH, type Sketch } from "./sketch.ts";
import type { Surge } from "./surge.ts";
import { TrafficTest, type UsualRate } from "./traffic-test.ts";
import { UsualErrors } from "./usual-errors.ts";
import { type Usual, UsualHours } from "./usual-hours.ts";

/**
 * Small to large: evidence turns at so much above normal, and what must not last as long as the ramp. One point is more than a
 * deploy's errors, 4.5 points are more than those of a bot that scans, 13 points are more than a blip of 10 %, so that the ramp
 * can be as short as a blip.
 */
const ERROR_PLAN = new ErrorPlan(
  [
    { turn: 0.009, usual_part: 1, ramp_s: 60, ramp_requests: 120 },
    { turn: 0.018, usual_part: 1, ramp_s: 30, ramp_requests: 60, leaves: 1 },
    { turn: 0.045, usual_part: 0.9, ramp_s: 8, ramp_requests: 16, leaves: 1 },
    { turn: 0.13, usual_part: 0.7, ramp_s: 3, ramp_requests: 9, leaves: 1 },
  ],
  { factor: 1.6, errors: 2, floor: 0.001 },
  THRESHOLD,
);

/** The slow lane: a larger guard, since error rates wander for minutes, and a small excess that must last for as long. */
const CREEP_PLAN = new ErrorPlan(
  [{ turn: 0.0035, usual_part: 1, ramp_s: 240, ramp_requests: 480 }],
  { factor: 2, errors: 3, floor: 0.001 },
  THRESHOLD,
);

/** Endpoints: only what stands out at once; fifty tests more, so a higher threshold. */
const ENDPOINT_PLAN = new ErrorPlan(
  [
    { turn: 0.06, usual_part: 0.9, ramp_s: 12, ramp_requests: 16 },
    { turn: 0.25, usual_part: 0.8, ramp_s: 6, ramp_requests: 4 },
  ],
  { factor: 1.6, errors: 2, floor: 0.001 },
  THRESHOLD + Math.log(50),
);

/**
 * Endpoints that are known; a second has 51 at most, and whoever scans paths brings new ones for ever. Sorted out once there are
 * half as many more, so that it happens seldom.
 */
const ENDPOINTS_MAX = 64;

/** No endpoint has this name. */
const WHOLE = "";

/** Every finding says whose it is. */
const SAID = { detector: "sequential" } as const;

/**
 * A pause is long when no request comes for a minute; for errors, which are plain to see, also only when so many would usually have
 * come meanwhile. Of the latency of a service with a few requests a minute too little is known to add up what many minutes say.
 */
const PAUSE_S = 60;
const PAUSE_REQUESTS = 6;

/** What is normal freezes above this part of a threshold, and for this long at most: then the fault is the new normal. */
const FREEZE_EVIDENCE = 0.25;
const FREEZE_MAX_S = 3600;

/** Changes in place. */
export class SequentialDetector {
  #errors = new ErrorTest(ERROR_PLAN);
  #creeping_errors = new ErrorTest(CREEP_PLAN);
  #rising_errors = new ErrorRise();
  #endpoints = new Map<string, ErrorTest>();
  #latency = new LatencyTest();
  #traffic = new TrafficTest();
  #hours = new UsualHours();
  #usual_whole = new UsualErrors(ERROR_PLAN);
  #usual_endpoints = new UsualErrors(ENDPOINT_PLAN);
  #frozen_s = 0;
  /** Seconds since the newest request. */
  #idle_s = 0;
  /** Of the second that is being judged. */
  #strictness = 1;

  /** Something speaks against the present seconds: they teach nothing. */
  get isFrozen(): boolean {
    return this.#frozen_s > 0;
  }

  /** Nothing does, or for so long that it is the new normal. */
  get isLearning(): boolean {
    return this.#frozen_s === 0 || this.#frozen_s > FREEZE_MAX_S;
  }

  /** Latency has no baseline yet: the SLA has to do. */
  get isLearningLatency(): boolean {
    return this.#latency.p95_ms === null;
  }

  /** Far more requests than usual, to be told as information; null while there are not. */
  get surge(): Surge | null {
    return this.#traffic.surge;
  }

  /** What recurs of a metric at the time of day of `second`; null where nothing is known to. */
  usualAt(second: number, metric: MetricName, endpoint: string | null = null): Usual | null {
    return this.#hours.usualAt(second, metric, endpoint);
  }

  get impactBasis(): ImpactBasis {
    const { share, error, dispersion } = this.#errors.baseline;
    return { errors: { share, error, dispersion }, slow: this.#latency.slow };
  }

  /** The share of requests, of the service or of one endpoint, that failed while nothing spoke against it; null while not known. */
  typicalErrors(endpoint: string | null = null): number | null {
    const test = endpoint === null ? this.#errors : this.#endpoints.get(endpoint);
    return test?.baseline.seen_share ?? null;
  }

  /** Requests a second that would be ordinary now; null while not known. */
  get usualRate(): UsualRate | null {
    return this.#traffic.usual;
  }

  /** The p95 that latency is judged against, ms; null while it is not learned. */
  get p95_ms(): number | null {
    return this.#latency.p95_ms;
  }

  /** Requests in higher bins of a sketch are slow; null while latency is not learned. */
  get slow_bin(): number | null {
    return this.#latency.slow_bin;
  }

  /**
   * Judges a closed second, empty ones too, without a gap. `ring` holds it already. `heard`: false where nobody could have heard
   * of its requests, so that their absence says nothing. `strictness`: of the settings (cusum.ts).
   */
  step(
    second: number,
    closed: ClosedSecond,
    sketch: Sketch,
    ring: SecondRing,
    heard = true,
    strictness = 1,
  ): Finding[] {
    this.#strictness = strictness;
    this.#idle_s = closed.request_count > 0 ? 0 : this.#idle_s + 1;
    // What spoke against the requests before a long pause says nothing of those after it, unless it was proven.
    if (this.#idle_s >= PAUSE_S) this.#latency.pause();
    if (this.#idle_s >= PAUSE_S && this.#idle_s * this.#traffic.rate >= PAUSE_REQUESTS)
      for (const test of this.#errorTests()) test.pause();
    const errors = this.#judgeErrors(second, closed, ring);
    const traffic = heard
      ? this.#judgeTraffic(second, closed, ring)
      : { ...this.silence(second), reason: "between" as const };
    const latency = this.#judgeLatency(second, closed, sketch);
    for (const { metric_name, reason } of [traffic, latency])
      // What lasts while nothing comes is known by its first minute; hours of it may be left out.
      if (reason === "above_threshold" && ring.total.request_count > 0) this.#hours.observe(second, metric_name, null);
    this.#learn(second, closed, sketch);
    return [errors, latency, traffic];
  }

  /** Empty seconds are left out, after an hour of them that was judged. */
  leaveOut(seconds: number): void {
    this.#traffic.leaveOut(seconds);
    this.#idle_s += seconds;
    this.#latency.leaveOut(seconds);
    for (const test of this.#errorTests()) test.leaveOut(seconds);
  }

  #errorTests(): readonly (ErrorTest | ErrorRise)[] {
    return [this.#errors, this.#creeping_errors, this.#rising_errors, ...this.#endpoints.values()];
  }

  #judgeErrors(second: number, closed: ClosedSecond, ring: SecondRing): Finding {
    const { rate } = this.#traffic;
    const { request_count, error_count } = closed;
    const wasProven = this.#errors.isProven;
    const ordinary = this.#errors.step(request_count, error_count, rate, this.#strictness);
    const input = { second, endpoint: null, request_count, error_count, rate, strictness: this.#strictness };
    const usual = this.#usual_whole.judge(this.#hours, this.#errors, input);
    const whole = usual?.verdict ?? ordinary;
    if (wasProven && !this.#errors.isProven) {
      this.#creeping_errors.reset();
      this.#rising_errors.reset();
    }
    const rising = this.#rising_errors.step(request_count, error_count, this.#errors.baseline, this.#strictness);
    const creeping = this.#creeping_errors.step(request_count, error_count, rate, this.#strictness);
    const endpoint = this.#judgeEndpoints(second, closed);
    // What is usual at this time is over before it could creep.
    const isUsual = usual !== null;
    const slow = isUsual ? "below_threshold" : worst([rising, creeping]);
    const reason = worst([whole, slow, endpoint.verdict]);
    const tests = [
      { test: usual ?? this.#errors, verdict: whole },
      { test: endpoint.test ?? this.#errors, verdict: endpoint.verdict },
      { test: this.#rising_errors, verdict: isUsual ? slow : rising },
      { test: this.#creeping_errors, verdict: isUsual ? slow : creeping },
    ];
    const won = tests.find((entry) => entry.verdict === "above_threshold")?.test ?? this.#errors;
    const onset = second - Math.max(0, won.since_s - 1);
    const since = won.since_s === 0 ? [closed] : ring.since(onset, second).map((entry) => entry.closed);
    const test = won === endpoint.test && endpoint.name !== null ? this.#endpoints.get(endpoint.name) : undefined;
    const named = test === undefined ? null : { name: endpoint.name!, test };
    return { ...SAID, metric_name: "error_rate", reason, onset, ...errorNumbers(since, this.#errors, named) };
  }

  #judgeEndpoints(
    second: number,
    closed: ClosedSecond,
  ): { verdict: FindingReason; test: { readonly since_s: number } | null; name: string | null } {
    let [verdict, test]: [FindingReason, { readonly since_s: number } | null] = ["below_threshold", null];
    let worst_name: string | null = null;
    for (const { name, request_count, error_count } of closed.endpoints) {
      const own = this.#endpoints.get(name) ?? new ErrorTest(ENDPOINT_PLAN);
      this.#endpoints.set(name, own);
      const share = this.#traffic.rate * (own.baseline.trials / Math.max(1, this.#errors.baseline.trials));
      const ordinary = own.step(request_count, error_count, share, this.#strictness);
      const input = { second, endpoint: name, request_count, error_count, rate: share, strictness: this.#strictness };
      const usual = this.#usual_endpoints.judge(this.#hours, own, input);
      const found = usual?.verdict ?? ordinary;
      if (isWorse(found, verdict)) [verdict, test, worst_name] = [found, usual ?? own, name];
    }
    if (this.#endpoints.size > ENDPOINTS_MAX * 1.5) this.#keepHeaviest();
    return { verdict, test, name: worst_name };
  }

  #keepHeaviest(): void {
    const ranked = [...this.#endpoints].sort(
      ([a, x], [b, y]) => y.baseline.trials - x.baseline.trials || (a < b ? -1 : 1),
    );
    this.#endpoints = new Map(ranked.filter(([, test], rank) => rank < ENDPOINTS_MAX || test.isProven));
    this.#latency.keepEndpoints(this.#endpoints);
  }

  #judgeLatency(second: number, closed: ClosedSecond, sketch: Sketch): Finding {
    const { p95_ms: baseline_value, threshold_ms: threshold_value } = this.#latency;
    // What waits for a start says nothing of the latency that others get.
    const { isWaking, rate } = this.#traffic;
    const [timed, paced] = isWaking ? [EMPTY_SKETCH, EMPTY_SECOND] : [sketch, pacedSecond(closed, sketch)];
    const { request_count } = closed;
    const { reason, p95_ms, since_s } = this.#latency.step(timed, paced, rate, this.#strictness);
    const ratio = baseline_value === null || baseline_value === 0 ? 1 : p95_ms / baseline_value;
    return {
      ...SAID,
      metric_name: "p95_latency_ms",
      reason,
      metric_value: p95_ms,
      baseline_value,
      threshold_value,
      request_count,
      onset: second - Math.max(0, since_s - 1),
      severity: ratio >= 4 ? "critical" : ratio >= 2 ? "high" : "medium",
    };
  }

  #judgeTraffic(second: number, closed: ClosedSecond, ring: SecondRing): Finding {
    // Neither the retries of what fails nor the absence of callers that gave up is usual traffic.
    const others = Math.max(this.#errors.evidence, this.#latency.evidence);
    const learn = others <= FREEZE_EVIDENCE || this.#frozen_s > FREEZE_MAX_S;
    const minute_requests = ring.total.request_count;
    const reason = this.#traffic.step(second, closed.request_count, minute_requests, learn, this.#strictness);
    const rate = this.#traffic.expected;
    return {
      ...SAID,
      metric_name: "request_rate",
      reason,
      metric_value: closed.request_count,
      baseline_value: rate,
      threshold_value: this.#traffic.threshold,
      request_count: closed.request_count,
      onset: second - Math.max(0, this.#traffic.since_s - 1),
      severity: closed.request_count < rate * 0.1 ? "critical" : "high",
    };
  }

  /** In how many more empty seconds it would be proven that requests are missing; null where their absence says nothing. */
  silenceDue(): number | null {
    return this.#traffic.silenceDue();
  }

  /** That no request has come since `onset`. */
  silence(onset: number): Finding {
    return {
      ...SAID,
      metric_name: "request_rate",
      reason: "above_threshold",
      metric_value: 0,
      baseline_value: this.#traffic.rate,
      threshold_value: this.#traffic.threshold,
      request_count: 0,
      onset,
      severity: "critical",
    };
  }

  /** Empty seconds teach nothing and let nothing be forgotten: a service that slept knows what it knew. */
  #learn(second: number, closed: ClosedSecond, sketch: Sketch): void {
    if (closed.request_count === 0) return;
    const evidence = Math.max(
      this.#errors.evidence,
      this.#creeping_errors.evidence - FREEZE_EVIDENCE,
      this.#rising_errors.evidence,
      this.#latency.evidence,
      this.#traffic.evidence,
    );
    this.#frozen_s = evidence > FREEZE_EVIDENCE ? this.#frozen_s + 1 : 0;
    const learn = this.isLearning;
    if (!this.#traffic.isWaking) {
      this.#latency.learn(second, closed.request_count, sketch, pacedSecond(closed, sketch), learn);
    }
    if (!learn) return;
    const { request_count, error_count } = closed;
    this.#errors.learn(request_count, error_count);
    this.#creeping_errors.learn(request_count, error_count);
    for (const endpoint of closed.endpoints) {
      const own = this.#endpoints.get(endpoint.name);
      // One of many strangers: it was sorted out in this second.
      if (own === undefined) continue;
      if (own.evidence <= FREEZE_EVIDENCE) own.learn(endpoint.request_count, endpoint.error_count);
    }
  }

  encode(writer: BinaryWriter): void {
    this.#errors.encode(writer);
    this.#creeping_errors.encode(writer);
    this.#rising_errors.encode(writer);
    writer.uint(this.#endpoints.size);
    for (const [name, test] of this.#endpoints) {
      writer.text(name);
      test.encode(writer);
    }
    this.#latency.encode(writer, [WHOLE, ...this.#endpoints.keys()]);
    this.#traffic.encode(writer);
    this.#hours.encode(writer);
    this.#usual_whole.encode(writer);
    this.#usual_endpoints.encode(writer);
    writer.uint(this.#frozen_s);
    writer.uint(this.#idle_s);
  }

  static decode(reader: BinaryReader): SequentialDetector {
    const detector = new SequentialDetector();
    detector.#errors = ErrorTest.decode(reader, ERROR_PLAN);
    detector.#creeping_errors = ErrorTest.decode(reader, CREEP_PLAN);
    detector.#rising_errors = ErrorRise.decode(reader);
    for (let count = reader.uint(); count > 0; count -= 1) {
      detector.#endpoints.set(reader.text(), ErrorTest.decode(reader, ENDPOINT_PLAN));
    }
    detector.#latency = LatencyTest.decode(reader, [WHOLE, ...detector.#endpoints.keys()]);
    detector.#traffic = TrafficTest.decode(reader);
    detector.#hours = UsualHours.decode(reader);
    detector.#usual_whole = UsualErrors.decode(reader, ERROR_PLAN);
    detector.#usual_endpoints = UsualErrors.decode(reader, ENDPOINT_PLAN);
    detector.#frozen_s = reader.uint();
    detector.#idle_s = reader.uint();
    return detector;
  }
}

/** Endpoints' latencies are not kept for longer than their second is open: a preview judges those of the service as one. */
function pacedSecond(closed: ClosedSecond, sketch: Sketch): PacedSecond {
  const isKnown = closed.endpoints.some((endpoint) => endpoint.sketch.bins.length > 0);
  return isKnown ? closed : { endpoints: [{ name: WHOLE, sketch }] };
}

function worst(reasons: readonly FindingReason[]): FindingReason {
  return reasons.reduce((a, b) => (isWorse(b, a) ? b : a));
}
