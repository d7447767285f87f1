/** The fields of messages by their paths, nested ones too. */
import { isObject } from "../json-object.ts";

const DEPTH_MAX = 6;
const PATHS_MAX = 2000;
/** Keys that Bloblang reads as something else than themselves (`*`, `~`, quotes) or that are an index, are left alone. */
const KEY = /^(?!\d+$)[^*~"\\\p{C}]+$/u;

export type Path = readonly string[];

export interface MessageField {
  readonly path: Path;
  /** One for each message that has it, strings, numbers and booleans alone. */
  readonly values: readonly (string | number | boolean)[];
}

/** The fields of all messages that are JSON objects, in the order in which they first appear. */
export function fieldsOf(messages: readonly Record<string, unknown>[]): readonly MessageField[] {
  const fields = new Map<string, { path: Path; values: (string | number | boolean)[] }>();
  const visit = (object: Record<string, unknown>, path: Path): void => {
    for (const [key, value] of Object.entries(object)) {
      if (!KEY.test(key)) continue;
      const deeper = [...path, key];
      if (isObject(value)) {
        if (deeper.length < DEPTH_MAX) visit(value, deeper);
        continue;
      }
      if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") continue;
      const name = JSON.stringify(deeper);
      const known = fields.get(name);
      if (known !== undefined) known.values.push(value);
      else if (fields.size < PATHS_MAX) fields.set(name, { path: deeper, values: [value] });
    }
  };
  for (const message of messages) visit(message, []);
  return [...fields.values()];
}

/** Null where there is nothing; text is well-formed, as Connect makes it. */
export function valueAt(message: Record<string, unknown>, path: Path): unknown {
  let value: unknown = message;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return null;
    value = value[key];
  }
  return typeof value === "string" ? value.toWellFormed() : value;
}

/** `this.http.route`; keys that are no plain words are quoted. */
export function bloblangPath(path: Path): string {
  return ["this", ...path.map((key) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : JSON.stringify(key)))].join(".");
}
