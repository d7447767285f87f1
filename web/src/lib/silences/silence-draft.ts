/** A silence while somebody fills it in, the request that it becomes, and what is wrong with it. */
import { momentOf, wallTime } from "../format/zone.ts";
import type { SilencePrefill } from "./silence-link.ts";
import { SEVERITIES, type Severity } from "../../../../domain/incident.ts";
import { silenceProblems, silenceSchema, wholeSilence } from "../../../../domain/silence-schema.ts";
import type { Silence } from "../../../../domain/silencing.ts";
import { parseBySchema } from "../../../../domain/subscription-schema.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Whoever silences at four in the morning means the morning that comes, not the one after it. */
const NIGHT_ENDS_H = 5;

/** How long: as it is, so many hours from now, until work begins, from one moment to another, or hours of each week. */
const SPANS = ["kept", "1h", "4h", "morning", "own", "weekly"] as const;
export type SilenceSpan = (typeof SPANS)[number];

/** All as typed. */
export interface SilenceDraft {
  /** What is changed, as it was when that began; null: a new one. */
  readonly stored: Silence | null;
  /** Names and patterns, with commas or blanks between. */
  readonly services: string;
  /** Empty: whichever. */
  readonly endpoint: string;
  readonly severities: readonly Severity[];
  /** Where it was begun from the page of an incident. */
  readonly incident_id: string | null;
  readonly only_incident: boolean;
  readonly span: SilenceSpan;
  /** Epoch ms, so that a change of the shown zone moves neither; null: at once. Of `own` alone, as `ends_ms`. */
  readonly starts_ms: number | null;
  /** Null: not said yet. */
  readonly ends_ms: number | null;
  /** 1 Monday to 7 Sunday; this and what follows is of `weekly` alone. */
  readonly days: readonly number[];
  readonly from: string;
  readonly until: string;
  readonly zone: string;
  /** For how many weeks from now; empty: until it was to end anyway. */
  readonly weeks: string;
  readonly comment: string;
}

/** `zone`: whose hours a weekly silence is thought of in. */
export function newDraft(prefill: SilencePrefill, zone: string): SilenceDraft {
  return {
    ...nightsOf(zone),
    stored: null,
    services: prefill.services,
    endpoint: prefill.endpoint,
    severities: SEVERITIES,
    incident_id: prefill.incident_id,
    only_incident: false,
    span: "1h",
    starts_ms: null,
    ends_ms: null,
    weeks: "52",
    comment: "",
  };
}

/** `zone`: as of a new one, should it become a weekly one. */
export function draftOf(silence: Silence, zone: string): SilenceDraft {
  return {
    ...(silence.weekly ?? nightsOf(zone)),
    stored: silence,
    services: silence.services.join(", "),
    endpoint: silence.endpoint ?? "",
    severities: silence.severities ?? SEVERITIES,
    incident_id: silence.incident_id,
    only_incident: silence.incident_id !== null,
    span: silence.weekly === null ? "kept" : "weekly",
    starts_ms: Date.parse(silence.starts_at),
    ends_ms: Date.parse(silence.ends_at),
    weeks: silence.weekly === null ? "52" : "",
    comment: silence.comment,
  };
}

function nightsOf(zone: string): Pick<SilenceDraft, "days" | "from" | "until" | "zone"> {
  return { days: [1, 2, 3, 4, 5], from: "22:00", until: "06:00", zone };
}

/** What can be chosen: a span that is to stay as it is needs one that is there, and the weeks of a weekly one say so themselves. */
export function spansOf({ stored }: Pick<SilenceDraft, "stored">): readonly SilenceSpan[] {
  return stored === null || stored.weekly !== null ? SPANS.slice(1) : SPANS;
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
    case "kept":
      return storedEnd(draft);
    case "1h":
      return now_ms + HOUR_MS;
    case "4h":
      return now_ms + 4 * HOUR_MS;
    case "morning":
      return nextMorning(now_ms).at_ms;
    case "own":
      return draft.ends_ms ?? Number.NaN;
    case "weekly":
      return draft.weeks === "" ? storedEnd(draft) : now_ms + Number(draft.weeks) * 7 * DAY_MS;
  }
}

function storedEnd({ stored }: SilenceDraft): number {
  return stored === null ? Number.NaN : Date.parse(stored.ends_at);
}

/** When it begins (epoch ms); null: at once. One that has begun goes on, so that it is not told as a new one. */
function startOf({ stored, span, starts_ms, weeks }: SilenceDraft, now_ms: number): number | null {
  if (span === "own" && starts_ms !== null) return starts_ms;
  if (stored === null) return null;
  const stored_ms = Date.parse(stored.starts_at);
  if (span === "kept") return stored_ms;
  if (span !== "weekly") return Math.min(stored_ms, now_ms);
  // A year is counted from the beginning: one that goes on for new weeks begins anew.
  return weeks === "" ? stored_ms : Math.max(stored_ms, now_ms);
}

/** The body of `POST /v1/silences`, or of `PUT` for one that is there. What is typed wrong is sent as typed: whoever judges it names it. */
export function bodyOf(draft: SilenceDraft, now_ms: number): Record<string, unknown> {
  const { days, from, until, zone } = draft;
  const starts_ms = startOf(draft, now_ms);
  return {
    services: draft.services.split(/[\s,]+/).filter((one) => one !== ""),
    ...(draft.endpoint.trim() === "" ? {} : { endpoint: draft.endpoint.trim() }),
    ...(draft.severities.length === SEVERITIES.length ? {} : { severities: draft.severities }),
    ...(draft.only_incident && draft.incident_id !== null ? { incident_id: draft.incident_id } : {}),
    ...(starts_ms === null ? {} : { starts_at: timeText(starts_ms) }),
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
  if (field === "ends" && draft.span === "own" && draft.ends_ms === null) return "Say the day and the time.";
  return `It ${message.replaceAll("starts_at", "its beginning").replaceAll(/\bnull or /g, "")}.`;
}
