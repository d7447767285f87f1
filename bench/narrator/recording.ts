/** The evidence of a scenario, as detection gives it now. */
import type { Evidence } from "../../domain/evidence.ts";
import { withSurroundings } from "../../domain/surroundings.ts";
import { keyOf } from "../../generator/random.ts";
import { RecordedService } from "./recorded-service.ts";
import type { Scenario } from "./scenario.ts";

const SERVICE = "checkout";
const START_SECOND = Date.parse("2026-11-24T09:40:00Z") / 1000;

/** That of the newest change; the same each time: its requests are seeded by its name. Throws where detection tells nothing of the fault. */
export function recordEvidence({ name, settings, play, surroundings }: Scenario): Evidence {
  const service = new RecordedService(SERVICE, keyOf(name), START_SECOND, settings);
  play(service);
  const told = service.told.findLast((evidence) => isOfFault(evidence, service.fault_second));
  if (told === undefined || service.fault_second === null)
    throw new Error(`${name}: detection told nothing of the fault`);
  return withSurroundings(told, { neighbours: null, alike: null, ...surroundings?.(service.fault_second) });
}

/** Of the fault itself: what led up to it may have been told too. */
function isOfFault({ subject }: Evidence, fault_second: number | null): boolean {
  return fault_second !== null && Date.parse(subject.opened_at) / 1000 > fault_second;
}
