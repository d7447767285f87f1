/** The form of the settings, made from their schema: a field that is added there appears here. */
import { type JsonSchema, jsonSchemaOf } from "../../../../domain/json-schema.ts";
import { SERVICE_FIELDS } from "../../../../domain/settings-fields.ts";
import { FIELD_NAMES, type FieldName } from "./settings-edit.ts";

/**
 * How one value is set. `nullable`: leaving it empty means null. `codes`: a short list of words and numbers in a line; `lines`: one
 * text a line; `table`: a number for each of some names, as their `member`.
 */
export type PlainControl =
  | { readonly kind: "number"; readonly nullable: boolean; readonly min: number; readonly max: number }
  | { readonly kind: "text"; readonly nullable: boolean }
  | { readonly kind: "choices"; readonly options: readonly string[] }
  | { readonly kind: "codes" }
  | { readonly kind: "lines" }
  | { readonly kind: "table"; readonly member: string };

/** Several values under their names. */
export interface GroupControl {
  readonly kind: "group";
  readonly nullable: boolean;
  readonly members: readonly { readonly name: string; readonly about: string; readonly control: PlainControl }[];
}

export type Control = PlainControl | GroupControl;

export interface FormField {
  readonly name: FieldName;
  readonly title: string;
  /** What it means, as the schema describes it. */
  readonly about: string;
  readonly unit: string;
  readonly control: Control;
}

/** How a field is called on the page, and its unit. */
const TITLES: Readonly<Record<FieldName, readonly [title: string, unit: string]>> = {
  sla_ms: ["Latency promised", "ms"],
  endpoints: ["Latency promised, by endpoint", "ms"],
  slo: ["Objective", ""],
  errors: ["Errors", ""],
  detectors: ["Detectors", ""],
  sensitivity: ["Sensitivity", "false alarms a day"],
  exclude: ["Not judged", ""],
  disorder_s: ["Disorder", "s"],
  owner: ["Owner", ""],
  links: ["Links", ""],
};

export function fieldTitle(name: FieldName): string {
  return TITLES[name][0];
}

export function fieldUnit(name: FieldName): string {
  return TITLES[name][1];
}

/** All fields in the order in which they are shown. @throws for a schema that no control is known for */
export function formFields(): FormField[] {
  return FIELD_NAMES.map((name) => {
    const schema = jsonSchemaOf(SERVICE_FIELDS[name]);
    const [title, unit] = TITLES[name];
    return { name, title, about: aboutOf(schema), unit, control: controlOf(schema) };
  });
}

function aboutOf(schema: JsonSchema): string {
  return typeof schema["description"] === "string" ? plainly(schema["description"]) : "";
}

/** The schema's words for a file in those of a form: there is no null to type, and no code to set off. */
export function plainly(words: string): string {
  return words.replaceAll(/\bnull\b/g, "left empty").replaceAll("`", "");
}

export function controlOf(schema: JsonSchema): Control {
  const options = schema["anyOf"] as readonly JsonSchema[] | undefined;
  const [first, second] = options ?? [];
  if (first?.["type"] === "null" && second !== undefined) return nullable(controlOf(second));
  switch (schema["type"]) {
    case "number":
    case "integer":
      return {
        kind: "number",
        nullable: false,
        min: schema["minimum"] as number,
        max: schema["maximum"] as number,
      };
    case "string":
      return { kind: "text", nullable: false };
    case "array":
      return listOf(schema["items"] as JsonSchema);
    case "object":
      return objectOf(schema);
    default:
      throw new Error(`no control is known for ${JSON.stringify(schema)}`);
  }
}

function nullable(control: Control): Control {
  if (control.kind === "number" || control.kind === "text" || control.kind === "group") {
    return { ...control, nullable: true };
  }
  throw new Error(`a ${control.kind} cannot be left empty`);
}

function listOf(items: JsonSchema): Control {
  if (items["enum"] !== undefined) return { kind: "choices", options: items["enum"] as readonly string[] };
  return items["anyOf"] === undefined ? { kind: "lines" } : { kind: "codes" };
}

function objectOf(schema: JsonSchema): Control {
  const properties = schema["properties"] as Readonly<Record<string, JsonSchema>> | undefined;
  if (properties !== undefined) {
    const members = Object.entries(properties).map(([name, member]) => {
      const control = controlOf(member);
      if (control.kind === "group") throw new Error(`${name} is a group within a group, which no form is known for`);
      return { name, about: aboutOf(member), control };
    });
    return { kind: "group", nullable: false, members };
  }
  const value = controlOf(schema["additionalProperties"] as JsonSchema);
  const [only] = value.kind === "group" ? value.members : [];
  if (only?.control.kind !== "number") throw new Error("a table is known for one number a name alone");
  return { kind: "table", member: only.name };
}
