/** A silence while somebody fills it in, the request that it becomes, and what is wrong with it. */
import { momentOf, wallTime } from "../format/zone.ts";
import type { SilencePrefill } from "./silence-link.ts";
import { SEVERITIES, type Severity } from "../../../../domain/incident.ts";
import { silenceProblems, silenceSchema, wholeSilence } from "../../../../domain/silence-schema.ts";
import { parseBySchema } from "../../../../domain/subscription-schema.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Whoever silences at four in the morning means the morning that comes, not the one after it. */
const NIGHT_ENDS_H = 5;

/** How long: so many hours, until work begins, from one moment to another, or hours of each week. */
export const SPANS = ["1h", "4h", "morning", "own", "weekly"] as const;
export type SilenceSpan = (typeof SPANS)[number];

/** All as typed. */
export interface SilenceDraft {
  /** Names and patterns, with commas or blanks between. */
  readonly services: string;
  /** Empty: whichever. */
  readonly endpoint: string;
  readonly severities: readonly Severity[];
  /** Where it was begun from the page of an incident. */
  readonly incident_id: string | null;
  readonly only_incident: boolean;
  readonly span: SilenceSpan;
  /** `2026-11-24T10:04` by the shown zone's clocks; empty: at once. Of `own` alone, as `ends`. */
  readonly starts: string;
  readonly ends: string;
  /** 1 Monday to 7 Sunday; this and what follows is of `weekly` alone. */
  readonly days: readonly number[];
  readonly from: string;
  readonly until: string;
  readonly zone: string;
  /** For how many weeks from now. */
  readonly weeks: string;
  readonly comment: string;
}

/** `zone`: whose hours a weekly silence is thought of in. */
export function newDraft(prefill: SilencePrefill, zone: string): SilenceDraft {
  return {
    services: prefill.services,
    endpoint: prefill.endpoint,
    severities: SEVERITIES,
    incident_id: prefill.incident_id,
    only_incident: false,
    span: "1h",
    starts: "",
    ends: "",
    days: [1, 2, 3, 4, 5],
    from: "22:00",
    until: "06:00",
    zone,
    weeks: "52",
    comment: "",
  };
}

/** The next nine o'clock of a working day's morning in the shown zone (epoch ms), and what one calls it. */
export function nextMorning(now_ms: number): { readonly at_ms: number; readonly words: string } {
  const today = wallTime(now_ms);
  const isNight = Number(today.slice(11, 13)) < NIGHT_ENDS_H;
  const day = isNight
    ? today.slice(0, 10)
    : new Date(Date.parse(`${today.slice(0, 10)}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  return { at_ms: momentOf(`${day}T09:00`), words: isNight ? "Until 9:00 today" : "Until tomorrow 9:00" };
}

/** When it ends by itself (epoch ms); NaN where that is not said yet. */
export function endOf(draft: SilenceDraft, now_ms: number): number {
  switch (draft.span) {
    case "1h":
      return now_ms + HOUR_MS;
    case "4h":
      return now_ms + 4 * HOUR_MS;
    case "morning":
      return nextMorning(now_ms).at_ms;
    case "own":
      return momentOf(draft.ends);
    case "weekly":
      return now_ms + Number(draft.weeks) * 7 * DAY_MS;
  }
}

/** The body of `POST /v1/silences`. What is typed wrong is sent as typed: whoever judges it names it. */
export function bodyOf(draft: SilenceDraft, now_ms: number): Record<string, unknown> {
  const { days, from, until, zone } = draft;
  return {
    services: draft.services.split(/[\s,]+/).filter((one) => one !== ""),
    ...(draft.endpoint.trim() === "" ? {} : { endpoint: draft.endpoint.trim() }),
    ...(draft.severities.length === SEVERITIES.length ? {} : { severities: draft.severities }),
    ...(draft.only_incident && draft.incident_id !== null ? { incident_id: draft.incident_id } : {}),
    ...(draft.span === "own" && draft.starts !== "" ? { starts_at: timeText(momentOf(draft.starts)) } : {}),
    ends_at: timeText(endOf(draft, now_ms)),
    ...(draft.span === "weekly" ? { weekly: { days, from, until, zone: zone.trim() } } : {}),
    comment: draft.comment.trim(),
  };
}

function timeText(time_ms: number): string {
  return Number.isNaN(time_ms) ? "" : new Date(time_ms).toISOString();
}

const FIELDS = ["services", "endpoint", "severities", "starts", "ends", "days", "hours", "zone", "comment"] as const;
export type SilenceField = (typeof FIELDS)[number];
/** A sentence for each field that is wrong. */
export type SilenceProblems = Readonly<Partial<Record<SilenceField, string>>>;

/** Judged by the very schema that the server judges by. */
export function problemsOf(draft: SilenceDraft, now_ms: number): SilenceProblems {
  const parsed = parseBySchema(silenceSchema, bodyOf(draft, now_ms));
  const problems = parsed.ok ? silenceProblems(wholeSilence(parsed.document, now_ms), now_ms) : parsed.problems;
  const found: Partial<Record<SilenceField, string>> = {};
  for (const { path, message } of problems) {
    const field = fieldOf(path);
    found[field] ??= sentenceOf(field, message, draft);
  }
  return found;
}

function fieldOf(path: string): SilenceField {
  if (/^weekly\.(?:from|until)/.test(path)) return "hours";
  const name = path.replace(/^weekly\./, "").replace(/_at$/, "");
  // Whatever has no field of its own here is about how long it lasts.
  return FIELDS.find((field) => name === field || name.startsWith(`${field}[`)) ?? "ends";
}

function sentenceOf(field: SilenceField, message: string, draft: SilenceDraft): string {
  if (field === "services" && draft.services.trim() === "") return "Say whose incidents: * is every service.";
  if (field === "severities") return "Choose at least one.";
  if (field === "days") return "Choose at least one day.";
  if (field === "hours") return "Both must be a time of day, as 22:00.";
  if ((field === "starts" || field === "ends") && Number.isNaN(momentOf(draft[field])))
    return "Say the day and the time.";
  return `It ${message.replaceAll("starts_at", "its beginning").replaceAll(/\bnull or /g, "")}.`;
}
