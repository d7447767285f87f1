/** By which names of variables the secrets of stored subscriptions stand in a file. */
import type { StoredSubscription } from "../domain/subscription.ts";
import { PAGERDUTY_URL, SLACK_API_URL } from "../domain/target-view.ts";
import type { Target } from "../domain/target.ts";
import { secretMembers } from "./subscription-members.ts";

export interface OpenedSubscription {
  readonly stored: StoredSubscription;
  readonly target: Target;
}

/**
 * The names under which the secret members of each stand in a file, by its id and member: those that they came by, else names that
 * tell what they are. The same ones for the same subscriptions; two members never get the same name.
 */
export function codeNames(
  opened: readonly OpenedSubscription[],
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const used = new Set(opened.flatMap(({ stored }) => Object.values(stored.target.names)));
  return new Map(
    opened.map(({ stored, target }) => {
      const members = [...secretMembers(target)].filter(([member, value]) => !isDefault(member, value));
      const names = members.map(([member]) => {
        return [member, stored.target.names[member] ?? freeName(stored.wish.name, member, used)] as const;
      });
      return [stored.id, Object.fromEntries(names)];
    }),
  );
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

/** Whether a member of a target is as it would be if it were left out: then no file has it. */
export function isDefault(name: string, value: unknown): boolean {
  if (value === null) return true;
  if (name === "api_url") return value === SLACK_API_URL;
  if (name === "url") return value === PAGERDUTY_URL;
  return typeof value === "object" && Object.keys(value).length === 0;
}
