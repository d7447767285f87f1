/**
 * What recurs: anomalies at about the same time of day on at least three of the last eight days, such as a job that fails every
 * morning. Times of day are UTC. Also days count on which it was held to be usual: the caller observes what it would have told.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { fnv1a } from "./fnv.ts";
import { METRIC_NAMES, type MetricName } from "./incident.ts";

const DAY_S = 86_400;
/** What begins within a quarter of an hour of the usual time is the same; a pause as long does not end it. */
const NEAR_S = 900;
const DAYS_BACK = 8;
const DAYS_MIN = 3;
const ENTRIES_MAX = 64;
/** Beyond it, what lasts is no longer the job. */
const LENGTH_S_MAX = 7200;
/** Begins wander by a third of what the newest one differs. */
const FOLLOW = 1 / 3;

export interface Usual {
  /** Median over the days of the share of requests, 0 to 1, that failed; 0 where no requests were given. */
  readonly share: number;
  /** The time of day, UTC, to five minutes: "06:00". */
  readonly label: string;
  /** On how many of the last eight days. */
  readonly days: number;
}

interface Day {
  /** Days since the epoch, counted from the usual time of day on. */
  readonly day: number;
  readonly requests: number;
  readonly hits: number;
}

interface Entry {
  readonly metric: MetricName;
  /** Hash of the endpoint's name; 0: the whole service. */
  readonly endpoint: number;
  /** Seconds after midnight. */
  readonly at: number;
  /** First and last second of the newest time, epoch. */
  readonly from: number;
  readonly to: number;
  /** The longest it has lasted. */
  readonly length_s: number;
  /** The oldest first. */
  readonly days: readonly Day[];
}

/** Changes in place. */
export class UsualHours {
  #entries: readonly Entry[] = [];

  /**
   * A second in which `metric` of the service, or of one endpoint, was anomalous whatever is usual. Seconds ascend. `requests` and
   * `hits` of the second: what the size is computed from.
   */
  observe(second: number, metric: MetricName, endpoint: string | null, requests = 0, hits = 0): void {
    const hash = hashOf(endpoint);
    const own = this.#entries.filter((entry) => entry.metric === metric && entry.endpoint === hash);
    const before = own.find((entry) => second - entry.to <= NEAR_S) ?? own.find((entry) => isNear(entry, second));
    const fresh = { metric, endpoint: hash, at: second % DAY_S, from: second, to: second, length_s: 0, days: [] };
    const entry = withSecond(before ?? fresh, second, requests, hits);
    this.#entries = kept([...this.#entries.filter((other) => other !== before), entry], second);
  }

  /** Whether anything of the metric is usual at `second`, of the service or of an endpoint. */
  recurs(second: number, metric: MetricName): boolean {
    return this.#entries.some((entry) => entry.metric === metric && daysBefore(entry, second).length >= DAYS_MIN);
  }

  /** What is usual at `second`; null where it is not known to recur. Today's own time does not count. */
  usualAt(second: number, metric: MetricName, endpoint: string | null = null): Usual | null {
    const hash = hashOf(endpoint);
    for (const entry of this.#entries) {
      if (entry.metric !== metric || entry.endpoint !== hash) continue;
      const days = daysBefore(entry, second);
      if (days.length < DAYS_MIN) continue;
      const shares = days.map(({ requests, hits }) => (requests === 0 ? 0 : hits / requests)).sort((a, b) => a - b);
      return { share: shares[Math.floor(shares.length / 2)]!, label: labelOf(entry.at), days: days.length };
    }
    return null;
  }

  encode(writer: BinaryWriter): void {
    writer.uint(this.#entries.length);
    for (const { metric, endpoint, at, from, to, length_s, days } of this.#entries) {
      for (const value of [METRIC_NAMES.indexOf(metric), endpoint, at, from, to - from, length_s, days.length])
        writer.uint(value);
      for (const { day, requests, hits } of days) for (const value of [day, requests, hits]) writer.uint(value);
    }
  }

  static decode(reader: BinaryReader): UsualHours {
    const hours = new UsualHours();
    hours.#entries = Array.from({ length: reader.uint() }, () => {
      const [metric, endpoint, at] = [METRIC_NAMES[reader.uint()]!, reader.uint(), reader.uint()];
      const from = reader.uint();
      const [to, length_s, count] = [from + reader.uint(), reader.uint(), reader.uint()];
      const day = (): Day => ({ day: reader.uint(), requests: reader.uint(), hits: reader.uint() });
      return { metric, endpoint, at, from, to, length_s, days: Array.from({ length: count }, day) };
    });
    return hours;
  }
}

/** Seconds from the usual time of day to that of `second`, -43,200 to 43,199. */
function offset(at: number, second: number): number {
  return ((((second - at + DAY_S / 2) % DAY_S) + DAY_S) % DAY_S) - DAY_S / 2;
}

/** A day lasts from noon to noon around the usual time, so that what is usual at midnight has one day a night. */
function dayOf(at: number, second: number): number {
  return Math.round((second - offset(at, second) - at) / DAY_S);
}

function isNear({ at }: Entry, second: number): boolean {
  return Math.abs(offset(at, second)) <= NEAR_S;
}

/** The days before that of `second`, where it lies within the usual time; none where it does not. */
function daysBefore({ at, length_s, days }: Entry, second: number): readonly Day[] {
  const passed = offset(at, second);
  if (passed < -NEAR_S || passed > NEAR_S + length_s) return [];
  const today = dayOf(at, second);
  return days.filter(({ day }) => day < today && day >= today - DAYS_BACK);
}

function withSecond(entry: Entry, second: number, requests: number, hits: number): Entry {
  const isSame = entry.days.length > 0 && second - entry.to <= NEAR_S;
  const from = isSame ? entry.from : second;
  const at = isSame ? entry.at : (entry.at + Math.round(offset(entry.at, second) * FOLLOW) + DAY_S) % DAY_S;
  const length_s = Math.min(LENGTH_S_MAX, Math.max(entry.length_s, second - from));
  const day = dayOf(entry.at, from);
  const newest = entry.days.at(-1);
  const sums =
    newest?.day === day
      ? { day, requests: newest.requests + requests, hits: newest.hits + hits }
      : { day, requests, hits };
  const older = entry.days.filter((other) => other.day !== day && other.day >= day - DAYS_BACK);
  return { ...entry, at, from, to: second, length_s, days: [...older, sums] };
}

/** Without what has not come for days; of too many, the one that came on the fewest days goes, the oldest of equals. */
function kept(entries: readonly Entry[], second: number): readonly Entry[] {
  const recent = entries.filter((entry) => second - entry.to <= (DAYS_BACK + 1) * DAY_S);
  if (recent.length <= ENTRIES_MAX) return recent;
  const rarest = recent.reduce((a, b) =>
    b.days.length < a.days.length || (b.days.length === a.days.length && b.to < a.to) ? b : a,
  );
  return recent.filter((entry) => entry !== rarest);
}

function labelOf(at: number): string {
  const minutes = (Math.round(at / 300) * 5) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** A hash, so that long names do not fill the state; 0 is the service itself. */
function hashOf(endpoint: string | null): number {
  return endpoint === null ? 0 : fnv1a(endpoint) || 1;
}
