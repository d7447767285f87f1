/**
 * What of the pipeline is normal and what is not, and since when: judged from one reading, and from those that the page has taken
 * before where only growth tells. Without a clock or a request.
 */
import { bridgeChecks } from "./bridge-checks.ts";
import { countChecks } from "./count-checks.ts";
import { deliveryChecks } from "./delivery-checks.ts";
import { outboxChecks } from "./outbox-checks.ts";
import { narratorChecks } from "./narrator-checks.ts";
import type { PipelineCheck, Readings } from "./pipeline-check.ts";

/** Those that tell of a loss or a standstill first. */
export function pipelineChecks(readings: Readings): PipelineCheck[] {
  return [
    ...bridgeChecks(readings),
    ...outboxChecks(readings),
    ...deliveryChecks(readings),
    ...countChecks(readings),
    ...narratorChecks(readings),
  ];
}
