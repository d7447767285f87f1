/** compose.yaml as Compose reads it: parsed, with the variables of the caller's environment put in. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/paths.ts";

export interface ComposeService {
  readonly profiles: readonly string[];
  readonly image: string;
  readonly user: string;
  readonly restart: string;
  readonly security_opt: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly extra_hosts?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly stop_grace_period?: string;
  readonly cpus: number;
  readonly mem_limit: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const parsed = parseYaml(readFileSync(join(ROOT, "compose.yaml"), "utf8"));

/** `env`: what is set where `docker compose` is called. Whether the file has the shape that is promised, its test says. */
export function readComposeFile(env: Readonly<Record<string, string>> = {}): ComposeFile {
  return withVariables(parsed, env) as ComposeFile;
}

/** By the command of the package `yaml`, which comes with knip. @throws with its message where the text is not YAML */
function parseYaml(text: string): unknown {
  const yaml = join(ROOT, "node_modules/.bin/yaml");
  const printed = execFileSync(yaml, ["--json", "--merge", "--single", "--strict"], { input: text, encoding: "utf8" });
  return JSON.parse(printed);
}

/** As Compose does it: in values, not in keys. */
function withVariables(node: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof node === "string") return interpolate(node, env);
  if (Array.isArray(node)) return node.map((item) => withVariables(item, env));
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withVariables(value, env)]));
}

/** `${NAME:-default}` is the one form that the file uses; with any other, an unset variable would become an empty text. */
function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\{(?<name>[A-Z_]+):-(?<otherwise>[^}]*)\})?/g, (found, name, otherwise) => {
    if (name === undefined) throw new Error(`compose.yaml: ${found} in "${text}" is no variable with a default`);
    return (env[name] ?? "") || otherwise;
  });
}

/** "10s", "2m" -> ms. @throws where the unit is another */
export function durationMs(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`"${text}" is no duration`);
  return Number(number) * { ms: 1, s: 1000, m: 60_000 }[unit as "ms" | "s" | "m"];
}

/** "512m" (Compose: powers of 1024), "400MiB" (Go) -> bytes. @throws where the unit is another */
export function sizeBytes(text: string): number {
  const [, number, unit] = /^(\d+)(m|MiB|g|GiB|G)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`"${text}" is no size`);
  return Number(number) * (unit?.toLowerCase().startsWith("m") ? 2 ** 20 : 2 ** 30);
}
