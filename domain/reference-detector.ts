/**
 * The plain rules of the reference system, judged at each closed second over the 60 seconds that end with it:
 * error rate above 3 times the baseline of the last hour and above 5 %, average latency above 2 times the SLA.
 */
import { Baseline } from "./baseline.ts";
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { type Finding, type FindingReason, strengthOf } from "./finding.ts";
import type { MetricName } from "./incident.ts";
import { addSums, type JudgedSecond, type NamedSums, RING_S, SecondRing, type Sums } from "./second-ring.ts";
import type { ServiceSettings } from "./settings.ts";
import type { Sketch } from "./sketch.ts";

const ERROR_RATE_FACTOR = 3;
const ERROR_RATE_FLOOR = 0.05;
export const LATENCY_SLA_FACTOR = 2;
/** Below it one request would decide: an average of three says nothing about a service. */
const REQUESTS_MIN = 10;
/** An anomaly ends below this part of its threshold, so that a value that hovers around it does not flap. */
const RELEASE_RATIO = 0.8;
/** A fault that lasts longer is taken for the new normal: the baseline learns again. */
const FREEZE_MAX_S = 3600;
/** A single endpoint stands out when it carries this share of the excess and clearly more than its share of the traffic. */
const DRIVER_SHARE_MIN = 0.5;
const DRIVER_LIFT_MIN = 1.25;
/** Failed requests that fall on endpoints by chance do so as a binomial: so many standard deviations above its traffic are none. */
const DRIVER_DEVIATIONS_MIN = 3;

/** What of the settings the rules need: latencies that are promised. */
type Promised = Pick<ServiceSettings, "sla_ms" | "endpoints">;

/** The endpoint that drives an anomaly. */
export interface Driver {
  readonly endpoint: string | null;
  /** Its share (0 to 1) of the excess over normal; null without an endpoint. */
  readonly endpoint_share: number | null;
}

/** An endpoint's part of what is more than normal (requests, or us of latency), and of the traffic, 0 to 1. */
interface EndpointExcess {
  readonly name: string;
  readonly excess: number;
  readonly share: number;
  readonly traffic_share: number;
}

/** Whether the first has most of the excess only because a few failures must fall somewhere. */
function isByChance(metric: MetricName, ranked: readonly EndpointExcess[]): boolean {
  if (metric !== "error_rate" && metric !== "burn_rate") return false;
  const { excess, traffic_share } = ranked[0]!;
  const total = ranked.reduce((sum, row) => sum + row.excess, 0);
  const deviation = Math.sqrt(total * traffic_share * (1 - traffic_share));
  return excess - total * traffic_share < DRIVER_DEVIATIONS_MIN * deviation;
}

/** Changes in place. */
export class ReferenceDetector {
  #ring = new SecondRing();
  #baseline = new Baseline();
  /** Newest second with a finding above its threshold, and the first one of that run; -1 if none. */
  #fired_last = -1;
  #fired_since = -1;

  get baseline(): Baseline {
    return this.#baseline;
  }

  get ring(): SecondRing {
    return this.#ring;
  }

  /**
   * Judges `second` once it is closed. Call it for each second without a gap, empty ones too. Where `sla_ms` is null, of the
   * service or of an endpoint, latency is not judged.
   */
  step(second: number, closed: JudgedSecond, sketch: Sketch, promise: Promised): Finding[] {
    const leaving = this.#ring.push(second, closed);
    this.#baseline.forget(second);
    // A second is learned when it leaves the window, and only if no window that held it was above a threshold.
    const left = second - RING_S;
    if (left >= 0 && (left > this.#fired_last || this.#frozenTooLong(second))) this.#baseline.learn(left, leaving);
    const errors = judgeErrorRate(this.#ring.total, this.#baseline.error_rate);
    const findings = [errors, ...this.#latencies(promise)];
    if (findings.some((finding) => finding.reason === "above_threshold")) {
      if (this.#fired_last < second - RING_S) this.#fired_since = second;
      this.#fired_last = second;
    } else if (closed.request_count > 0) this.#baseline.learnLatency(second, sketch);
    return findings;
  }

  #frozenTooLong(second: number): boolean {
    return this.#fired_since >= 0 && second - this.#fired_since > FREEZE_MAX_S;
  }

  /** The service's latency without the endpoints that have a promise of their own, or that of the endpoint furthest beyond its own. */
  #latencies({ sla_ms, endpoints }: Promised): Finding[] {
    let rest = this.#ring.total;
    // Adding up by endpoint costs a pass over the window: only for those who have set something.
    const set = Object.keys(endpoints).length > 0;
    if (!set) return sla_ms === null ? [] : [judgeLatency(rest, sla_ms, this.#baseline.avg_latency_ms)];
    const own: Finding[] = [];
    for (const [name, sums] of endpointSums(this.#ring.all())) {
      if (!Object.hasOwn(endpoints, name)) continue;
      rest = addSums(rest, sums, -1);
      const promised = endpoints[name]!.sla_ms;
      const normal = this.#baseline.endpoint(name);
      const baseline = normal === undefined ? null : normal.latency_sum_us / normal.request_count / 1000;
      if (promised !== null) own.push({ ...judgeLatency(sums, promised, baseline), endpoint: name });
    }
    if (sla_ms !== null) own.push(judgeLatency(rest, sla_ms, null));
    return own.toSorted((a, b) => strengthOf(b) - strengthOf(a)).slice(0, 1);
  }

  /**
   * The first second of the fault, estimated as the change point of the window: the start of the tail whose excess over the
   * middle between normal and threshold is largest (the maximum-likelihood estimate of CUSUM; Page, Biometrika 1954).
   */
  onset(second: number, finding: Finding): number {
    const middle = ((finding.baseline_value ?? 0) + finding.threshold_value) / 2;
    let [excess, best, onset] = [0, 0, second];
    for (const entry of this.#ring.since(0, second).toReversed()) {
      excess += badness(finding.metric_name, entry.closed) - middle * entry.closed.request_count;
      if (excess > best) [best, onset] = [excess, entry.second];
    }
    return onset;
  }

  /** The endpoint that carries most of the excess over normal since `onset`, if one stands out. */
  driver(onset: number, second: number, finding: Finding): Driver {
    const none = { endpoint: null, endpoint_share: null };
    // Requests that did not come belong to no endpoint.
    if (finding.metric_name === "request_rate") return none;
    const ranked = this.excessByEndpoint(onset, second, finding.metric_name, finding.baseline_value ?? 0);
    const named = ranked.find((row) => row.name === finding.endpoint);
    if (named !== undefined) return { endpoint: named.name, endpoint_share: named.share };
    const top = ranked[0];
    if (top === undefined || top.share < DRIVER_SHARE_MIN) return none;
    const standsOut = ranked.length === 1 || top.share >= DRIVER_LIFT_MIN * top.traffic_share;
    return standsOut && !isByChance(finding.metric_name, ranked)
      ? { endpoint: top.name, endpoint_share: top.share }
      : none;
  }

  /** The endpoints since `onset` (at most 60 s back) with their shares of the excess and of the traffic, largest first. */
  excessByEndpoint(onset: number, second: number, metric: MetricName, normal: number): EndpointExcess[] {
    const sums = endpointSums(this.#ring.since(onset, second).map((entry) => entry.closed));
    const excess = (name: string, own: Sums): number => {
      const before = this.#baseline.endpoint(name);
      const rate = before === undefined ? normal : badness(metric, before) / before.request_count;
      return Math.max(0, badness(metric, own) - rate * own.request_count);
    };
    const rows = [...sums].map(([name, own]) => ({ name, excess: excess(name, own), requests: own.request_count }));
    const total = rows.reduce((sum, row) => sum + row.excess, 0);
    const requests = rows.reduce((sum, row) => sum + row.requests, 0);
    return rows
      .map((row) => ({
        name: row.name,
        excess: row.excess,
        share: total === 0 ? 0 : row.excess / total,
        traffic_share: requests === 0 ? 0 : row.requests / requests,
      }))
      .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
  }

  encode(writer: BinaryWriter): void {
    this.#ring.encode(writer);
    this.#baseline.encode(writer);
    writer.uint(this.#fired_last + 1);
    writer.uint(this.#fired_since + 1);
  }

  static decode(reader: BinaryReader): ReferenceDetector {
    const detector = new ReferenceDetector();
    detector.#ring = SecondRing.decode(reader);
    detector.#baseline = Baseline.decode(reader);
    detector.#fired_last = reader.uint() - 1;
    detector.#fired_since = reader.uint() - 1;
    return detector;
  }
}

/** What a metric adds up: failed requests, or milliseconds. */
function badness(metric: MetricName, sums: Sums): number {
  return metric === "error_rate" || metric === "burn_rate" ? sums.error_count : sums.latency_sum_us / 1000;
}

/** The rule on failed requests over some seconds; `baseline_value` is null while none is known. */
export function judgeErrorRate({ request_count, error_count }: Sums, baseline_value: number | null): Finding {
  const window_s = RING_S;
  const threshold_value = Math.max(ERROR_RATE_FACTOR * (baseline_value ?? 0), ERROR_RATE_FLOOR);
  const metric_value = request_count === 0 ? 0 : error_count / request_count;
  const reason = reasonOf(metric_value, threshold_value, request_count);
  return { metric_name: "error_rate", reason, metric_value, baseline_value, threshold_value, request_count, window_s };
}

/** The rule on the average latency over some seconds. */
export function judgeLatency(sums: Sums, sla_ms: number, baseline_value: number | null): Finding {
  const { request_count, latency_sum_us } = sums;
  const window_s = RING_S;
  const threshold_value = LATENCY_SLA_FACTOR * sla_ms;
  const metric_value = request_count === 0 ? 0 : latency_sum_us / request_count / 1000;
  const reason = reasonOf(metric_value, threshold_value, request_count);
  return {
    metric_name: "avg_latency_ms",
    reason,
    metric_value,
    baseline_value,
    threshold_value,
    request_count,
    window_s,
  };
}

function reasonOf(value: number, threshold: number, request_count: number): FindingReason {
  if (request_count < REQUESTS_MIN) return "too_few_requests";
  if (value > threshold) return "above_threshold";
  return value < RELEASE_RATIO * threshold ? "below_threshold" : "between";
}

/** Sums by endpoint over several seconds. */
export function endpointSums(seconds: Iterable<{ readonly endpoints: readonly NamedSums[] }>): Map<string, Sums> {
  const sums = new Map<string, { request_count: number; error_count: number; latency_sum_us: number }>();
  for (const { endpoints } of seconds) {
    for (const endpoint of endpoints) {
      const own = sums.get(endpoint.name) ?? { request_count: 0, error_count: 0, latency_sum_us: 0 };
      own.request_count += endpoint.request_count;
      own.error_count += endpoint.error_count;
      own.latency_sum_us += endpoint.latency_sum_us;
      sums.set(endpoint.name, own);
    }
  }
  return sums;
}
