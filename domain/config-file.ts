/** `faultline.config.json`: the settings document, and beside it who hears of incidents (`subscriptions`) and when not (`silences`). */
import { parseRfc3339 } from "./rfc3339.ts";
import { SETTINGS_DOCUMENT_FIELDS, type SettingsDocument } from "./settings-document.ts";
import { members } from "./settings-fields.ts";
import { parse, type Parsed, type SettingsProblem } from "./settings-file.ts";
import { silenceProblems, wholeSilence } from "./silence-schema.ts";
import { targetProblems, wholeTarget } from "./subscription-target-schema.ts";
import { AS_CODE_FIELDS, type AsCode } from "./subscriptions-as-code.ts";
import { checkTarget } from "./target-check.ts";
import { envOf, resolveNames } from "./target-names.ts";
import { parseAllowedTargets } from "./target-url.ts";

/** In UTF-8: as much as both parts may have together where they are stored. */
export const CONFIG_BYTES_MAX = 589_824;
/** Problems that are named; a file with more is wrong as a whole. */
const PROBLEMS_MAX = 50;

export const configFileSchema = members({ ...SETTINGS_DOCUMENT_FIELDS, ...AS_CODE_FIELDS });

/** The parts of a file, which are stored apart. */
export interface ConfigFile {
  /** Null where the file has none of its members. */
  readonly settings: SettingsDocument | null;
  readonly as_code: AsCode;
}

/**
 * The parts of a file, or all that is wrong by its schema; where nothing is, all that no schema says. The ends of silences are held
 * against `now_ms`. Names of environment variables are not looked up, and which hosts may be sent to the server alone knows.
 */
export function parseConfigFile(text: string, now_ms: number): Parsed<ConfigFile> {
  const parsed = parseConfigBySchema(text);
  if (!parsed.ok) return parsed;
  const { subscriptions = [], silences = [] } = parsed.document.as_code;
  const problems = [
    ...under("subscriptions", subscriptions, ({ target }) => unreachable(target)),
    ...under("silences", silences, (silence) => untimely(silence, now_ms)),
    ...repeated(
      "subscriptions",
      "name",
      subscriptions.map(({ name }) => name),
    ),
    ...repeated(
      "silences",
      "comment",
      silences.map(({ comment }) => comment),
    ),
  ];
  return problems.length === 0 ? parsed : { ok: false, problems: problems.slice(0, PROBLEMS_MAX) };
}

export function parseConfigBySchema(text: string): Parsed<ConfigFile> {
  // What stands in a target may be a secret.
  const parsed = parse(configFileSchema, text, CONFIG_BYTES_MAX, (path) => path.startsWith("subscriptions"));
  if (!parsed.ok) return parsed;
  const { subscriptions, silences, ...settings } = parsed.document;
  const has_settings = Object.keys(settings).some((name) => name !== "$schema");
  const as_code = {
    ...(subscriptions === undefined ? {} : { subscriptions }),
    ...(silences === undefined ? {} : { silences }),
  };
  return { ok: true, document: { settings: has_settings ? settings : null, as_code } };
}

type Subscription = NonNullable<AsCode["subscriptions"]>[number];
type Silence = NonNullable<AsCode["silences"]>[number];

/** What stands for a secret that is given by name. */
const SOME_URL = "https://hooks.example.org/";

function unreachable(named: Subscription["target"]): SettingsProblem[] {
  const target = wholeTarget(resolveNames(named, () => SOME_URL).target);
  // The list of allowed hosts gives a star a meaning, which it has in no address.
  const urlOf = (value: unknown): string =>
    typeof value === "string" && URL.canParse(value) && !new URL(value).host.includes("*") ? value : SOME_URL;
  const urls = [urlOf("url" in target ? target.url : null), urlOf("api_url" in target ? target.api_url : null)];
  const allowed = parseAllowedTargets(urls.map((url) => new URL(url).host).join(","));
  const isNamed = "url" in named && envOf(named.url) !== null;
  // A template may lead to the host of an address that is not known here.
  const known = checkTarget(target, allowed).filter(({ path }) => !isNamed || !path.endsWith("url"));
  return [...targetProblems(target), ...known];
}

/** What is over may stay in a file: the server leaves it out. */
function untimely(silence: Silence, now_ms: number): SettingsProblem[] {
  const whole = wholeSilence(silence, now_ms);
  return parseRfc3339(whole.ends_at) <= now_ms ? [] : silenceProblems(whole, now_ms);
}

function under<T>(list: string, entries: readonly T[], problemsOf: (entry: T) => SettingsProblem[]): SettingsProblem[] {
  return entries.flatMap((entry, at) =>
    problemsOf(entry).map(({ path, message }) => ({ path: `${list}[${at}].${path}`, message })),
  );
}

/** By what an entry is known no other may be. */
function repeated(list: string, key: string, values: readonly string[]): SettingsProblem[] {
  return values.flatMap((value, at) => {
    const first = values.indexOf(value);
    if (first === at) return [];
    return [{ path: `${list}[${at}].${key}`, message: `must be another than that of ${list}[${first}]` }];
  });
}
