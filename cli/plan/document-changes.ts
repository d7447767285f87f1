/** Where two JSON documents differ. */
import { isDeepStrictEqual } from "node:util";
import { isObject } from "../json-object.ts";

/** `path` as in `services[2].sla_ms`; undefined: it is not there. */
export interface DocumentChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Each member or entry that differs, the smallest ones that do. The order of an object's members is of no matter. */
export function documentChanges(before: unknown, after: unknown, path = ""): DocumentChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, at) => at).flatMap((at) =>
      documentChanges(before[at], after[at], `${path}[${at}]`),
    );
  }
  if (!isObject(before) || !isObject(after)) return [{ path, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => documentChanges(before[name], after[name], join(path, name)));
}

function join(path: string, name: string): string {
  if (!/^[\w$]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}
