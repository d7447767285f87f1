/** A silence: a time in which matching incidents are recorded and shown but not delivered. (No traffic is `silence.ts`.) */
import type { Severity } from "./incident.ts";

/** Hours of some days of the week, in a time zone; `until` at or before `from` is the next day's. */
export interface WeeklySchedule {
  /** 1 Monday to 7 Sunday, at least one: the day on which `from` lies. */
  readonly days: readonly number[];
  /** `HH:MM`. */
  readonly from: string;
  readonly until: string;
  /** IANA name, as in `Europe/Berlin`. */
  readonly zone: string;
}

export interface Silence {
  /** `sil_` and 16 hex digits. */
  readonly id: string;
  readonly revision: number;
  /** Names and patterns. */
  readonly services: readonly string[];
  /** A pattern over the endpoint that drives the incident; null: whichever. */
  readonly endpoint: string | null;
  /** Null: whichever. */
  readonly severities: readonly Severity[] | null;
  /** Only this incident: as a snooze sets it. */
  readonly incident_id: string | null;
  /** RFC 3339. It ends by itself, at most a year after its beginning. */
  readonly starts_at: string;
  readonly ends_at: string;
  /** Within that span only in these hours; null: all of it. */
  readonly weekly: WeeklySchedule | null;
  /** Why; up to 500 characters. */
  readonly comment: string;
  readonly created_at: string;
  readonly created_by: string;
}

export const SILENCES_MAX = 1_000;
