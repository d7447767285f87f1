/** What the Narrator has to do for one incident. All times are the receiving clock's, in ms, where nothing else is said. */
import type { Severity } from "../domain/incident.ts";
import type { TemplateReason } from "../domain/narrative.ts";

/**
 * `fresh`: its surroundings have yet to be asked for. `ready`: its evidence is whole. `written`: its last words are there and
 * have yet to be taken by the service's object.
 */
export const STAGES = ["fresh", "ready", "written"] as const;

/** An incident whose words are not final, without its evidence. */
export interface Job {
  readonly incident_id: string;
  readonly service: string;
  readonly version: number;
  readonly severity: Severity;
  readonly historical: boolean;
  /** Event time; null while it is open. */
  readonly resolved_ms: number | null;
  /** When the first of the versions that have waited since came. */
  readonly received_ms: number;
  readonly stage: (typeof STAGES)[number];
  /** What the service's object tells of this version so far; null where it has yet to hear of its whole evidence. */
  readonly told: TemplateReason | null;
  /** Calls for this version that began since the circuit closed last, and when the next one may. */
  readonly attempts: number;
  readonly call_ms: number;
  /** How often the service's object did not answer in a row, and when it is asked again. */
  readonly tell_failures: number;
  readonly tell_ms: number;
}
