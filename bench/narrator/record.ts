/**
 * Records the evidence packs anew: `node bench/narrator/record.ts [NAME...]`. The evidence comes from the real detectors over
 * simulated requests, the same ones each time (seeded by the name); the expectations from what was injected (scenarios/).
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Evidence } from "../../domain/evidence.ts";
import { withSurroundings } from "../../domain/surroundings.ts";
import { Failure, runMain } from "../../cli/failure.ts";
import { keyOf } from "../../generator/random.ts";
import { PACKS_FOLDER } from "./pack.ts";
import { RecordedService } from "./recorded-service.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

const SERVICE = "checkout";
const START_SECOND = Date.parse("2026-11-24T09:40:00Z") / 1000;

await runMain(async () => {
  const wanted = process.argv.slice(2);
  for (const scenario of SCENARIOS) {
    if (wanted.length > 0 && !wanted.includes(scenario.name)) continue;
    const { name, fault, expect } = scenario;
    const text = JSON.stringify({ name, fault, evidence: evidenceOf(scenario), expect }, null, 2);
    writeFileSync(join(PACKS_FOLDER, `${name}.json`), `${text}\n`);
    process.stderr.write(`${name}\n`);
  }
  return 0;
});

function evidenceOf({ name, settings, lag_s, play, surroundings, at }: Scenario): Evidence {
  const service = new RecordedService(SERVICE, keyOf(name), START_SECOND, settings, lag_s);
  play(service);
  const own = service.told.filter(({ evidence }) => isOfFault(evidence, service.fault_second));
  const told = at === "opened" ? own[0] : own.at(-1);
  if (told === undefined || service.fault_second === null)
    throw new Failure(`${name}: detection told nothing of the fault`);
  return withSurroundings(told.evidence, { neighbours: null, alike: null, ...surroundings?.(service.fault_second) });
}

/** Of the fault itself: what led up to it may have been told too. */
function isOfFault({ subject }: Evidence, fault_second: number | null): boolean {
  return fault_second !== null && Date.parse(subject.opened_at) / 1000 > fault_second;
}
