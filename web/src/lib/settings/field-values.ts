/** Between what somebody types and the values of settings. What cannot be a value stays text, and the schema says what is wrong. */

/** Empty is null where the field may be, and else stays empty text. */
export function numberValue(text: string, nullable: boolean): number | string | null {
  const trimmed = text.trim();
  if (trimmed === "") return nullable ? null : "";
  // Number() takes "0x10" and "1e3" too, which nobody means here.
  return /^-?\d+(?:\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

export function textValue(text: string, nullable: boolean): string | null {
  const trimmed = text.trim();
  return trimmed === "" && nullable ? null : trimmed;
}

/** A value in a field that is typed into: a number never as "1e-4". */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return typeof value === "string" ? value : JSON.stringify(value);
  return value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 10 });
}

/** "5xx, 404, 520-530": whole numbers are status codes. */
export function codesValue(text: string): (string | number)[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  return words.map((word) => (/^\d+$/.test(word) ? Number(word) : word));
}

export function codesText(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "";
}

/** Empty lines are none. */
export function linesValue(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

export function linesText(value: unknown): string {
  return Array.isArray(value) ? value.join("\n") : "";
}

/** A choice on or off, in the order of the options. */
export function choicesValue(options: readonly string[], value: unknown, option: string, on: boolean): string[] {
  const chosen = new Set(Array.isArray(value) ? (value as readonly unknown[]) : []);
  if (on) chosen.add(option);
  else chosen.delete(option);
  return options.filter((own) => chosen.has(own));
}

/** A row of a table: a name and what is typed for it. */
export interface TableRow {
  readonly name: string;
  readonly text: string;
}

/** Rows that are empty on both sides are none. A name that stands twice is the later one's. */
export function tableValue(rows: readonly TableRow[], member: string): Record<string, unknown> {
  const filled = rows.filter(({ name, text }) => name.trim() !== "" || text.trim() !== "");
  return Object.fromEntries(filled.map(({ name, text }) => [name.trim(), { [member]: numberValue(text, true) }]));
}

export function tableRows(value: unknown, member: string): TableRow[] {
  const entries = Object.entries((value ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  return entries.map(([name, row]) => ({ name, text: fieldText(row[member]) }));
}

/** A group with one member changed. One that may be null is, once all of its members are empty. */
export function groupValue(value: unknown, name: string, member: unknown, nullable: boolean): unknown {
  const changed = { ...(value as Readonly<Record<string, unknown>> | null), [name]: member };
  return nullable && Object.values(changed).every((own) => own === null || own === "") ? null : changed;
}
