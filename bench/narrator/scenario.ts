/** A fault that is known, with what a narrative of it must say; and traffic that many of them start from. */
import type { NeighbourIncident, PastIncident, Surroundings } from "../../domain/evidence.ts";
import { formatRfc3339 } from "../../domain/rfc3339.ts";
import type { ServiceSettings } from "../../domain/settings.ts";
import type { ExpectationsInput } from "./expectations.ts";
import type { Flow, RecordedService } from "./recorded-service.ts";

export interface Scenario {
  /** Its pack's file. */
  readonly name: string;
  /** What was injected, in words. */
  readonly fault: string;
  readonly settings?: Partial<ServiceSettings>;
  readonly play: (service: RecordedService) => void;
  /** Other services' incidents and earlier ones; the first second of the fault is given. */
  readonly surroundings?: (fault_second: number) => Partial<Surroundings>;
  readonly expect: ExpectationsInput;
}

const WARM_S = 1200;

/** 20 requests a second on three endpoints, of which one in 250 fails. */
export const SHOP: readonly Flow[] = [
  { endpoint: "/cart/pay", rate: 8, statuses: { 500: 0.004 } },
  { endpoint: "/cart", rate: 8, statuses: { 500: 0.004, 404: 0.01 } },
  { endpoint: "/orders/:id", rate: 4, statuses: { 500: 0.004, 404: 0.02 } },
];

export const LINKS = {
  runbook: "https://wiki.example/runbooks/checkout",
  traces: "https://traces.example/{service}?endpoint={endpoint}&from={from}&to={to}",
} as const;

/** All flows with `change`. */
export function everywhere(flows: readonly Flow[], change: Partial<Flow>): readonly Flow[] {
  return flows.map((flow) => ({ ...flow, ...change }));
}

/** The flows with `change` on one endpoint. */
export function at(flows: readonly Flow[], endpoint: string, change: Partial<Flow>): readonly Flow[] {
  return flows.map((flow) => (flow.endpoint === endpoint ? { ...flow, ...change } : flow));
}

/** The flows with `factor` times as many requests. */
export function scaled(flows: readonly Flow[], factor: number): readonly Flow[] {
  return flows.map((flow) => ({ ...flow, rate: flow.rate * factor }));
}

/** Twenty minutes without a fault, so that it is known what is normal. */
export function warm(service: RecordedService, flows: readonly Flow[] = SHOP): RecordedService {
  return service.run(WARM_S, flows);
}

/** An incident of another service that began `lead_s` before the fault (after it, where negative). */
export function elsewhere(
  service: string,
  fault_second: number,
  lead_s: number,
  more: Partial<NeighbourIncident> = {},
): NeighbourIncident {
  const onset = fault_second - lead_s;
  return {
    service,
    incident_id: `${service}-${onset}-error_rate`,
    anomaly_type: "error_rate",
    severity: "critical",
    endpoint: null,
    status: "open",
    onset_at: formatRfc3339(onset * 1000),
    ...more,
  };
}

/** An earlier incident of the service, `days` days before the fault. */
export function earlier(fault_second: number, days: number, more: Partial<PastIncident> = {}): PastIncident {
  const onset = fault_second - days * 86_400;
  return {
    incident_id: `checkout-${onset}-error_rate`,
    onset_at: formatRfc3339(onset * 1000),
    resolved_at: formatRfc3339((onset + 600) * 1000),
    resolution: "recovered",
    endpoint: null,
    severity: "high",
    deployed_version: null,
    feedback: null,
    ...more,
  };
}
