/** A target on its way in: whole, checked against what may be reached, or refused with the member that is wrong. */
import { parseBySchema } from "../domain/subscription-schema.ts";
import {
  targetPatchSchema,
  targetProblems,
  targetSchema,
  type TargetWish,
  wholeTarget,
} from "../domain/subscription-target-schema.ts";
import type { SettingsProblem } from "../domain/settings-file.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import { checkTarget } from "../domain/target-check.ts";
import { parseAllowedTargets } from "../domain/target-url.ts";
import { mergeTarget } from "../domain/target-view.ts";
import type { Target } from "../domain/target.ts";
import { wrongBody } from "./checked-body.ts";
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";
import { SealedForGood, unsealTarget } from "./seal.ts";

/** All that is wrong with it; empty: nothing. @throws Error that names ALLOWED_TARGETS where that cannot be read */
export function problemsOf(target: Target, env: Pick<Env, "ALLOWED_TARGETS">): SettingsProblem[] {
  const own = targetProblems(target);
  return own.length > 0 ? own : checkTarget(target, parseAllowedTargets(env.ALLOWED_TARGETS));
}

/** The whole target, or the 422 that names what is wrong. */
export function checkedTarget(given: TargetWish, env: Env, word: string): Target | Response {
  return checked(wholeTarget(given), env, word);
}

/** The target as it is stored; null where it was sealed with another key, so that all of it has to be given again. */
export async function openedTarget({ sealed_target }: StoredSubscription, key: string): Promise<Target | null> {
  try {
    return await unsealTarget(sealed_target, key);
  } catch (error) {
    if (!(error instanceof SealedForGood)) throw error;
    return null;
  }
}

export interface TargetChange {
  /** As the body has it; undefined: nothing was said. */
  readonly patch: unknown;
  readonly opened: Target | null;
  readonly stored: StoredSubscription;
  readonly env: Env;
}

/** What a change makes of a stored target, or the answer that refuses it. */
export function patchedTarget({ patch, opened, stored, env }: TargetChange, word: string): Target | Response {
  if (patch === undefined) return opened ?? sealedForGood(stored);
  const isObject = typeof patch === "object" && patch !== null && !Array.isArray(patch);
  const content = isObject ? { type: stored.target.type, ...patch } : patch;
  const parsed = parseBySchema(targetPatchSchema, content);
  if (!parsed.ok) return wrongBody(word, inTarget(parsed.problems));
  const merged = mergeTarget(opened, parsed.document);
  if (!merged.ok) return wrongBody(word, [{ path: `target.${merged.field}`, message: merged.problem }]);
  // What was left out of a new one is empty, and not right.
  const whole = parseBySchema(targetSchema, merged.target);
  return whole.ok ? checked(merged.target, env, word) : wrongBody(word, inTarget(whole.problems));
}

function checked(target: Target, env: Env, word: string): Target | Response {
  const problems = problemsOf(target, env);
  return problems.length === 0 ? target : wrongBody(word, problems);
}

function inTarget(problems: readonly SettingsProblem[]): SettingsProblem[] {
  return problems.map(({ path, message }) => {
    if (path === "") return { path: "target", message };
    return { path: path.startsWith("[") ? `target${path}` : `target.${path}`, message };
  });
}

export function sealedForGood({ id, wish }: Pick<StoredSubscription, "id" | "wish">): Response {
  const detail = `The target of ${JSON.stringify(wish.name)} was stored with another SUBSCRIPTION_KEY: give its target again, or set the key that it was.`;
  return problem(409, "sealed_for_good", detail, { id });
}
