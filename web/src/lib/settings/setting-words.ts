/** Values of settings as a person reads them. */
import { fieldText } from "./field-values.ts";
import { fieldUnit } from "./settings-form.ts";
import type { FieldName } from "./settings-edit.ts";

const NONE: Readonly<Record<FieldName, string>> = {
  sla_ms: "not judged",
  endpoints: "none",
  slo: "none",
  errors: "none",
  detectors: "none",
  sensitivity: "none",
  exclude: "nothing",
  disorder_s: "none",
  owner: "nobody",
  links: "none",
};

/** "300 ms", "5xx, 404", "/cart/pay 300 ms", "availability 0.999"; "not judged" and the like where there is none. */
export function settingWords(name: FieldName, value: unknown): string {
  const unit = fieldUnit(name) === "" ? "" : ` ${fieldUnit(name)}`;
  const words = plainWords(value, unit);
  return words === "" ? NONE[name] : words;
}

function plainWords(value: unknown, unit: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return `${fieldText(value)}${unit}`;
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (typeof value !== "object") return fieldText(value);
  const parts = Object.entries(value).flatMap(([name, own]) => {
    const words = plainWords(own, unit);
    // The one member of an entry goes without saying its name; so does the list of what is not judged.
    if (words === "") return unit === "" ? [] : ["not judged"];
    return [name === "sla_ms" || name === "endpoints" ? words : `${name} ${words}`];
  });
  return parts.join(", ");
}
