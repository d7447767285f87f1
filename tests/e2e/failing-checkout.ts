/** The plainest incident, for tests that are about what becomes of one. */
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import type { FaultlineServer } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { until } from "./process-group.ts";

/** Ten minutes of health, then half a minute in which checkout fails at /cart/pay, up to now. Gives its incident once history has it. */
export async function failCheckout(server: FaultlineServer): Promise<Incident> {
  const now_ms = Date.now();
  const origin_ms = now_ms - 630_000;
  const fault = { kind: "errors", share: 0.9, from_ms: now_ms - 30_000, to_ms: Infinity } as const;
  const faults = scheduleOf([{ ...fault, service: "checkout", endpoint: "/cart/pay" }]);
  const stream: StreamOptions = { seed: 1, services: servicesOf(1), rate: 50, faults, origin_ms };
  await ingest(server, [...eventsBetween(stream, origin_ms, now_ms)]);
  return openIncident(server);
}

/** The open incident of checkout, as history has it. */
export function openIncident(server: FaultlineServer): Promise<Incident> {
  return until("the incident of checkout", 30_000, async () => {
    const { items } = await server.get<Page<Incident>>("/v1/incidents?service=checkout&status=open");
    return items[0];
  });
}
