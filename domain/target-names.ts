/** Secrets of a target by the names of environment variables: `{"env": "SLACK_URL"}`, as faultline.config.json has them. */
import type { NamedTargetWish, TargetWish } from "./subscription-target-schema.ts";

export interface ResolvedTarget {
  /** With every secret in the clear. */
  readonly target: TargetWish;
  /** The names by member: `url`, `headers.Authorization`, `secrets.0`, `templates.opened.headers.X-Key`. */
  readonly names: Readonly<Record<string, string>>;
  /** Members whose variable is not set, or empty, with its name. */
  readonly missing: readonly { readonly member: string; readonly env: string }[];
}

/** @param lookUp the value of a variable; null where it is not set */
export function resolveNames(target: NamedTargetWish, lookUp: (env: string) => string | null): ResolvedTarget {
  const names: Record<string, string> = {};
  const missing: { member: string; env: string }[] = [];
  const resolve = (value: unknown, member: string): unknown => {
    const env = envOf(value);
    if (env === null) return value;
    names[member] = env;
    const found = lookUp(env);
    if (found === null) missing.push({ member, env });
    return found ?? "";
  };
  const each = (record: unknown, path: string): unknown =>
    Object.fromEntries(Object.entries(record as object).map(([name, own]) => [name, resolve(own, `${path}.${name}`)]));
  const template = (own: unknown, path: string): unknown => {
    const members = Object.entries(own as object).map(([member, value]): [string, unknown] => {
      return [member, member === "headers" ? each(value, `${path}.headers`) : resolve(value, `${path}.${member}`)];
    });
    return Object.fromEntries(members);
  };
  const resolved = Object.entries(target).map(([member, value]): [string, unknown] => {
    if (member === "secrets") return [member, (value as unknown[]).map((own, at) => resolve(own, `secrets.${at}`))];
    if (member === "headers" || member === "params") return [member, each(value, member)];
    if (member !== "templates" || value === null) return [member, resolve(value, member)];
    const templates = Object.entries(value as object).map(([kind, own]) => [kind, template(own, `templates.${kind}`)]);
    return [member, Object.fromEntries(templates)];
  });
  return { target: Object.fromEntries(resolved) as unknown as TargetWish, names, missing };
}

/** The name that stands for a value; null where the value stands for itself. */
export function envOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("env" in value)) return null;
  return typeof value.env === "string" ? value.env : null;
}
