/** What of the settings document belongs to one target, and the document with that part changed. */
import { defaultSettings, type ServiceSettings } from "../../../../domain/settings.ts";
import { patchSettings, type SettingsDocument, type SettingsPatch } from "../../../../domain/settings-document.ts";
import { SERVICE_FIELDS } from "../../../../domain/settings-fields.ts";
import { isMatch } from "../../../../domain/name-pattern.ts";
import { isPattern, type SettingsTarget } from "./settings-target.ts";

export type FieldName = keyof ServiceSettings;
export const FIELD_NAMES = Object.keys(SERVICE_FIELDS) as readonly FieldName[];

/** Fields as somebody is setting them: whether a value is right, the schema says. */
export type Draft = Readonly<Partial<Record<FieldName, unknown>>>;

/** Where a value comes from that is not set here: an entry's `match`, "all services", or Faultline itself. */
export interface Inherited {
  readonly settings: ServiceSettings;
  readonly origins: Readonly<Record<FieldName, string>>;
}

type Entry = NonNullable<SettingsDocument["services"]>[number];

/** The fields that the target itself sets; of several entries with one `match` the last with a field counts. */
export function ownPatch(document: SettingsDocument, { match }: SettingsTarget): Draft {
  if (match === null) return document.defaults ?? {};
  const { match: _, ...patch } = Object.assign({}, ...entriesFor(document, match)) as Partial<Entry>;
  return patch;
}

function entriesFor({ services = [] }: SettingsDocument, match: string): readonly Entry[] {
  return services.filter((entry) => entry.match === match);
}

/**
 * The document with these fields, and no others, set by the target. An entry with a service's whole name moves to the end where a
 * later one would win over it: it concerns no other service.
 */
export function withDraft(document: SettingsDocument, target: SettingsTarget, draft: Draft): unknown {
  const { match } = target;
  const isEmpty = Object.keys(draft).length === 0;
  if (match === null) {
    const { defaults: _, ...rest } = document;
    return isEmpty ? rest : { ...rest, defaults: draft };
  }
  const { services = [] } = document;
  const at = services.findIndex((entry) => entry.match === match);
  const others = services.filter((entry) => entry.match !== match);
  const isBeaten = services.slice(at + 1).some((entry) => entry.match !== match && isMatch(entry.match, match));
  const place = at === -1 || (isBeaten && !isPattern(target)) ? others.length : Math.min(at, others.length);
  const entries = isEmpty ? others : others.toSpliced(place, 0, { match, ...draft } as Entry);
  const { services: _, ...rest } = document;
  return entries.length === 0 ? rest : { ...rest, services: entries };
}

/**
 * What holds for the target where it sets nothing itself. For a pattern that is what holds for all services: other entries may
 * say otherwise for some of those it fits.
 */
export function inheritedBy(document: SettingsDocument, target: SettingsTarget): Inherited {
  const { defaults = {}, services = [] } = document;
  const { match } = target;
  const isService = match !== null && !isPattern(target);
  const layers: { readonly origin: string; readonly patch: SettingsPatch }[] = [];
  if (match !== null) layers.push({ origin: "all services", patch: defaults });
  if (isService) {
    for (const entry of services) {
      const { match: pattern, ...patch } = entry;
      if (pattern !== match && isMatch(pattern, match)) layers.push({ origin: pattern, patch });
    }
  }
  let settings = defaultSettings(isService ? match : "");
  const origins = Object.fromEntries(FIELD_NAMES.map((name) => [name, "Faultline"])) as Record<FieldName, string>;
  for (const { origin, patch } of layers) {
    settings = patchSettings(settings, patch);
    for (const name of FIELD_NAMES) if (Object.hasOwn(patch, name)) origins[name] = origin;
  }
  return { settings, origins };
}

/** A field's value where it is set here. Links are taken one by one: those that are not set here are the inherited ones. */
export function setValue(draft: Draft, { settings }: Inherited, name: FieldName): unknown {
  return name === "links" ? { ...settings.links, ...(draft.links as object) } : draft[name];
}

/** Whether two values of a field are the same. */
export function isSameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The fields in which two drafts differ, in the order in which they are shown. */
export function changedFields(a: Draft, b: Draft): FieldName[] {
  return FIELD_NAMES.filter((name) => !isSameValue(a[name], b[name]));
}

/**
 * A draft over a newer version: fields that were not touched are as the newer version has them. `conflicts`: those that were
 * changed on both sides, each differently; the draft keeps its own.
 */
export function rebase(
  before: Draft,
  draft: Draft,
  newer: Draft,
): { readonly draft: Draft; readonly conflicts: readonly FieldName[] } {
  const touched = new Set(changedFields(before, draft));
  const kept = FIELD_NAMES.flatMap((name): [FieldName, unknown][] => {
    const from = touched.has(name) ? draft : newer;
    return Object.hasOwn(from, name) ? [[name, from[name]]] : [];
  });
  const conflicts = changedFields(before, newer).filter(
    (name) => touched.has(name) && !isSameValue(draft[name], newer[name]),
  );
  return { draft: Object.fromEntries(kept), conflicts };
}
