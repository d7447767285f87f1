/**
 * What people said of incidents: each one marked as a false positive makes the detector of its metric wait longer, on this
 * service, before it tells of the like. What is clearly larger than what was marked is told as ever.
 *
 * A wait, not a higher share: a storm of pauses and a lasting slowness of half the size slow the same share of requests, but the
 * storm comes and goes, and ends. Waiting keeps what lasts; a raised share would lose it.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import type { Finding } from "./finding.ts";
import { type Feedback, type Incident, METRIC_NAMES, type MetricName } from "./incident.ts";

/** One mark: a minute without a break; each further one doubles it, up to four. */
const WAIT_S = 60;
const WAIT_S_MAX = 240;
const MARKS_MAX = 5;
const HALF_LIFE_S = 14 * 86_400;
/** Less than half a mark is none. */
const MARKS_MIN = 0.5;
/** Told at once from twice the size that was marked. */
const LARGER = 2;

/** What is shown of a guard. Times are epoch seconds. */
export interface RaisedGuard {
  readonly metric: MetricName;
  /** How long (s) the like of it must last without a break before it is told. */
  readonly wait_s: number;
  /** From this size (as in `sizeOf`) on it is told at once. */
  readonly told_from: number;
  /** Marks that count, aged: one loses half its weight in 14 days. */
  readonly marks: number;
  /** When the last of them is forgotten. */
  readonly until: number;
}

/** JSON-serialisable. */
export interface FeedbackMark {
  readonly incident_id: string;
  readonly metric: MetricName;
  /** As in `sizeOf`. */
  readonly size: number;
  readonly second: number;
}

/** Beyond them the oldest mark is forgotten; there are five that count of each metric. */
const MARKS_KEPT_MAX = 50;

/** The marks after an incident was judged: one for each of its metrics, none where it is no false positive (any more). */
export function marksAfter(
  marks: readonly FeedbackMark[],
  { id, anomalies }: Pick<Incident, "id" | "anomalies">,
  feedback: Feedback | null,
  second: number,
): readonly FeedbackMark[] {
  const others = marks.filter((mark) => mark.incident_id !== id);
  if (feedback !== "false_positive") return others;
  const sizes = new Map<MetricName, number>();
  for (const anomaly of anomalies) {
    const { metric_name } = anomaly;
    sizes.set(metric_name, Math.max(sizeOf(anomaly), sizes.get(metric_name) ?? 0));
  }
  const own = Array.from(sizes, ([metric, size]): FeedbackMark => ({ incident_id: id, metric, size, second }));
  return [...others, ...own].slice(-MARKS_KEPT_MAX);
}

interface Entry {
  readonly metric: MetricName;
  readonly marks: number;
  readonly size: number;
  /** The second at which `marks` were counted. */
  readonly at: number;
}

/** Changes in place. */
export class FeedbackGuard {
  #entries: readonly Entry[] = [];
  /** By metric: the first second of the present stretch that a detector speaks for a fault without a break. */
  #since: ReadonlyMap<MetricName, number> = new Map();

  /** An incident of `metric` was marked as a false positive. `size`: how large it was, as in `sizeOf`. */
  mark(metric: MetricName, size: number, second: number): void {
    const before = this.#entries.find((entry) => entry.metric === metric);
    const marks = Math.min(MARKS_MAX, (before === undefined ? 0 : aged(before, second)) + 1);
    const entry = { metric, marks, size: Math.max(size, before?.size ?? 0), at: second };
    this.#entries = [...this.#others(metric), entry];
  }

  /** Counts these marks and no others, as if each had been made in its time: what is taken back leaves nothing. Oldest first. */
  recount(marks: readonly FeedbackMark[]): void {
    this.#entries = [];
    for (const { metric, size, second } of marks) this.mark(metric, size, second);
  }

  #others(metric: MetricName): Entry[] {
    return this.#entries.filter((entry) => entry.metric !== metric);
  }

  /** All that is raised at `second`. */
  list(second: number): RaisedGuard[] {
    return this.#entries.flatMap((entry) => {
      const { metric, size, at } = entry;
      const marks = aged(entry, second);
      if (marks < MARKS_MIN) return [];
      const until = Math.ceil(at + HALF_LIFE_S * Math.log2(entry.marks / MARKS_MIN));
      return [{ metric, wait_s: waitOf(marks), told_from: size * LARGER, marks, until }];
    });
  }

  /** The findings of a second, each once and in order; what has to wait is `between`. One finding a metric. */
  step(second: number, findings: readonly Finding[]): Finding[] {
    if (this.#entries.length === 0) return [...findings];
    const since = new Map<MetricName, number>();
    const guarded = findings.map((finding) => {
      const { metric_name, reason } = finding;
      if (reason !== "above_threshold" && reason !== "between") return finding;
      const from = this.#since.get(metric_name) ?? second;
      since.set(metric_name, from);
      if (reason === "between") return finding;
      const entry = this.#entries.find(({ metric }) => metric === metric_name);
      if (entry === undefined || sizeOf(finding) >= entry.size * LARGER) return finding;
      const marks = aged(entry, second);
      if (marks < MARKS_MIN || second - from + 1 >= waitOf(marks)) return finding;
      return { ...finding, reason: "between" as const };
    });
    this.#since = since;
    return guarded;
  }

  encode(writer: BinaryWriter): void {
    writer.uint(this.#entries.length);
    for (const { metric, marks, size, at } of this.#entries) {
      writer.uint(METRIC_NAMES.indexOf(metric));
      writer.double(marks);
      writer.double(size);
      writer.uint(at);
    }
    writer.uint(this.#since.size);
    for (const [metric, since] of this.#since) {
      writer.uint(METRIC_NAMES.indexOf(metric));
      writer.uint(since);
    }
  }

  static decode(reader: BinaryReader): FeedbackGuard {
    const guard = new FeedbackGuard();
    const metric = (): MetricName => METRIC_NAMES[reader.uint()]!;
    guard.#entries = Array.from({ length: reader.uint() }, () => ({
      metric: metric(),
      marks: reader.double(),
      size: reader.double(),
      at: reader.uint(),
    }));
    guard.#since = new Map(Array.from({ length: reader.uint() }, () => [metric(), reader.uint()]));
    return guard;
  }
}

/**
 * How large a finding is, to be compared with what was marked: latency as a multiple of normal, errors as a share, traffic by how
 * many times there is too little of it.
 */
export function sizeOf({
  metric_name,
  metric_value,
  baseline_value,
}: Pick<Finding, "metric_name" | "metric_value" | "baseline_value">): number {
  if (metric_name === "error_rate") return metric_value;
  const normal = baseline_value ?? 0;
  if (metric_name === "request_rate") return normal / Math.max(metric_value, 1e-3);
  return normal === 0 ? 1 : metric_value / normal;
}

function aged({ marks, at }: Entry, second: number): number {
  return marks * 0.5 ** (Math.max(0, second - at) / HALF_LIFE_S);
}

function waitOf(marks: number): number {
  return Math.round(Math.min(WAIT_S_MAX, WAIT_S * 2 ** (Math.max(1, marks) - 1)));
}
