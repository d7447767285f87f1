/** The stored subscriptions and silences as they can stand in a file: each secret by the name of a variable. */
import type { AsCode } from "../domain/subscriptions-as-code.ts";
import type { Silence } from "../domain/silencing.ts";
import type { Target } from "../domain/target.ts";
import { codeNames, isDefault, type OpenedSubscription } from "./as-code-names.ts";
import { keyedSilences } from "./as-code-plan.ts";

type SubscriptionCode = NonNullable<AsCode["subscriptions"]>[number];
type SilenceCode = NonNullable<AsCode["silences"]>[number];

/** By name, as they are stored. */
export function subscriptionsCode(opened: readonly OpenedSubscription[]): SubscriptionCode[] {
  const names = codeNames(opened);
  return opened.map(({ stored, target }) => ({
    ...stored.wish,
    services: [...stored.wish.services],
    changes: [...stored.wish.changes],
    target: targetCode(target, names.get(stored.id)!),
  }));
}

/** What is as it would be if it were left out is left out. */
function targetCode(target: Target, names: Readonly<Record<string, string>>): SubscriptionCode["target"] {
  const coded = (value: unknown, path: string): unknown => {
    if (Object.hasOwn(names, path) && typeof value === "string") return { env: names[path] };
    if (Array.isArray(value)) return value.map((inner, at) => coded(inner, `${path}.${at}`));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, coded(inner, `${path}.${name}`)]));
  };
  const members = Object.entries(target).filter(([name, value]) => !isDefault(name, value));
  return Object.fromEntries(members.map(([name, value]) => [name, coded(value, name)])) as SubscriptionCode["target"];
}

export function silencesCode(silences: readonly Silence[]): SilenceCode[] {
  return keyedSilences(silences).map(([comment, { services, endpoint, severities, starts_at, ends_at, weekly }]) => ({
    services: [...services],
    ...(endpoint === null ? {} : { endpoint }),
    ...(severities === null ? {} : { severities: [...severities] }),
    starts_at,
    ends_at,
    ...(weekly === null ? {} : { weekly: { ...weekly, days: [...weekly.days] } }),
    comment,
  }));
}
