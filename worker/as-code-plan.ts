/** What has to change so that the stored subscriptions and silences equal those of a file. */
import { parseRfc3339 } from "../domain/rfc3339.ts";
import { type SilenceEntry, silenceProblems, wholeSilence } from "../domain/silence-schema.ts";
import { type Silence, SILENCES_MAX } from "../domain/silencing.ts";
import type { SettingsProblem } from "../domain/settings-file.ts";
import type { AsCodeChange } from "../domain/subscriptions-as-code.ts";
import { type StoredSubscription, SUBSCRIPTIONS_MAX } from "../domain/subscription.ts";
import type { Target } from "../domain/target.ts";
import { codeNames } from "./as-code-names.ts";
import type { AudienceAct, AudienceState, AudienceWrite } from "./audience-store.ts";
import { changedSilence, createdSilence, endedSilence } from "./silence-plan.ts";
import { changed, created, deletion, type PlanContext, type WholeSubscription } from "./subscription-plan.ts";
import { openedTarget } from "./subscription-target.ts";

export interface AsCodePlan {
  readonly changes: readonly AsCodeChange[];
  readonly write: Required<Omit<AudienceWrite, "acts" | "made">> & { readonly acts: readonly AudienceAct[] };
}

/** Each given subscription is known by its name; what is stored and not given is deleted. */
export async function planSubscriptions(
  state: AudienceState,
  given: readonly WholeSubscription[],
  context: PlanContext,
): Promise<AsCodePlan> {
  const stored = new Map(state.subscriptions.map((one) => [one.wish.name, one]));
  const rows: Omit<StoredSubscription, "revision">[] = [];
  const acts: AudienceAct[] = [];
  const changes: AsCodeChange[] = [];
  const tell = (kind: AsCodeChange["kind"], name: string, fields: readonly string[] = []): void => {
    changes.push({ kind, what: "subscription", name, fields });
  };
  const targets = new Map<string, Target | null>();
  for (const one of state.subscriptions) targets.set(one.id, await openedTarget(one, context.key));
  const told = codeNames(
    state.subscriptions.flatMap((one) => {
      const target = targets.get(one.id) ?? null;
      return target === null ? [] : [{ stored: one, target }];
    }),
  );
  for (const whole of given) {
    const { name } = whole.wish;
    const old = stored.get(name);
    stored.delete(name);
    const change =
      old === undefined
        ? await created(whole, context)
        : await changed(old, targets.get(old.id) ?? null, whole, context, { told: told.get(old.id) ?? {} });
    if (change !== null) {
      rows.push(change.row);
      acts.push(change.act);
    }
    tell(old === undefined ? "create" : change === null ? "unchanged" : "update", name, change?.fields);
  }
  const left = [...stored.values()];
  for (const one of left) {
    acts.push(deletion(one));
    tell("delete", one.wish.name);
  }
  const write = { subscriptions: rows, deleted: left.map(({ id }) => id), silences: [], acts };
  return { changes: changes.toSorted((a, b) => (a.name < b.name ? -1 : 1)), write };
}

/** Silences of a file are known by their comments. A snooze is of the moment and stands in none. */
export function planSilences(
  state: AudienceState,
  given: readonly SilenceEntry[],
  context: Pick<PlanContext, "now_ms" | "actor"> & { readonly newId: () => string },
): AsCodePlan {
  const { now_ms, actor, newId } = context;
  const stored = new Map(keyedSilences(state.silences));
  const rows: Omit<Silence, "revision">[] = [];
  const acts: AudienceAct[] = [];
  const changes: AsCodeChange[] = [];
  for (const entry of given) {
    const old = stored.get(entry.comment);
    stored.delete(entry.comment);
    const whole = wholeSilence(entry, now_ms);
    // What is over needs no silence; where no beginning is said, it is the one that it has.
    const isOver = parseRfc3339(whole.ends_at) <= now_ms;
    const wish = { ...whole, ...(old === undefined ? {} : { comment: old.comment }) };
    const starts_at = entry.starts_at === undefined && old !== undefined ? old.starts_at : wish.starts_at;
    const change =
      old === undefined
        ? isOver
          ? null
          : createdSilence(wish, newId(), actor, now_ms)
        : isOver
          ? endedSilence(old, now_ms)
          : changedSilence(old, { ...wish, starts_at });
    if (change !== null) {
      rows.push(change.row);
      acts.push(change.act);
    }
    const kind = change === null ? "unchanged" : old === undefined ? "create" : "update";
    const fields = isOver && old !== undefined ? ["ends_at"] : (change?.fields ?? []);
    changes.push({ kind, what: "silence", name: entry.comment, fields });
  }
  for (const [name, old] of stored) {
    const { row, act } = endedSilence(old, now_ms);
    rows.push(row);
    acts.push(act);
    changes.push({ kind: "delete", what: "silence", name, fields: [] });
  }
  return { changes, write: { subscriptions: [], deleted: [], silences: rows, acts } };
}

/** Those that can stand in a file, each with a comment of its own: a number tells those apart that people wrote alike. */
export function keyedSilences(silences: readonly Silence[]): [comment: string, silence: Silence][] {
  const used = new Set<string>();
  return silences
    .filter(({ incident_id }) => incident_id === null)
    .map((silence) => {
      const comment = silence.comment === "" ? "(no reason given)" : silence.comment;
      let key = comment;
      for (let number = 2; used.has(key); number += 1) {
        const suffix = ` (${number})`;
        key = `${comment.slice(0, 500 - suffix.length)}${suffix}`;
      }
      used.add(key);
      return [key, silence];
    });
}

/** What no schema says of a file's silences. Those that are over are nobody's business. */
export function silencesProblems(given: readonly SilenceEntry[], now_ms: number): SettingsProblem[] {
  return given.flatMap((entry, at) => {
    const whole = wholeSilence(entry, now_ms);
    if (parseRfc3339(whole.ends_at) <= now_ms) return [];
    return silenceProblems(whole, now_ms).map(({ path, message }) => ({ path: `silences[${at}].${path}`, message }));
  });
}

/** By what an entry is known no other may be. */
export function repeated(list: string, member: string, values: readonly string[]): SettingsProblem[] {
  const first = new Map<string, number>();
  return values.flatMap((value, at) => {
    const before = first.get(value);
    if (before === undefined) {
      first.set(value, at);
      return [];
    }
    return [{ path: `${list}[${at}].${member}`, message: `must be another than that of ${list}[${before}]` }];
  });
}

/** Snoozes count too. */
export function hasRoom(state: AudienceState, plan: AsCodePlan): boolean {
  const { subscriptions, deleted, silences } = plan.write;
  const counted = (change: AsCodeChange["kind"]): number => plan.changes.filter(({ kind }) => kind === change).length;
  const more = counted("create") - counted("delete");
  if (subscriptions.length > 0 || deleted.length > 0) return state.subscriptions.length + more <= SUBSCRIPTIONS_MAX;
  return silences.length === 0 || state.silences.length + more <= SILENCES_MAX;
}
