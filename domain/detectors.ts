/** The detectors of a service, stepped together over its closed seconds; which of them speak is a setting. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { BurnRate, burnFinding } from "./burn-rate.ts";
import { strictnessOf } from "./cusum.ts";
import { FeedbackGuard } from "./feedback-guard.ts";
import { type Finding, worstByMetric } from "./finding.ts";
import type { ImpactBasis, Totals } from "./impact.ts";
import type { BaselinePoint } from "./message.ts";
import { type Driver, ReferenceDetector } from "./reference-detector.ts";
import { type ClosedSecond, EMPTY_SECOND, judgedSecond, sumOf } from "./second-ring.ts";
import { SequentialDetector } from "./sequential-detector.ts";
import type { ServiceSettings } from "./settings.ts";
import type { Surge } from "./surge.ts";
import { countAbove, EMPTY_SKETCH, mergeAllSketches, type Sketch } from "./sketch.ts";
import { StatusClassWatch } from "./status-class-watch.ts";
import { NO_CLASSES } from "./status-classes.ts";
import { TotalsRing } from "./totals-ring.ts";

const USUAL_FACTOR_MAX = 2;
const STARTED_S_MIN = 15;
const LASTS_S = 5;

/** All of them learn all the time, so that a change of settings finds them warm. Changes in place. */
export class Detectors {
  readonly reference: ReferenceDetector;
  readonly sequential: SequentialDetector;
  readonly #burn: BurnRate;
  readonly #totals: TotalsRing;
  /** What is answered, by class; judges nothing. */
  readonly classes: StatusClassWatch;
  /** What people said was none. */
  readonly guard: FeedbackGuard;
  /** What was judged of the newest second: without what is excluded. Used within the same second, so not stored. */
  judged: ClosedSecond = EMPTY_SECOND;
  timed: Sketch = EMPTY_SKETCH;

  constructor(
    reference = new ReferenceDetector(),
    sequential = new SequentialDetector(),
    burn: BurnRate = new BurnRate(),
    totals: TotalsRing = new TotalsRing(),
    guard: FeedbackGuard = new FeedbackGuard(),
    classes: StatusClassWatch = new StatusClassWatch(),
  ) {
    this.reference = reference;
    this.sequential = sequential;
    this.#burn = burn;
    this.#totals = totals;
    this.guard = guard;
    this.classes = classes;
  }

  /**
   * Judges `second` once it is closed. Call it for each second without a gap, empty ones too. At most one finding a metric.
   * `heard`: false where nobody could have heard of its requests (silence.ts).
   */
  step(second: number, closed: ClosedSecond, sketch: Sketch, settings: ServiceSettings, heard = true): Finding[] {
    const judged = withoutExcluded(closed, settings.exclude.endpoints);
    const timed = judgedSketch(judged, sketch, closed, settings.endpoints);
    [this.judged, this.timed] = [judged, timed];
    const { request_count, error_count: failed_count } = judged;
    const bin = this.sequential.slow_bin;
    const slow_count = bin === null ? 0 : countAbove(timed, bin);
    this.#totals.push(second, request_count, failed_count, slow_count);
    const strictness = strictnessOf(settings.sensitivity);
    const reference = this.reference.step(second, judgedSecond(judged, bin), sketch, settings);
    const promising = onlyPromised(judged, settings.endpoints);
    const sequential = this.sequential.step(second, promising, timed, this.reference.ring, heard, strictness);
    this.classes.push(second, judged.classes, this.sequential.isLearning);
    const findings = settings.detectors.flatMap((name): readonly Finding[] => {
      if (name === "reference") return reference;
      const { isLearningLatency } = this.sequential;
      // The SLA has to do while nothing is known of a service's own latency.
      const promised = reference.filter(
        (finding) => isLearningLatency && finding.metric_name === "avg_latency_ms" && this.#lasts(second, finding),
      );
      const spoken = sequential.filter((finding) => settings.sla_ms !== null || !isLatency(finding));
      return [...spoken, ...promised];
    });
    if (settings.slo === null) this.#burn.count(second, request_count, failed_count);
    else {
      const burning = this.#burn.step(second, request_count, failed_count, settings.slo.availability);
      findings.push(burnFinding(second, burning, request_count));
    }
    const worst = worstByMetric(findings.map((finding) => this.#withRate(second, finding)));
    return this.guard.step(second, worst);
  }

  /** The first requests of a new service wait for it to start: a broken promise counts once it has run for a while, and goes on. */
  #lasts(second: number, { threshold_value }: Finding): boolean {
    const { ring } = this.reference;
    if (ring.all().filter((closed) => closed.request_count > 0).length < STARTED_S_MIN) return false;
    const newest = sumOf(ring.since(second - LASTS_S + 1, second).map(({ closed }) => closed));
    return newest.latency_sum_us / 1000 > threshold_value * newest.request_count;
  }

  /** Empty seconds are left out, after an hour of them that was judged and before an hour that will be. */
  leaveOut(seconds: number): void {
    this.sequential.leaveOut(seconds);
  }

  /** A single second says little of a rate: what is told is the mean since requests began to be missed. */
  #withRate(second: number, finding: Finding): Finding {
    const { metric_name, reason, onset } = finding;
    if (metric_name !== "request_rate" || reason !== "above_threshold" || onset === undefined) return finding;
    return { ...finding, metric_value: this.totalsSince(onset).request_count / Math.max(1, second + 1 - onset) };
  }

  /**
   * What is normal now, as it is shown. The p95 is the one that latency is judged against: that of the plain rules would rise with a
   * fault that they do not see.
   */
  get normal(): BaselinePoint {
    const { point } = this.reference.baseline;
    const p95_latency_ms = point.p95_latency_ms === null ? null : (this.sequential.p95_ms ?? point.p95_latency_ms);
    return { ...point, p95_latency_ms };
  }

  /** In how many more empty seconds it would be proven that requests are missing; null where their absence says nothing. */
  silenceDue(): number | null {
    return this.sequential.silenceDue();
  }

  /** That no request has come since `onset`. */
  silence(onset: number): Finding {
    return this.sequential.silence(onset);
  }

  /** Far more requests than usual: worth knowing, never an anomaly; null while there are not. */
  get surge(): Surge | null {
    return this.sequential.surge;
  }

  /** What failed requests and slow ones are normal now. */
  get impactBasis(): ImpactBasis {
    return this.sequential.impactBasis;
  }

  /** The newest judged second; -1 before the first. */
  get newest_second(): number {
    return this.#totals.newest;
  }

  /** The sums of the seconds from `second` to the newest judged one, at most ten minutes. */
  totalsSince(second: number): Totals {
    return this.#totals.since(second);
  }

  /** The first second of the fault, where the finding does not say it itself. */
  onset(second: number, finding: Finding): number {
    return finding.onset ?? this.reference.onset(second, finding);
  }

  /** The endpoint that carries most of the excess over normal since `onset`, if one stands out. */
  driver(onset: number, second: number, finding: Finding): Driver {
    return this.reference.driver(onset, second, finding);
  }

  /**
   * Time of day at which the same has happened on other days, as in `06:00`; null where it has not, or this is more than twice
   * as bad: then something else is wrong too.
   */
  usualAt(onset: number, { metric_name, metric_value, endpoint }: Finding): string | null {
    const usual =
      this.sequential.usualAt(onset, metric_name) ??
      (endpoint === undefined ? null : this.sequential.usualAt(onset, metric_name, endpoint));
    if (usual === null) return null;
    const isWorse = metric_name === "error_rate" && metric_value > USUAL_FACTOR_MAX * usual.share;
    return isWorse ? null : usual.label;
  }

  encode(writer: BinaryWriter): void {
    this.reference.encode(writer);
    this.sequential.encode(writer);
    this.#burn.encode(writer);
    this.#totals.encode(writer);
    this.guard.encode(writer);
    this.classes.encode(writer);
  }

  static decode(reader: BinaryReader): Detectors {
    const reference = ReferenceDetector.decode(reader);
    const sequential = SequentialDetector.decode(reader);
    const burn = BurnRate.decode(reader);
    const totals = TotalsRing.decode(reader);
    const guard = FeedbackGuard.decode(reader);
    return new Detectors(reference, sequential, burn, totals, guard, StatusClassWatch.decode(reader));
  }
}

function isLatency({ metric_name }: Finding): boolean {
  return metric_name === "p95_latency_ms" || metric_name === "avg_latency_ms";
}

/** The latencies that are judged: without the endpoints that are excluded, and those that promise none. */
function judgedSketch(
  judged: ClosedSecond,
  sketch: Sketch,
  closed: ClosedSecond,
  promised: ServiceSettings["endpoints"],
): Sketch {
  if (judged === closed && Object.keys(promised).length === 0) return sketch;
  const timed = judged.endpoints.filter(({ name }) => isTimed(name, promised));
  // Endpoints' latencies are not kept for longer than their second is open: a preview has only those of the service.
  const isKnown = closed.endpoints.some((endpoint) => endpoint.sketch.bins.length > 0);
  if (timed.length === closed.endpoints.length || !isKnown) return sketch;
  return mergeAllSketches(timed.map((endpoint) => endpoint.sketch));
}

/** The same second, of endpoints that promise no latency without their latencies. */
function onlyPromised(judged: ClosedSecond, promised: ServiceSettings["endpoints"]): ClosedSecond {
  if (Object.keys(promised).length === 0) return judged;
  const endpoints = judged.endpoints.map((endpoint) =>
    isTimed(endpoint.name, promised) ? endpoint : { ...endpoint, sketch: EMPTY_SKETCH },
  );
  return { ...judged, endpoints };
}

function isTimed(name: string, promised: ServiceSettings["endpoints"]): boolean {
  return !Object.hasOwn(promised, name) || promised[name]!.sla_ms !== null;
}

/** What is excluded is counted in history, and nothing speaks of it. */
function withoutExcluded(closed: ClosedSecond, excluded: readonly string[]): ClosedSecond {
  if (excluded.length === 0) return closed;
  const endpoints = closed.endpoints.filter((endpoint) => !excluded.includes(endpoint.name));
  if (endpoints.length === closed.endpoints.length) return closed;
  // Answers are counted for the service as one: what is left of them is not known.
  return { ...sumOf(endpoints), endpoints, classes: NO_CLASSES };
}
