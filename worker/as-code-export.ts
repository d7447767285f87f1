/** The stored subscriptions and silences as they can stand in a file: each secret by the name of a variable. */
import type { StoredSubscription } from "../domain/subscription.ts";
import type { AsCode } from "../domain/subscriptions-as-code.ts";
import type { Silence } from "../domain/silencing.ts";
import { PAGERDUTY_URL, SLACK_API_URL } from "../domain/target-view.ts";
import type { Target } from "../domain/target.ts";
import { keyedSilences } from "./as-code-plan.ts";
import { secretMembers } from "./subscription-members.ts";

type SubscriptionCode = NonNullable<AsCode["subscriptions"]>[number];
type SilenceCode = NonNullable<AsCode["silences"]>[number];

/** By name, as they are stored. Two members never get the same name. */
export function subscriptionsCode(
  opened: readonly { readonly stored: StoredSubscription; readonly target: Target }[],
): SubscriptionCode[] {
  const used = new Set(opened.flatMap(({ stored }) => Object.values(stored.target.names)));
  return opened.map(({ stored, target }) => {
    const nameOf = (member: string): string => stored.target.names[member] ?? freeName(stored.wish.name, member, used);
    return {
      ...stored.wish,
      services: [...stored.wish.services],
      changes: [...stored.wish.changes],
      target: targetCode(target, nameOf),
    };
  });
}

/** `SUBSCRIPTION_<NAME>_<MEMBER>`, with a number where it is taken. */
function freeName(name: string, member: string, used: Set<string>): string {
  const word = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
  const base = `SUBSCRIPTION_${word(name)}_${word(member)}`.replaceAll(/_+/g, "_").replace(/_$/, "").slice(0, 95);
  let free = base;
  for (let number = 2; used.has(free); number += 1) free = `${base}_${number}`;
  used.add(free);
  return free;
}

/** What is as it would be if it were left out is left out. */
function targetCode(target: Target, nameOf: (member: string) => string): SubscriptionCode["target"] {
  const secrets = secretMembers(target);
  const coded = (value: unknown, path: string): unknown => {
    if (secrets.has(path) && typeof value === "string") return { env: nameOf(path) };
    if (Array.isArray(value)) return value.map((inner, at) => coded(inner, `${path}.${at}`));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, coded(inner, `${path}.${name}`)]));
  };
  const members = Object.entries(target).filter(([name, value]) => !isDefault(name, value));
  return Object.fromEntries(members.map(([name, value]) => [name, coded(value, name)])) as SubscriptionCode["target"];
}

function isDefault(name: string, value: unknown): boolean {
  if (value === null) return true;
  if (name === "api_url") return value === SLACK_API_URL;
  if (name === "url") return value === PAGERDUTY_URL;
  return typeof value === "object" && Object.keys(value).length === 0;
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
