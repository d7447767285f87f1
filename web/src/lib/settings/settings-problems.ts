/** What is wrong in a draft, beside the field that it is wrong in. */
import { parseSettingsPatch } from "../../../../domain/settings-file.ts";
import { plainly } from "./settings-form.ts";
import { FIELD_NAMES, type Draft, type FieldName } from "./settings-edit.ts";

export type FieldProblems = Readonly<Partial<Record<FieldName, readonly string[]>>>;

/** By field, each a sentence; judged by the very schema that the server judges by. */
export function problemsOf(draft: Draft): FieldProblems {
  const parsed = parseSettingsPatch(JSON.stringify(draft));
  if (parsed.ok) return {};
  const problems: Partial<Record<FieldName, string[]>> = {};
  for (const { path, message } of parsed.problems) {
    const name = FIELD_NAMES.find((own) => path === own || path.startsWith(`${own}.`) || path.startsWith(`${own}[`));
    // Too large as a whole: no one field is at fault, and endpoints are what grows.
    const field = name ?? "endpoints";
    (problems[field] ??= []).push(sentence(path.slice(field.length), plainly(message)));
  }
  return problems;
}

/** "It must be …", "runbook must be …", "Entry 2 must be …", "/cart/pay must be …" */
function sentence(below: string, message: string): string {
  const entry = /^\.?\[(\d+)\]$/.exec(below) ?? /^\.\w+\[(\d+)\]$/.exec(below);
  if (entry !== null) return `Entry ${Number(entry[1]) + 1} ${message}.`;
  const named = /^\["(.+)"\](?:\.sla_ms)?$/.exec(below)?.[1] ?? /^\.([\w$]+)/.exec(below)?.[1];
  return named === undefined ? `It ${message}.` : `${named} ${message}.`;
}
