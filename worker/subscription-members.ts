/** The members of subscriptions and targets: which of them differ, and by which names the secret ones came. */
import { secretsOf } from "../domain/target-view.ts";
import type { Target } from "../domain/target.ts";
import type { SubscriptionWish } from "../domain/subscription.ts";

/** What opens something, by member: `url`, `headers.Authorization`, `secrets.0`. */
export function secretMembers(target: Target): ReadonlyMap<string, string> {
  const all = secretsOf(target).flatMap(({ path, values }): [string, string][] => {
    const member = path.join(".");
    return member === "secrets"
      ? values.map((value, at) => [`secrets.${at}`, value])
      : values.map((value) => [member, value]);
  });
  return new Map(all);
}

/**
 * By which names the secret members of a target came: `given` ones, and of those that have not changed what was known before.
 * Names of what is no secret member are dropped.
 */
export function namesOf(
  target: Target,
  given: Readonly<Record<string, string>>,
  before: { readonly target: Target; readonly names: Readonly<Record<string, string>> } | null,
): Readonly<Record<string, string>> {
  const old = before === null ? new Map<string, string>() : secretMembers(before.target);
  const names = [...secretMembers(target)].flatMap(([member, value]) => {
    const known = old.get(member) === value ? before?.names[member] : undefined;
    const name = Object.hasOwn(given, member) ? given[member] : known;
    return name === undefined ? [] : [[member, name] as const];
  });
  return Object.fromEntries(names);
}

/** The members of two wishes that differ, with both values. */
export function changedMembers(
  before: SubscriptionWish,
  after: SubscriptionWish,
): Readonly<Record<string, readonly [before: unknown, after: unknown]>> {
  const names = Object.keys(after) as (keyof SubscriptionWish)[];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, [before[name], after[name]] as const]));
}

/** The members of two targets that differ, by name alone: `url`, `headers.Authorization`, `templates.opened`. */
export function changedTargetMembers(before: Target, after: Target): readonly string[] {
  if (before.type !== after.type) return ["type"];
  const [old, own] = [membersOf(before), membersOf(after)];
  const names = new Set([...old.keys(), ...own.keys()]);
  return [...names].filter((name) => old.get(name) !== own.get(name)).toSorted();
}

function membersOf(target: Target): ReadonlyMap<string, string> {
  const all = Object.entries(target).flatMap(([name, value]: [string, unknown]): [string, string][] => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [[name, JSON.stringify(value)]];
    return Object.entries(value).map(([own, inner]) => [`${name}.${own}`, canonical(inner)]);
  });
  return new Map(all);
}

/** JSON whose members are in one order. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}
