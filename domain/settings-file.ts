/** From the text of a settings document to what it says, or to all that is wrong in it: each with its path and what would be right. */
import * as v from "valibot";
import {
  type SettingsDocument,
  settingsDocumentSchema,
  type SettingsPatch,
  settingsPatchSchema,
} from "./settings-document.ts";

export const SETTINGS_FILE = "faultline.config.json";
/** In UTF-8. The whole document goes to the Fleet in one row and one call. */
export const SETTINGS_BYTES_MAX = 65_536;
/** Problems that are named; a file with more is wrong as a whole. */
const PROBLEMS_MAX = 50;
const SHOWN_LENGTH_MAX = 60;

/** `path` as in `services[2].links.runbook`; empty for the document itself. */
export interface SettingsProblem {
  readonly path: string;
  readonly message: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly document: T }
  | { readonly ok: false; readonly problems: readonly SettingsProblem[] };

export type ParsedSettings = Parsed<SettingsDocument>;

export function parseSettings(text: string): ParsedSettings {
  return parse(settingsDocumentSchema, text);
}

/** The same for a change to one service's settings, as an entry of a document without its pattern. */
export function parseSettingsPatch(text: string): Parsed<SettingsPatch> {
  return parse(settingsPatchSchema, text);
}

/** @param isSecret whether what stands there is to be shown to nobody, by its path; then broken JSON is not shown either */
export function parse<T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
  bytes_max = SETTINGS_BYTES_MAX,
  isSecret: ((path: string) => boolean) | null = null,
): Parsed<T> {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > bytes_max) return wrong(`must have at most ${bytes_max} bytes, not ${bytes}`);
  let content: unknown;
  try {
    // Editors of some systems begin a file with a byte order mark, which is no JSON.
    content = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // As in: Unexpected token '}', ..."ssword":},"x" is not valid JSON
    return wrong(`must be JSON: ${isSecret === null ? reason : reason.replace(/, (?:\.\.\.)?".*$/s, "")}`);
  }
  const parsed = v.safeParse(schema, content);
  if (parsed.success) return { ok: true, document: parsed.output };
  // A value that breaks two rules with the same words (404.5 is no whole number, and in no class) is told once.
  const problems = new Map<string, SettingsProblem>();
  for (const issue of parsed.issues) {
    const path = pathOf(issue);
    const problem = { path, message: isSecret?.(path) === true ? issue.message : messageOf(issue) };
    problems.set(problemSentence(problem), problem);
  }
  return { ok: false, problems: [...problems.values()].slice(0, PROBLEMS_MAX) };
}

/** "services[0].sla_ms must be …, not 0" */
export function problemSentence({ path, message }: SettingsProblem): string {
  return `${path === "" ? "the document" : path} ${message}`;
}

function wrong(message: string): { ok: false; problems: readonly SettingsProblem[] } {
  return { ok: false, problems: [{ path: "", message }] };
}

/** Where in the document an issue lies: `services[2].links.runbook`. */
export function pathOf(issue: v.BaseIssue<unknown>): string {
  const steps = (issue.path ?? []).map(({ key }, at) => {
    if (typeof key === "number") return `[${key}]`;
    if (!/^[\w$]+$/.test(String(key))) return `[${shown(key)}]`;
    return at === 0 ? String(key) : `.${String(key)}`;
  });
  return steps.join("");
}

/** What would be right, and what was there; an unknown or a missing member says so itself. */
function messageOf(issue: v.BaseIssue<unknown>): string {
  return issue.type === "strict_object" ? issue.message : `${issue.message}, not ${shown(issue.input)}`;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= SHOWN_LENGTH_MAX ? json : `${json.slice(0, SHOWN_LENGTH_MAX)}…`;
}
