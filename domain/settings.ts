/** What holds for a service: what it promises, what counts as an error, how it is judged, whom it concerns. */
import type * as v from "valibot";
import type { SERVICE_FIELDS } from "./settings-fields.ts";

/**
 * - `sla_ms`: average latency the service promises, 1 to 3,600,000 ms; null: its latency is not judged
 * - `endpoints`: the same for single endpoints, at most 50. Names come from events: ask with Object.hasOwn
 * - `slo`: objective for burn-rate rules, `availability` 0.9 to 0.99999; null: off
 * - `errors`: status classes ("5xx"), codes (100 to 599) and ranges of codes ("520-530") that are errors
 * - `detectors`: one or more of sequential, reference
 * - `sensitivity`: expected false alarms a day, 0.0001 to 10: the log-likelihood threshold is ln(86,400 / sensitivity)
 * - `exclude.endpoints`: counted, but not judged
 * - `disorder_s`: how far behind the newest event of its partition an event may come before it is late, 0 to 30 s
 * - `owner`, `links`: shown with an incident
 */
export type ServiceSettings = {
  readonly [F in keyof typeof SERVICE_FIELDS]: v.InferOutput<(typeof SERVICE_FIELDS)[F]>;
};

/** Settings of a service with the version of the document that they follow from; 0: no document was ever stored. */
export interface VersionedSettings {
  readonly version: number;
  readonly settings: ServiceSettings;
}

/** The reference system's promises; every other service has the default. */
const SLA_MS: ReadonlyMap<string, number> = new Map([
  ["checkout", 300],
  ["payments", 400],
  ["search", 150],
]);
const SLA_MS_DEFAULT = 500;

/** What holds where nothing is set. */
export function defaultSettings(service: string): ServiceSettings {
  return {
    sla_ms: SLA_MS.get(service) ?? SLA_MS_DEFAULT,
    endpoints: {},
    slo: null,
    errors: ["5xx"],
    detectors: ["sequential"],
    sensitivity: 0.01,
    exclude: { endpoints: [] },
    disorder_s: 2,
    owner: null,
    links: { runbook: null, traces: null },
  };
}

/** Whether a status code is an error under `errors`, as a table by code: it is asked once per status and second. */
export function errorTable(errors: ServiceSettings["errors"]): (status_code: number) => boolean {
  const ranges = errors.map(rangeOf);
  return (status_code) => ranges.some(([first, last]) => first <= status_code && status_code <= last);
}

function rangeOf(entry: ServiceSettings["errors"][number]): readonly [first: number, last: number] {
  if (typeof entry === "number") return [entry, entry];
  if (entry.endsWith("xx")) return [Number(entry[0]) * 100, Number(entry[0]) * 100 + 99];
  const [a, b] = entry.split("-").map(Number) as [number, number];
  return [Math.min(a, b), Math.max(a, b)];
}
