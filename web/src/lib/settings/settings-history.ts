/** What each version of the settings document changed, in words. */
import type { SettingsVersion } from "../../../../domain/resource.ts";
import type { SettingsDocument } from "../../../../domain/settings-document.ts";
import { changedFields, ownPatch } from "./settings-edit.ts";
import { fieldTitle } from "./settings-form.ts";
import { targetWords, type SettingsTarget } from "./settings-target.ts";
import { settingWords } from "./setting-words.ts";

export interface HistoryLine {
  readonly version: number;
  readonly at_ms: number;
  readonly by: string;
  /** "checkout: Latency promised 500 ms, was 300 ms" */
  readonly changes: readonly string[];
}

/**
 * @param versions the newest first, each compared with the next
 * @param complete whether the last of them is the first that there was; else it is only compared with, and stands in no line
 */
export function historyLines(versions: readonly SettingsVersion[], complete: boolean): HistoryLine[] {
  const told = complete ? versions : versions.slice(0, -1);
  return told.map(({ version, document, changed_at, changed_by }, at) => ({
    version,
    at_ms: Date.parse(changed_at ?? ""),
    by: changed_by ?? "",
    changes: changesBetween(versions[at + 1]?.document ?? {}, document),
  }));
}

function changesBetween(before: SettingsDocument, after: SettingsDocument): string[] {
  const matches = [...(before.services ?? []), ...(after.services ?? [])].map(({ match }) => match);
  const targets: SettingsTarget[] = [null, ...new Set(matches)].map((match) => ({ match }));
  const changes = targets.flatMap((target) => targetChanges(before, after, target));
  if (before.services_max !== after.services_max) {
    changes.push(`At most ${after.services_max ?? "as many services as Faultline has"} services`);
  }
  return changes.length === 0 ? ["The order of its entries"] : changes;
}

function targetChanges(before: SettingsDocument, after: SettingsDocument, target: SettingsTarget): string[] {
  const [was, is] = [ownPatch(before, target), ownPatch(after, target)];
  return changedFields(was, is).map((name) => {
    const old = Object.hasOwn(was, name) ? `was ${settingWords(name, was[name])}` : "was not set here";
    const now = Object.hasOwn(is, name) ? settingWords(name, is[name]) : "no longer set here";
    return `${targetWords(target)}: ${fieldTitle(name)} ${now}, ${old}`;
  });
}
