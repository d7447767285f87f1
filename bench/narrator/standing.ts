/** What the template reached when it was last recorded. It may not fall. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Judged } from "./judge.ts";

const standingSchema = v.object({ packs: v.number(), grounded: v.number(), met: v.number() });
export type Standing = v.InferOutput<typeof standingSchema>;

export function readStanding(): Standing {
  const file = join(import.meta.dirname, "..", "results", "narrator-eval.json");
  return v.parse(standingSchema, JSON.parse(readFileSync(file, "utf8")));
}

/** Of some packs alone as many may fail as failed of all. */
export function isFallen(judged: readonly Judged[], standing: Standing): boolean {
  const met = judged.filter(({ failures }) => failures.length === 0).length;
  const grounded = judged.filter((own) => own.grounded === own.answers).length;
  const left_out = Math.max(0, standing.packs - judged.length);
  return met < standing.met - left_out || grounded < standing.grounded - left_out;
}
