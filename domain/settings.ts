/** What can be set for a service, with its defaults. Wrong settings name the field and what would be right. */
import * as v from "valibot";

const errorClass = v.union(
  [v.picklist(["1xx", "2xx", "3xx", "4xx", "5xx"]), v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599))],
  'errors: a status class such as "5xx" or a status code from 100 to 599',
);

export const serviceSettingsSchema = v.object({
  /** The average latency the service promises, ms: twice of it is an anomaly. */
  sla_ms: v.pipe(v.number(), v.minValue(1, "sla_ms: at least 1"), v.maxValue(3_600_000, "sla_ms: at most 3,600,000")),
  /** Which status codes are errors. */
  errors: v.pipe(v.array(errorClass), v.maxLength(50, "errors: at most 50 entries")),
  /** How far behind the newest event of its partition an event may come before it counts as late, s. */
  disorder_s: v.pipe(v.number(), v.minValue(0, "disorder_s: at least 0"), v.maxValue(30, "disorder_s: at most 30")),
});

export type ServiceSettings = v.InferOutput<typeof serviceSettingsSchema>;

/** The reference system's promises; every other service has the default. */
const SLA_MS: ReadonlyMap<string, number> = new Map([
  ["checkout", 300],
  ["payments", 400],
  ["search", 150],
]);
const SLA_MS_DEFAULT = 500;

export function defaultSettings(service: string): ServiceSettings {
  return { sla_ms: SLA_MS.get(service) ?? SLA_MS_DEFAULT, errors: ["5xx"], disorder_s: 2 };
}

/** Whether a status code is an error under `errors`, as a table by code: it is asked once per status and second. */
export function errorTable(errors: ServiceSettings["errors"]): (status_code: number) => boolean {
  const codes = new Set<number>();
  const classes = new Set<number>();
  for (const entry of errors) {
    if (typeof entry === "number") codes.add(entry);
    else classes.add(Number(entry[0]));
  }
  return (status_code) => codes.has(status_code) || classes.has(Math.floor(status_code / 100));
}
