/**
 * What of the pipeline is normal and what is not, and since when: judged from what is read now and from the minutes of the last hour
 * that the Fleet keeps, so that all who look are told the same. Without a clock or a request.
 */
import { bridgeChecks } from "./bridge-checks.ts";
import { countChecks } from "./count-checks.ts";
import { deliveryChecks } from "./delivery-checks.ts";
import { outboxChecks } from "./outbox-checks.ts";
import { narratorChecks } from "./narrator-checks.ts";
import type { PipelineCheck, PipelineHour } from "./pipeline-check.ts";
import { readerChecks } from "./reader-check.ts";

/** What is wrong comes first, then what has a line over the hour; among these those that tell of a loss or a standstill. */
export function pipelineChecks(hour: PipelineHour): PipelineCheck[] {
  const all = [
    ...bridgeChecks(hour),
    ...outboxChecks(hour),
    ...deliveryChecks(hour),
    ...readerChecks(hour),
    ...countChecks(hour),
    ...narratorChecks(hour),
  ];
  const place = ({ state, figure }: PipelineCheck): number => (state === "outside" ? 0 : figure === null ? 2 : 1);
  return all.toSorted((a, b) => place(a) - place(b));
}
