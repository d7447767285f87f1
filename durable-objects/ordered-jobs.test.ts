/** The order of those who wait for words, however it came about. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { SEVERITIES } from "../domain/incident.ts";
import type { Job } from "./narrator-job.ts";
import { ordered, replaced } from "./ordered-jobs.ts";

const job: fc.Arbitrary<Job> = fc.record({
  incident_id: fc.constantFrom("a-1-error_rate", "b-1-error_rate", "c-1-error_rate", "d-1-error_rate"),
  service: fc.constant("checkout"),
  version: fc.nat({ max: 3 }),
  severity: fc.constantFrom(...SEVERITIES),
  historical: fc.boolean(),
  resolved_ms: fc.constant(null),
  received_ms: fc.nat({ max: 2 }),
  stage: fc.constantFrom("fresh", "ready", "written"),
  told: fc.constant(null),
  attempts: fc.constant(0),
  call_ms: fc.constant(0),
  tell_failures: fc.constant(0),
  tell_ms: fc.constant(0),
});

test("jobs that come, change and go one by one stand as those that are left would stand together", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(job, fc.boolean())), (changes) => {
      const left = new Map<string, Job>();
      let jobs: readonly Job[] = [];
      for (const [one, stays] of changes) {
        jobs = replaced(jobs, one.incident_id, stays ? one : null);
        if (stays) left.set(one.incident_id, one);
        else left.delete(one.incident_id);
        expect(jobs).toEqual(ordered([...left.values()]));
      }
    }),
  );
});

test("the most severe goes first, then the one that has waited longest", () => {
  const [one] = fc.sample(job, { numRuns: 1, seed: 1 });
  const jobs = (["medium", "critical", "high", "critical"] as const).map((severity, i) => {
    return { ...one!, incident_id: `s${i}`, severity, received_ms: 9 - i };
  });
  expect(ordered(jobs).map(({ incident_id }) => incident_id)).toEqual(["s3", "s1", "s2", "s0"]);
});
