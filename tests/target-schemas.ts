/** The recorded schemas of what targets take (tests/schemas/), written down from their documentation. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isAccepted } from "./json-schema-judge.ts";
import type { FormName } from "./message-example.ts";

const FOLDER = join(import.meta.dirname, "schemas");

function schemaOf(name: FormName): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`)).toString("utf8")) as Readonly<Record<string, unknown>>;
}

/** Whether a body is JSON that the service would take. */
export function isTaken(name: FormName, body: string): boolean {
  return isAccepted(schemaOf(name), JSON.parse(body));
}
