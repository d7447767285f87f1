/** What a wish for a silence comes to, against what is stored. */
import type { SilenceWish } from "../domain/silence-schema.ts";
import { type Silence, SILENCES_MAX } from "../domain/silencing.ts";
import type { AudienceAct, AudienceState, AudienceWrite, Planned } from "./audience-store.ts";
import { storedTime } from "./history-sql.ts";
import { problem } from "./problem.ts";

type Row = Omit<Silence, "revision">;

export interface SilenceChange {
  readonly row: Row;
  readonly act: AudienceAct;
  readonly fields: readonly string[];
}

export function createdSilence(wish: SilenceWish, id: string, actor: string, now_ms: number): SilenceChange {
  const row: Row = { id, ...wish, created_at: storedTime(now_ms), created_by: actor };
  return { row, fields: [], act: { action: "silence.created", subject: id, id, detail: { silence: wish } } };
}

/** Null where nothing changes. */
export function changedSilence(stored: Silence, wish: SilenceWish): SilenceChange | null {
  const names = Object.keys(wish) as (keyof SilenceWish)[];
  const fields = names.filter((name) => JSON.stringify(wish[name]) !== JSON.stringify(stored[name]));
  if (fields.length === 0) return null;
  const { revision: _revision, ...before } = stored;
  const changed = Object.fromEntries(fields.map((name) => [name, [stored[name], wish[name]]]));
  const act = { action: "silence.changed", subject: stored.id, id: stored.id, detail: { changed } } as const;
  return { row: { ...before, ...wish }, fields, act };
}

/** One that ends now. */
export function endedSilence(stored: Silence, now_ms: number): SilenceChange {
  const { revision: _revision, ...before } = stored;
  const now = storedTime(now_ms);
  const row = { ...before, ends_at: now, starts_at: before.starts_at < now ? before.starts_at : now };
  const { comment } = stored;
  return { row, fields: [], act: { action: "silence.ended", subject: stored.id, id: stored.id, detail: { comment } } };
}

export function writeOf({ row, act }: SilenceChange): AudienceWrite {
  return { silences: [row], acts: [act] };
}

/** A new one, where there is room. Who sends the same again because the Fleet did not answer gets what was stored then. */
export function planSilence(state: AudienceState, change: SilenceChange): Planned<string | Response> {
  const again = state.silences.find((one) => state.unhanded.has(one.id) && isAlike(one, change.row));
  if (again !== undefined) return { write: null, result: again.id };
  const { id } = change.row;
  if (state.silences.length < SILENCES_MAX) return { write: { ...writeOf(change), made: id }, result: id };
  const detail = `There are ${SILENCES_MAX} silences that have not ended, as many as there may be: end one first.`;
  return { write: null, result: problem(409, "too_many_silences", detail) };
}

/** Where no beginning was said it is now, and another now when it is sent again. */
function isAlike(one: Silence, row: Row): boolean {
  const essence = ({
    services,
    endpoint,
    severities,
    incident_id,
    ends_at,
    weekly,
    comment,
    created_by,
  }: Row): string =>
    JSON.stringify([services, endpoint, severities, incident_id, ends_at, weekly, comment, created_by]);
  return essence(one) === essence(row);
}
