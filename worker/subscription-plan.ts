/** What a wish for a subscription comes to, against what is stored: something to write, or a refusal. */
import type { SubscriptionBody } from "../domain/subscription-schema.ts";
import { wholeWish } from "../domain/subscription-schema.ts";
import { type StoredSubscription, SUBSCRIPTIONS_MAX, type SubscriptionWish } from "../domain/subscription.ts";
import { viewOf } from "../domain/target-view.ts";
import type { Target } from "../domain/target.ts";
import type { AudienceAct, AudienceState, Planned } from "./audience-store.ts";
import { storedTime } from "./history-sql.ts";
import { madeBefore } from "./idempotency-key.ts";
import { problem } from "./problem.ts";
import { sealTarget } from "./seal.ts";
import { changedMembers, changedTargetMembers, namesOf } from "./subscription-members.ts";
import { openedTarget } from "./subscription-target.ts";

/** What every plan is made with. */
export interface PlanContext {
  /** SUBSCRIPTION_KEY. */
  readonly key: string;
  readonly now_ms: number;
  readonly actor: string;
  readonly newId: () => string;
}

/** A subscription as it shall be. */
export interface WholeSubscription {
  readonly wish: SubscriptionWish;
  readonly target: Target;
  readonly names: Readonly<Record<string, string>>;
}

type Row = Omit<StoredSubscription, "revision">;

/** One to write, and how it stands in the audit log; `fields`: what differs from before. */
export interface SubscriptionChange {
  readonly row: Row;
  readonly act: AudienceAct;
  readonly fields: readonly string[];
}

export async function created(whole: WholeSubscription, context: PlanContext): Promise<SubscriptionChange> {
  const { wish, target, names } = whole;
  const at = storedTime(context.now_ms);
  const row: Row = {
    id: context.newId(),
    wish,
    sealed_target: await sealTarget(target, context.key),
    target: viewOf(target, namesOf(target, names, null)),
    created_at: at,
    changed_at: at,
    changed_by: context.actor,
  };
  const { type, origin } = row.target;
  const detail = { wish, target: { type, origin } };
  return { row, fields: [], act: { action: "subscription.created", subject: wish.name, id: row.id, detail } };
}

/**
 * Null where nothing changes. `opened`: the target as it is stored; null where it cannot be opened any more. `file`: the names are all that
 * there are, as in a file; `told`: those that an export would give now, which are no news. Null: they are added to those that are known.
 */
export async function changed(
  stored: StoredSubscription,
  opened: Target | null,
  whole: WholeSubscription,
  context: PlanContext,
  file: { readonly told: Readonly<Record<string, string>> } | null = null,
): Promise<SubscriptionChange | null> {
  const { wish, target } = whole;
  const before = opened === null || file !== null ? null : { target: opened, names: stored.target.names };
  const names = namesOf(target, whole.names, before);
  const wished = changedMembers(stored.wish, wish);
  const members = opened === null ? ["*"] : changedTargetMembers(opened, target);
  const is_renamed = !isSame(names, stored.target.names) && (file === null || !isSame(names, file.told));
  const fields = [
    ...Object.keys(wished),
    ...members.map((member) => `target.${member}`),
    ...(is_renamed && members.length === 0 ? ["names"] : []),
  ];
  if (fields.length === 0) return null;
  const row: Row = {
    id: stored.id,
    wish,
    sealed_target: members.length === 0 ? stored.sealed_target : await sealTarget(target, context.key),
    target: viewOf(target, names),
    created_at: stored.created_at,
    changed_at: storedTime(context.now_ms),
    changed_by: context.actor,
  };
  const told = { ...wished, ...(members.length === 0 ? {} : { target: members }) };
  const act = { action: "subscription.changed", subject: wish.name, id: row.id, detail: { changed: told } } as const;
  return { row, fields, act };
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

export function deletion({ id, wish }: StoredSubscription): AudienceAct {
  return { action: "subscription.deleted", subject: wish.name, id, detail: {} };
}

/** A new one, unless its name is taken. Who sends the same again because the Fleet did not answer gets what was stored then. */
export async function planCreation(
  state: AudienceState,
  whole: WholeSubscription,
  context: PlanContext,
): Promise<Planned<string | Response>> {
  const twin = state.subscriptions.find(({ wish }) => wish.name === whole.wish.name);
  if (twin !== undefined && !(state.unhanded.has(twin.id) && isAlike(twin, whole))) return refused(nameTaken(twin));
  if (twin === undefined && state.subscriptions.length >= SUBSCRIPTIONS_MAX) return refused(tooMany());
  const { row, act } = await created(whole, { ...context, newId: () => twin?.id ?? context.newId() });
  return { write: { subscriptions: [row], made: row.id, acts: [act] }, result: row.id };
}

/** What is stored as it shall be, unless another one has its name. `opened`: as in `changed`. */
export async function planChange(
  state: AudienceState,
  stored: StoredSubscription,
  opened: Target | null,
  whole: WholeSubscription,
  context: PlanContext,
): Promise<Planned<string | Response>> {
  const { id } = stored;
  const twin = state.subscriptions.find((one) => one.id !== id && one.wish.name === whole.wish.name);
  if (twin !== undefined) return refused(nameTaken(twin));
  const change = await changed(stored, opened, whole, context);
  return { write: change === null ? null : { subscriptions: [change.row], acts: [change.act] }, result: id };
}

/** What was made under a key as it is sent now: whoever got no answer sends it again, with what was mended meanwhile. */
export async function planAgain(
  state: AudienceState,
  made: string,
  whole: WholeSubscription,
  context: PlanContext,
): Promise<Planned<string | Response>> {
  const stored = state.subscriptions.find(({ id }) => id === made);
  if (stored === undefined) return refused(madeBefore(made));
  return planChange(state, stored, await openedTarget(stored, context.key), whole, context);
}

function isAlike(twin: StoredSubscription, { wish, target }: WholeSubscription): boolean {
  const { names: _, ...view } = viewOf(target);
  const { names: __, ...own } = twin.target;
  return JSON.stringify([twin.wish, own]) === JSON.stringify([wish, view]);
}

export function wholeOf(
  { target: _target, names = {}, ...given }: SubscriptionBody,
  target: Target,
): WholeSubscription {
  return { wish: wholeWish(given), target, names };
}

export function refused(answer: Response): Planned<Response> {
  return { write: null, result: answer };
}

function nameTaken({ id, wish }: StoredSubscription): Response {
  const detail = `name: ${JSON.stringify(wish.name)} is taken by ${id}; no two subscriptions may have the same.`;
  return problem(409, "name_taken", detail, { id });
}

function tooMany(): Response {
  const detail = `There are ${SUBSCRIPTIONS_MAX} subscriptions, as many as there may be: delete one first.`;
  return problem(409, "too_many_subscriptions", detail);
}
