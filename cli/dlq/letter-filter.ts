/** Which letters a command is about. */
import { parseRfc3339 } from "../../domain/rfc3339.ts";
import { Failure } from "../failure.ts";
import { type Letter, letterTimeMs, serviceOf } from "./letter.ts";

export interface LetterFilter {
  readonly reason: string | null;
  readonly service: string | null;
  /** Of `letterTimeMs`; from `since_ms` on, before `until_ms`. */
  readonly since_ms: number;
  readonly until_ms: number;
}

export const FILTER_OPTIONS = {
  reason: { type: "string" },
  service: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
} as const;
type FilterValues = { readonly [Option in keyof typeof FILTER_OPTIONS]?: string | undefined };

export const FILTER_HELP = `  --reason NAME     of this reason only
  --service NAME    whose event names this service
  --since TIME      of records from then on: 2026-11-24T10:00:00Z, or an age such as 30m, 2h, 7d
  --until TIME      of records before then`;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function parseFilter(values: FilterValues, now_ms: number): LetterFilter {
  return {
    reason: values.reason ?? null,
    service: values.service ?? null,
    since_ms: values.since === undefined ? -Infinity : parseTime("since", values.since, now_ms),
    until_ms: values.until === undefined ? Infinity : parseTime("until", values.until, now_ms),
  };
}

export function passes(letter: Letter, filter: LetterFilter): boolean {
  const time_ms = letterTimeMs(letter);
  return (
    (filter.reason === null || letter.reason === filter.reason) &&
    time_ms >= filter.since_ms &&
    time_ms < filter.until_ms &&
    (filter.service === null || serviceOf(letter.value) === filter.service)
  );
}

function parseTime(option: string, text: string, now_ms: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const time_ms = unit === undefined ? parseRfc3339(text) : now_ms - Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (!Number.isNaN(time_ms)) return time_ms;
  throw new Failure(
    `--${option} must be a time such as 2026-11-24T10:00:00Z, or an age such as 30m, 2h or 7d, not "${text}".`,
    2,
  );
}
