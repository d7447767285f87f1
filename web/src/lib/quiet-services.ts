/** Services that an incident did not touch: which are shown of them, and what they did meanwhile. */
import { measureSpread, normalRange, type Range } from "./normal-band.ts";
import type { SparkSample } from "./sparkline.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { ServiceItem, WindowItem } from "../../../domain/resource.ts";
import type { Span } from "./span.ts";

/** More would say no more. */
const SHOWN_MAX = 6;

/** When a service was in trouble. */
type Past = Pick<Incident, "service" | "onset_at" | "resolved_at">;

export interface QuietChoice {
  /** The busiest of them: a fault that was everywhere would show in them first. */
  readonly names: readonly string[];
  /** How many more there are. */
  readonly others: number;
}

/**
 * Those without an incident in its time, among all that are known of it and of before: one that was over before its onset did not
 * touch it, nor did one that began after its end.
 * @param held those that are shown already: they keep their place, since no line may move because another has become busier
 */
export function quietServices(
  services: readonly Pick<ServiceItem, "service" | "request_rate">[],
  incidents: readonly Past[],
  of: Past,
  held: readonly string[] = [],
): QuietChoice {
  const end_ms = of.resolved_at === null ? Infinity : Date.parse(of.resolved_at);
  const touched = new Set(
    incidents
      .filter(({ onset_at }) => Date.parse(onset_at) <= end_ms)
      .filter(({ resolved_at }) => resolved_at === null || Date.parse(resolved_at) >= Date.parse(of.onset_at))
      .map(({ service }) => service),
  );
  touched.add(of.service);
  const place = new Map(held.map((service, index) => [service, index]));
  const placeOf = (service: string) => place.get(service) ?? held.length;
  const quiet = services
    .filter(({ service, request_rate }) => !touched.has(service) && request_rate > 0)
    .toSorted(
      (a, b) =>
        placeOf(a.service) - placeOf(b.service) || b.request_rate - a.request_rate || (a.service < b.service ? -1 : 1),
    );
  const names = quiet.slice(0, SHOWN_MAX).map(({ service }) => service);
  return { names, others: quiet.length - names.length };
}

export interface QuietService {
  readonly service: string;
  /** p95 of its newest minute in the span, ms. */
  readonly p95_latency_ms: number;
  readonly samples: readonly SparkSample[];
  readonly normal: Range | null;
}

/** The hour that its small charts show, epoch seconds: the one that ends with the incident. */
export function quietSpan({ resolved_at }: Pick<Incident, "resolved_at">, now: number): Span {
  const until = Math.ceil((resolved_at === null ? now : Date.parse(resolved_at) / 1000) / 60) * 60;
  return { from: until - 3600, until };
}

/** The slowest of faults is told so long after its onset. */
const TOLD_WITHIN_S = 3600;

/**
 * Which incidents have to be known, epoch seconds: over only after `from`, told before `until` (infinite while it is open). Those of the
 * whole hour that is shown, since what was wrong earlier in it does not say what is normal; and what began within its time may
 * have been told after its end.
 */
export function touchSpan({ onset_at, resolved_at }: Pick<Past, "onset_at" | "resolved_at">, shown: Span): Span {
  const from = Math.min(shown.from, Math.floor(Date.parse(onset_at) / 1000));
  return { from, until: resolved_at === null ? Infinity : Math.ceil(Date.parse(resolved_at) / 1000) + TOLD_WITHIN_S };
}

/**
 * Of a service's minutes, ascending; null where it had no requests in them: nothing can be said of it then.
 * @param wrong its incidents: what happened within them does not say what is normal
 */
export function quietService(
  service: string,
  windows: readonly WindowItem[],
  wrong: readonly Past[] = [],
): QuietService | null {
  const p95_latency_ms = windows.findLast((window) => window.p95_latency_ms !== null)?.p95_latency_ms;
  if (p95_latency_ms == null) return null;
  const samples = windows.map((window) => {
    return { at: Date.parse(window.window_start) / 1000 + 30, value: window.p95_latency_ms };
  });
  const spread = measureSpread(
    windows.map((window) => {
      const quiet = !window.provisional && !wrong.some((past) => touches(past, window));
      return { value: window.p95_latency_ms, baseline: window.baseline_p95_ms, quiet };
    }),
  );
  // The newest minute may not have one yet.
  const normal = windows.findLast((window) => window.baseline_p95_ms !== null)?.baseline_p95_ms ?? null;
  return { service, p95_latency_ms, samples, normal: normalRange(normal, spread) };
}

const MINUTE_MS = 60_000;

function touches({ onset_at, resolved_at }: Past, { window_start }: WindowItem): boolean {
  const start = Date.parse(window_start);
  return Date.parse(onset_at) < start + MINUTE_MS && (resolved_at === null || Date.parse(resolved_at) > start);
}
