/** A plan for people: what would be created, changed and deleted, with the members that differ; never a secret. */
import type { ConfigFile } from "../../domain/config-file.ts";
import type { AsCode, AsCodeChange } from "../../domain/subscriptions-as-code.ts";
import { wholeWish } from "../../domain/subscription-schema.ts";
import { envOf } from "../../domain/target-names.ts";
import { counted, printable } from "../plain-text.ts";
import type { ConfigPlan } from "./config-plan.ts";
import type { DocumentChange } from "./document-changes.ts";

const VALUE_LENGTH_MAX = 120;
const SIGNS = { create: "+", update: "~", delete: "-", unchanged: " " } as const;
/** Members of a target that are no secret, whatever stands in them. */
const SHOWN_OF_TARGET: ReadonlySet<string> = new Set(["type", "preset", "channel"]);

type Entry = Readonly<Record<string, unknown>>;

export function planLines(plan: ConfigPlan, { as_code }: ConfigFile): string[] {
  const { settings, changes, stored, is_pending } = plan;
  const done = changes.filter(({ kind }) => kind !== "unchanged");
  const lines = done.flatMap((change) =>
    changeLines(change, entryOf(as_code, change), stored && entryOf(stored, change)),
  );
  const differs = settings === null ? [] : settings.changes;
  const settingsLines = differs.length === 0 ? [] : ["~ settings", ...differs.map((one) => `    ${differenceOf(one)}`)];
  const pendingLines = is_pending ? ["~ what is stored already does not hold yet: the Fleet has to be told"] : [];
  return [...settingsLines, ...lines, ...pendingLines].map(printable);
}

/** "1 to create, 2 to change, 1 to delete; 12 stay as they are." */
export function summaryOf({ settings, changes }: ConfigPlan, verbs: "to do" | "done"): string {
  const words = verbs === "done" ? ["created", "changed", "deleted"] : ["to create", "to change", "to delete"];
  const counts = (["create", "update", "delete"] as const).map(
    (kind, at) => `${changes.filter((change) => change.kind === kind).length} ${words[at]}`,
  );
  const same = changes.filter(({ kind }) => kind === "unchanged").length;
  const differs = settings?.changes.length ?? 0;
  const ofSettings =
    settings === null
      ? ""
      : `${differs === 0 ? "no" : differs} ${differs === 1 ? "setting" : "settings"} ${words[1]}; `;
  return `${ofSettings}${counts.join(", ")}; ${same} ${same === 1 ? "stays as it is" : "stay as they are"}.`;
}

function changeLines({ kind, what, name, fields }: AsCodeChange, entry: Entry | null, before: Entry | null): string[] {
  const head = `${SIGNS[kind]} ${what} ${JSON.stringify(name)}`;
  if (kind === "create" && entry !== null) return [head, ...wholeLines(entry)];
  return [head, ...fields.map((field) => `    ${field}: ${fieldWords(field, entry, before)}`)];
}

/** All that is given of a new one. */
function wholeLines(entry: Entry): string[] {
  return Object.entries(entry).flatMap(([member, value]) => {
    if (member === "name" || member === "comment") return [];
    if (member !== "target") return [`    ${member}: ${shown(value)}`];
    return Object.entries(value as Entry).map(([own, inner]) => `    target.${own}: ${targetWords(own, inner)}`);
  });
}

function targetWords(member: string, value: unknown): string {
  return SHOWN_OF_TARGET.has(member) ? shown(value) : secretWords(value);
}

function fieldWords(field: string, entry: Entry | null, before: Entry | null): string {
  const value = memberOf(entry, field);
  if (field.startsWith("target.") && !SHOWN_OF_TARGET.has(field.slice("target.".length)))
    return value === undefined ? "taken away" : `changed, ${secretWords(value)}`;
  if (field === "names") return "its secrets come by other names";
  return before === null ? shown(value) : `${shown(memberOf(before, field))} -> ${shown(value)}`;
}

/** Where something comes from, instead of what it is. */
function secretWords(value: unknown): string {
  const names = namesIn(value);
  return names.length === 0 ? "not shown" : `from ${names.join(", ")}`;
}

function namesIn(value: unknown): string[] {
  const env = envOf(value);
  if (env !== null) return [env];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(namesIn) : [];
}

/** `target.headers.X-Team`: names of headers have no points; those of templates and parameters neither. */
function memberOf(entry: Entry | null, field: string): unknown {
  return field.split(".").reduce<unknown>((part, name) => (isEntry(part) ? part[name] : undefined), entry);
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null;
}

function differenceOf({ path, before, after }: DocumentChange): string {
  if (before === undefined) return `${path}: ${shown(after)} (new)`;
  return `${path}: ${shown(before)} -> ${after === undefined ? "(taken away)" : shown(after)}`;
}

function shown(value: unknown): string {
  const json = value === undefined ? "(not set)" : JSON.stringify(value);
  return json.length <= VALUE_LENGTH_MAX ? json : `${json.slice(0, VALUE_LENGTH_MAX)}…`;
}

/** What a file says of it; of what is there already with what the file leaves out, which is what would hold. */
function entryOf({ subscriptions = [], silences = [] }: AsCode, { kind, what, name }: AsCodeChange): Entry | null {
  if (what === "silence") return silences.find(({ comment }) => comment === name) ?? null;
  const entry = subscriptions.find((own) => own.name === name);
  if (entry === undefined) return null;
  return kind === "create" ? entry : { ...entry, ...wholeWish(entry) };
}

/** "3 subscriptions and 1 silence". */
export function holdingsOf({ subscriptions = [], silences = [] }: AsCode): string {
  return `${counted(subscriptions.length, "subscription")} and ${counted(silences.length, "silence")}`;
}
