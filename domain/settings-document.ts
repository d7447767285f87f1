/** The settings document (`faultline.config.json`): defaults, and what differs for services by patterns over their names. */
import * as v from "valibot";
import { isMatch } from "./name-pattern.ts";
import { defaultSettings, type ServiceSettings } from "./settings.ts";
import { members, PATCH_FIELDS } from "./settings-fields.ts";

const ENTRIES_MAX = 1_000;
/** How many services there may be where nothing else is set. */
export const SERVICES_MAX_DEFAULT = 2_000;

const SERVICES_RIGHT = "must be a whole number from 1 to 100000";
const MATCH_RIGHT = 'must be a service\'s name, or a pattern of one with "*" for any characters, as checkout-*';

/** The members of a document, in the order of the JSON schema. */
export const SETTINGS_DOCUMENT_FIELDS = {
  $schema: v.exactOptional(
    v.pipe(v.string("must be the address of a JSON schema"), v.description("Where editors find the JSON schema.")),
  ),
  services_max: v.exactOptional(
    v.pipe(
      v.number(SERVICES_RIGHT),
      v.integer(SERVICES_RIGHT),
      v.minValue(1, SERVICES_RIGHT),
      v.maxValue(100_000, SERVICES_RIGHT),
      v.description(
        `How many services there may be; events of more are rejected. ${SERVICES_MAX_DEFAULT} if left out.`,
      ),
    ),
  ),
  defaults: v.exactOptional(
    v.pipe(members(PATCH_FIELDS), v.description("What holds for every service, instead of what Faultline has.")),
  ),
  services: v.exactOptional(
    v.pipe(
      v.array(
        members({
          match: v.pipe(
            v.string(MATCH_RIGHT),
            v.regex(/^[a-z0-9._*-]{1,100}$/, MATCH_RIGHT),
            v.description("The services it is for: a name, or a pattern with * for any characters."),
          ),
          ...PATCH_FIELDS,
        }),
        "must be a list of entries",
      ),
      v.maxLength(ENTRIES_MAX, `must have at most ${ENTRIES_MAX} entries`),
      v.description("What differs for some services: of all entries that match, the last one with a field counts."),
    ),
  ),
};

export const settingsDocumentSchema = members(SETTINGS_DOCUMENT_FIELDS);

export type SettingsDocument = v.InferOutput<typeof settingsDocumentSchema>;
export type SettingsPatch = NonNullable<SettingsDocument["defaults"]>;

/** The schema of a change to one service's settings: a document's entry without its pattern. */
export const settingsPatchSchema = members(PATCH_FIELDS);

/**
 * What holds for a service under a document: each field from the last matching entry that has it, else from `defaults`, else
 * as `defaultSettings` has it. Fields are taken whole; only `links` are taken one by one. The order of fields is always the same.
 */
export function resolveSettings(document: SettingsDocument, service: string): ServiceSettings {
  const { defaults = {}, services = [] } = document;
  const entries = services.filter(({ match }) => isMatch(match, service));
  return [defaults, ...entries].reduce(patchSettings, defaultSettings(service));
}

/** Settings with the fields of a patch instead. */
export function patchSettings(settings: ServiceSettings, patch: SettingsPatch): ServiceSettings {
  return {
    sla_ms: patch.sla_ms === undefined ? settings.sla_ms : patch.sla_ms,
    endpoints: patch.endpoints ?? settings.endpoints,
    slo: patch.slo === undefined ? settings.slo : patch.slo,
    errors: patch.errors ?? settings.errors,
    detectors: patch.detectors ?? settings.detectors,
    sensitivity: patch.sensitivity ?? settings.sensitivity,
    exclude: patch.exclude ?? settings.exclude,
    disorder_s: patch.disorder_s ?? settings.disorder_s,
    owner: patch.owner === undefined ? settings.owner : patch.owner,
    links: { ...settings.links, ...patch.links },
  };
}
