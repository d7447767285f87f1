/** Random streams with faults in them, as lines of a file in their order of arrival. */
import fc from "fast-check";

export const STREAM_START_MS = Date.parse("2026-11-24T10:00:00Z");

export interface StreamEvent {
  readonly event_time_ms: number;
  readonly service: string;
  readonly endpoint: string;
  readonly latency_ms: number;
  readonly status_code: number;
}

/** A stretch of one service's life. */
interface Phase {
  readonly length_s: number;
  /** 0: silence. */
  readonly requests_per_s: number;
  readonly error_share: number;
  readonly latency_ms: number;
}

const phase: fc.Arbitrary<Phase> = fc.record({
  length_s: fc.integer({ min: 10, max: 100 }),
  requests_per_s: fc.constantFrom(0, 2, 5),
  error_share: fc.constantFrom(0, 0, 0.02, 0.4),
  latency_ms: fc.constantFrom(90, 90, 1800),
});

export function lineOf(event: StreamEvent): string {
  const { event_time_ms, ...fields } = event;
  return `${JSON.stringify({ event_time: new Date(event_time_ms).toISOString(), ...fields })}\n`;
}

/** A repeatable sequence of numbers from 0 to below 1 (Numerical Recipes' linear congruential generator). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Arrival {
  readonly arrival_ms: number;
  readonly event: StreamEvent;
}

function arrivalsOf(service: string, phases: readonly Phase[], back_max_ms: number, seed: number): Arrival[] {
  const next = uniform(seed);
  const arrivals: Arrival[] = [];
  let start_ms = STREAM_START_MS;
  for (const { length_s, requests_per_s, error_share, latency_ms } of phases) {
    for (let n = 0; n < length_s * requests_per_s; n += 1) {
      const arrival_ms = start_ms + Math.floor((n * 1000) / requests_per_s);
      // Never before its phase, so that nothing comes behind a silence from before it.
      const event_time_ms = Math.max(start_ms, arrival_ms - Math.floor(next() * back_max_ms));
      const endpoint = next() < 0.5 ? "/pay" : `/view/${["a", "b"][Math.floor(next() * 2)]!}`;
      const status_code = next() < error_share ? 503 : 200;
      arrivals.push({ arrival_ms, event: { event_time_ms, service, endpoint, latency_ms, status_code } });
    }
    start_ms += length_s * 1000;
  }
  return arrivals;
}

/** Several services' events in one order of arrival; none comes more than `back_max_ms` behind what came before it. */
export function streams(services: readonly string[], back_max_ms: number): fc.Arbitrary<StreamEvent[]> {
  const one = fc.record({ phases: fc.array(phase, { minLength: 2, maxLength: 5 }), seed: fc.nat() });
  return fc.tuple(...services.map(() => one)).map((each) => {
    const arrivals = each.flatMap(({ phases, seed }, i) => arrivalsOf(services[i]!, phases, back_max_ms, seed));
    return arrivals.sort((a, b) => a.arrival_ms - b.arrival_ms).map(({ event }) => event);
  });
}
