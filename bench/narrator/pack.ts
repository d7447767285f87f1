/** A recorded fault: its evidence as detection gave it, and what a narrative of it must say. Files of packs/, one each. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as v from "valibot";
import type { Evidence } from "../../domain/evidence.ts";
import { type Expectations, expectationsSchema } from "./expectations.ts";

export const PACKS_FOLDER = join(import.meta.dirname, "packs");

export interface Pack {
  readonly name: string;
  /** What was injected, in words. */
  readonly fault: string;
  readonly evidence: Evidence;
  readonly expect: Expectations;
}

const packSchema = v.strictObject({
  name: v.string(),
  fault: v.string(),
  // Recorded from the type itself (record.ts): what holds it in shape is the compiler.
  evidence: v.custom<Evidence>((value) => typeof value === "object" && value !== null && "facts" in value),
  expect: expectationsSchema,
});

/** Packs whose name matches `pattern` (as in `errors-*`), by name. Throws where a file is no pack. */
export function readPacks(pattern = "*"): readonly Pack[] {
  return globSync(`${pattern}.json`, { cwd: PACKS_FOLDER })
    .toSorted()
    .map((file) => {
      const parsed = v.parse(packSchema, JSON.parse(readFileSync(join(PACKS_FOLDER, file), "utf8")));
      if (`${parsed.name}.json` !== basename(file)) throw new Error(`${file} holds the pack ${parsed.name}`);
      return parsed;
    });
}
