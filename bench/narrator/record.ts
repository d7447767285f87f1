/**
 * Records the evidence packs anew: `node bench/narrator/record.ts [NAME...]`. The evidence comes from the real detectors over
 * simulated requests, the same ones each time (seeded by the name); the expectations from what was injected (scenarios/). All take
 * about a minute; `npm run format` afterwards.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, runMain } from "../../cli/failure.ts";
import { PACKS_FOLDER } from "./pack.ts";
import { recordEvidence } from "./recording.ts";
import { SCENARIOS } from "./scenarios.ts";

await runMain(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new Failure(`there is no fault "${unknown}".`, 2);
  for (const scenario of SCENARIOS) {
    if (wanted.length > 0 && !wanted.includes(scenario.name)) continue;
    const { name, fault, expect } = scenario;
    const text = JSON.stringify({ name, fault, evidence: recordEvidence(scenario), expect }, null, 2);
    writeFileSync(join(PACKS_FOLDER, `${name}.json`), `${text}\n`);
    process.stderr.write(`${name}\n`);
  }
  return 0;
});
