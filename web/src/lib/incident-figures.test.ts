import { expect, test } from "vitest";
import { incidentFigures } from "./incident-figures.ts";
import { formPoint } from "./point.ts";
import { SecondLog } from "./second-log.ts";
import { BASELINE, tick } from "./testing/seconds.ts";
import { anIncident } from "./testing/incident.ts";

const ONSET = Date.parse("2026-11-24T10:04:12Z") / 1000;
const over = anIncident({ status: "resolved", resolved_at: "2026-11-24T10:04:22Z" });

/** Ten seconds before it, its ten seconds and ten after, of which only its own fail. */
function points(): NonNullable<ReturnType<typeof formPoint>>[] {
  const log = new SecondLog();
  for (let at = ONSET - 10; at < ONSET + 20; at += 1) {
    const isWithin = at >= ONSET && at < ONSET + 10;
    log.hear(
      [tick(at, { error_count: isWithin ? 3 : 0, p95_latency_ms: isWithin ? at - ONSET + 200 : 110 })],
      BASELINE,
    );
  }
  const starts = Array.from({ length: 6 }, (_none, i) => ONSET - 10 + i * 5);
  return starts.map((at) => formPoint(log, at, at + 5)!);
}

test("what is over is told from its onset to its end, latency by its slowest point", () => {
  expect(incidentFigures(over, points())).toEqual({
    request_rate: 10,
    error_rate: 0.3,
    p95_latency_ms: 209,
    baseline: BASELINE,
  });
});

test("what lasts has no such figures, and neither has what is no longer held", () => {
  expect(incidentFigures(anIncident({}), points())).toBeNull();
  expect(incidentFigures(over, [])).toBeNull();
});
