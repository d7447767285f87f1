/**
 * Subscriptions and silences in the history database, and their way to the Fleet. A change is made from what was read and written in
 * one transaction with its rows of the audit log; where somebody else's came between, it is made again from what is there then.
 */
import { auditRow } from "../domain/history.ts";
import type { Silence } from "../domain/silencing.ts";
import type { AudienceChange } from "../domain/subscriber.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import {
  ADVANCE_AUDIENCE,
  ADVANCE_HISTORY,
  AUDIT_AUDIENCE,
  DELETE_SUBSCRIPTIONS,
  FORGET_HEALTHS,
  FORGET_KEYS,
  FORGET_SILENCES,
  FORGET_SUBSCRIPTIONS,
  HAND_SILENCES,
  HAND_SUBSCRIPTIONS,
  parseSilenceRow,
  parseSubscriptionRow,
  PUT_KEYS,
  PUT_SILENCES,
  PUT_SUBSCRIPTIONS,
  SELECT_AUDIENCE_REVISION,
  SELECT_DELETED,
  SELECT_KEYED,
  SELECT_SILENCES,
  SELECT_SUBSCRIPTIONS,
  SELECT_UNHANDED_SILENCES,
  SELECT_UNHANDED_SUBSCRIPTIONS,
  type SilenceRow,
  type SubscriptionRow,
} from "./audience-sql.ts";
import { asked, jsonArrays } from "./history.ts";
import { storedTime } from "./history-sql.ts";

/** Changes are small and rare: so many in a row that come between are a bug. */
const ATTEMPTS_MAX = 10;
const DAY_MS = 86_400_000;
/** Ended silences are kept for whoever asks why nothing was delivered. */
const ENDED_KEPT_MS = 7 * DAY_MS;
/** Whoever got no answer has sent it again by then. */
const KEY_KEPT_MS = DAY_MS;
/** Handed to the Fleet in one call, which carries 32 MiB: a subscription has at most some 150 kB. */
const HANDED_ROWS = 100;

/** What is stored, as it was read at one moment. */
export interface AudienceState {
  /** Of the newest change of any subscription or silence. */
  readonly revision: number;
  /** By name. `sealed_target` is empty where it was not asked for. */
  readonly subscriptions: readonly StoredSubscription[];
  /** Those that have not ended, the oldest first. */
  readonly silences: readonly Silence[];
  /** Ids of what the Fleet has yet to hear of. */
  readonly unhanded: ReadonlySet<string>;
  /** Ids of deleted subscriptions of which the Fleet has yet to hear. */
  readonly deleted: ReadonlySet<string>;
  /** Id of what was made under the writer's key; null: nothing was, or it has none. */
  readonly keyed: string | null;
}

/** Revisions are given when it is written. */
type Unnumbered<T> = Omit<T, "revision">;

/** An act for the audit log, about one of the things written. */
export interface AudienceAct {
  readonly action: `${"subscription" | "silence"}.${string}`;
  readonly subject: string;
  readonly id: string;
  readonly detail: object;
}

export interface AudienceWrite {
  readonly subscriptions?: readonly Unnumbered<StoredSubscription>[];
  readonly deleted?: readonly string[];
  readonly silences?: readonly Unnumbered<Silence>[];
  /** Id of what is made by it, for the writer's key. */
  readonly made?: string;
  /** One for each of them. */
  readonly acts: readonly AudienceAct[];
}

/** What a plan comes to: something to write (null: nothing), or why not. */
export type Planned<T> = { readonly write: AudienceWrite | null; readonly result: T };

/**
 * @param open ids of the subscriptions whose targets are needed; "all". That of what was made under `key` comes along
 * @throws HistoryUnavailable
 */
export async function readAudience(
  db: D1Database,
  now_ms: number,
  open: readonly string[] | "all" = [],
  key: string | null = null,
): Promise<AudienceState> {
  const ids = open === "all" ? null : JSON.stringify(open);
  const answers = await asked(
    db.batch([
      db.prepare(SELECT_AUDIENCE_REVISION),
      db.prepare(SELECT_SUBSCRIPTIONS).bind(ids, key),
      db.prepare(SELECT_SILENCES),
      db.prepare(SELECT_DELETED),
      db.prepare(SELECT_KEYED).bind(key),
    ]),
  );
  const [newest, subscriptions, silences, deleted, keyed] = answers.map(({ results }) => results) as [
    { readonly revision: number }[],
    SubscriptionRow[],
    SilenceRow[],
    { readonly id: string }[],
    { readonly id: string }[],
  ];
  const unhanded = [...subscriptions, ...silences].filter(({ handed }) => handed === 0).map(({ id }) => id);
  const now = storedTime(now_ms);
  return {
    revision: newest[0]!.revision,
    subscriptions: subscriptions.map(parseSubscriptionRow),
    silences: silences.filter(({ ends_at }) => ends_at > now).map(parseSilenceRow),
    unhanded: new Set(unhanded),
    deleted: new Set(deleted.map(({ id }) => id)),
    keyed: keyed[0]?.id ?? null,
  };
}

export interface AudienceWriter {
  readonly db: D1Database;
  readonly now_ms: number;
  readonly actor: string;
  readonly open?: readonly string[] | "all";
  /** Under which key it makes something (worker/idempotency-key.ts). */
  readonly key?: string | null;
}

/**
 * Reads, plans and writes, until nobody came between. `plan` may be asked more than once, each time about what is there then.
 * @throws HistoryUnavailable
 */
export async function changeStored<T>(
  writer: AudienceWriter,
  plan: (state: AudienceState) => Promise<Planned<T>> | Planned<T>,
): Promise<T> {
  const { db, now_ms, open = [], key = null } = writer;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const state = await readAudience(db, now_ms, open, key);
    const { write, result } = await plan(state);
    if (write === null || (await tryWrite(writer, state.revision, write))) return result;
  }
  throw new Error(`subscriptions changed ${ATTEMPTS_MAX} times while a change was made`);
}

/** Every row gets a revision of its own, in the order of the write. False where somebody else's change came between. */
async function tryWrite(writer: AudienceWriter, read: number, write: AudienceWrite): Promise<boolean> {
  const { db, now_ms, actor } = writer;
  const now = storedTime(now_ms);
  const { subscriptions = [], deleted = [], silences = [], made, acts } = write;
  let revision = read;
  const revisions = new Map<string, number>();
  const numbered = (row: { readonly id: string; readonly at?: string }): string => {
    revision += 1;
    revisions.set(row.id, revision);
    return JSON.stringify({ ...row, revision });
  };
  // What is deleted goes first: another may take its name.
  const groups: readonly (readonly [query: string, rows: readonly string[]])[] = [
    [DELETE_SUBSCRIPTIONS, deleted.map((id) => numbered({ id, at: now }))],
    [PUT_SUBSCRIPTIONS, subscriptions.map(numbered)],
    [PUT_SILENCES, silences.map(numbered)],
  ];
  const audits = acts.map(({ action, subject, id, detail }) => {
    const own = revisions.get(id) ?? revision;
    const { row } = auditRow({ actor, action, subject }, `${id} ${own}`, { id, revision: own, ...detail }, now);
    return JSON.stringify(row);
  });
  const statements = groups.flatMap(([query, rows]) =>
    jsonArrays(rows).map(({ json }) => db.prepare(query).bind(json, read)),
  );
  for (const { json, count } of jsonArrays(audits)) {
    statements.push(db.prepare(AUDIT_AUDIENCE).bind(json, read), db.prepare(ADVANCE_HISTORY).bind(count, read));
  }
  if (made !== undefined && writer.key != null) {
    statements.push(db.prepare(PUT_KEYS).bind(JSON.stringify([{ key: writer.key, id: made, at: now }]), read));
  }
  statements.push(db.prepare(FORGET_KEYS).bind(storedTime(now_ms - KEY_KEPT_MS), read));
  statements.push(db.prepare(FORGET_SILENCES).bind(storedTime(now_ms - ENDED_KEPT_MS), read));
  statements.push(db.prepare(ADVANCE_AUDIENCE).bind(revision, read));
  const answers = await asked(db.batch(statements));
  return answers.at(-1)?.meta.changes === 1;
}

/**
 * Hands the Fleet all that it has yet to hear of: this change, and what an earlier one left behind. Resolves once the Fleet has it;
 * rejects where the Fleet does not answer, and what is stored stays to be handed on. @throws HistoryUnavailable
 */
export async function handOn(
  db: D1Database,
  now_ms: number,
  change: (changes: readonly AudienceChange[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const [subscriptions, silences] = (
      await asked(
        db.batch([
          db.prepare(SELECT_UNHANDED_SUBSCRIPTIONS).bind(HANDED_ROWS),
          db.prepare(SELECT_UNHANDED_SILENCES).bind(HANDED_ROWS),
        ]),
      )
    ).map(({ results }) => results) as [(SubscriptionRow & { readonly deleted_at: string | null })[], SilenceRow[]];
    if (subscriptions.length + silences.length === 0) return;
    await change([...subscriptions.map(subscriptionChange), ...silences.map((row) => silenceChange(row, now_ms))]);
    await asked(
      db.batch([
        db.prepare(HAND_SUBSCRIPTIONS).bind(JSON.stringify(subscriptions.map(numberOf))),
        db.prepare(HAND_SILENCES).bind(JSON.stringify(silences.map(numberOf))),
        db.prepare(FORGET_SUBSCRIPTIONS),
        db.prepare(FORGET_HEALTHS),
      ]),
    );
  }
}

function numberOf({ id, revision }: { readonly id: string; readonly revision: number }) {
  return { id, revision };
}

function subscriptionChange(row: SubscriptionRow & { readonly deleted_at: string | null }): AudienceChange {
  if (row.deleted_at !== null) return { kind: "no_subscription", id: row.id, revision: row.revision };
  return { kind: "subscription", subscription: parseSubscriptionRow(row) };
}

function silenceChange(row: SilenceRow, now_ms: number): AudienceChange {
  const silence = parseSilenceRow(row);
  if (Date.parse(silence.ends_at) > now_ms) return { kind: "silence", silence };
  return { kind: "no_silence", id: silence.id, revision: silence.revision };
}
