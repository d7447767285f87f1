/**
 * The shortest life of a service in which an incident opens and is resolved: two requests a second, 10 s of health, 6 s in which all
 * of them fail, and as much health as it takes to be sure that it lasts. So little traffic lets nothing be told of a silence.
 */
import type { ServiceEventJson } from "../../generator/stream.ts";

/** From this second of its life on. */
export const FAILING_FROM_S = 10;
const FAILING_S = 6;
/** In this many seconds everything has happened. */
export const LIFE_S = 66;

/** Its events from one second of its life to before another; `born_ms`: epoch ms. */
export function shortLife(service: string, born_ms: number, from_s: number, to_s: number): ServiceEventJson[] {
  return Array.from({ length: 2 * (to_s - from_s) }, (_, i) => {
    const at_s = from_s + i / 2;
    const fails = at_s >= FAILING_FROM_S && at_s < FAILING_FROM_S + FAILING_S;
    return {
      event_time: new Date(born_ms + at_s * 1000).toISOString(),
      service,
      endpoint: "/pay",
      latency_ms: 90 + ((at_s * 74) % 20),
      status_code: fails ? 503 : 200,
      version: "1.0.0",
    };
  });
}
