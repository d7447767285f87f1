import { describe, expect, test } from "vitest";
import {
  earlierNeighbour,
  neighbourChart,
  neighbourIncident,
  type NeighbourSource,
  type SeenNeighbour,
} from "./incident-neighbour.ts";
import { citations } from "./narrative/citations.ts";
import { PointSeries } from "./point.ts";
import { SecondLog } from "./second-log.ts";
import { anIncident } from "./testing/incident.ts";
import { FACTS, aNarrative } from "./testing/narrative.ts";
import { tick } from "./testing/seconds.ts";
import type { Fact } from "../../../domain/evidence.ts";

const BEGAN = Date.parse("2026-11-24T10:03:58Z") / 1000;
const NOW_MS = Date.parse("2026-11-24T10:06:00Z");
const EARLIER = { service: "payments", began: BEGAN, fact_id: "neighbour.1" };
const BASELINE = { request_rate: 10, error_rate: 0, p95_latency_ms: 240 };
const SLOW = anIncident({
  id: `payments-${BEGAN}-p95_latency_ms`,
  service: "payments",
  severity: "medium",
  metric_name: "p95_latency_ms",
  anomaly_type: "latency",
  onset_at: "2026-11-24T10:03:58.400Z",
});

/** A neighbour that began so many seconds before the incident. */
const neighbour = (service: string, before_s: number, rank = 1): Fact => ({
  id: `neighbour.${rank}`,
  kind: "neighbour",
  text: "",
  names: [service],
  values: [
    { name: before_s < 0 ? "after" : "before", value: Math.abs(before_s), unit: "s" },
    { name: "began", value: BEGAN, unit: "at" },
  ],
});

describe("the other service that went wrong first", () => {
  test("is the nearest that began before the incident", () => {
    const facts = [neighbour("search", 60, 2), neighbour("payments", 14)];
    expect(earlierNeighbour(facts)).toEqual(EARLIER);
  });

  test("is none that began with it, as far as onsets can be told apart, after it, or so long before that it says little", () => {
    expect(earlierNeighbour([neighbour("payments", 5)])).toBeNull();
    expect(earlierNeighbour([neighbour("payments", -60)])).toBeNull();
    expect(earlierNeighbour([neighbour("payments", 301)])).toBeNull();
    expect(earlierNeighbour([neighbour("payments", 300)])?.service).toBe("payments");
    expect(earlierNeighbour(Object.values(FACTS).filter(({ kind }) => kind !== "neighbour"))).toBeNull();
  });

  test("has one incident that began then: of two that began in the same second the one that was told first", () => {
    const later = { ...SLOW, id: "later", opened_at: "2026-11-24T10:05:00Z" };
    const other = anIncident({ service: "payments", onset_at: "2026-11-24T09:00:00Z" });
    expect(neighbourIncident([other, later, SLOW], EARLIER)?.id).toBe(SLOW.id);
    expect(neighbourIncident([other], EARLIER)).toBeNull();
  });
});

describe("its chart", () => {
  const log = new SecondLog();
  for (let at = BEGAN - 60; at < BEGAN + 120; at += 1) log.hear([tick(at, { p95_latency_ms: 690 })], BASELINE);
  const points = new PointSeries(log).between(BEGAN - 60, BEGAN + 120);
  const seen: SeenNeighbour = {
    points,
    incidents: new Map([[SLOW.id, SLOW]]),
    baseline: BASELINE,
    figures: { request_rate: 10, error_rate: 0, p95_latency_ms: 700, baseline: BASELINE },
    last_data_ms: NOW_MS - 1000,
    known: true,
    history_trouble: null,
  };
  const narrative = aNarrative({ summary: [{ text: "payments slowed first.", facts: ["errors", "neighbour.1"] }] });
  const source: NeighbourSource = {
    earlier: EARLIER,
    seen,
    incident: anIncident({}),
    cited: citations(narrative),
    now_ms: NOW_MS,
  };
  const of = (wanted: Partial<SeenNeighbour>, rest: Partial<NeighbourSource> = {}) =>
    neighbourChart({ ...source, seen: { ...seen, ...wanted }, ...rest });

  test("is of the figure that its incident is about, with what it is now and how bad that is, and leads there", () => {
    expect(of({})).toMatchObject({
      service: "payments",
      name: "latency",
      href: `/incidents/${SLOW.id}`,
      figures: { p95_latency_ms: 700 },
      severity: "medium",
      note: null,
    });
  });

  test("has the number of the fact that it proves, and none where no sentence rests on it", () => {
    expect(of({}).numbers).toEqual([2]);
    expect(of({}, { cited: new Map() }).numbers).toEqual([]);
  });

  test("has a place while its incident is not known yet, and says that it is being read", () => {
    const chart = of({ incidents: new Map(), known: false });
    expect(chart).toMatchObject({ name: null, severity: null, href: "/services/payments", note: "being read" });
    expect(of({ history_trouble: { detail: "503" } }).note).toBe("cannot be read now");
  });

  test("tells no old figure as one of now", () => {
    const chart = of({ last_data_ms: NOW_MS - 120_000 });
    expect(chart).toMatchObject({ figures: null, severity: null });
    expect(chart.note).toMatch(/^last data /);
  });

  test("of an incident that is over tells what the other did in its time, without colour", () => {
    const over = anIncident({ status: "resolved", resolved_at: "2026-11-24T10:05:12Z" });
    const chart = of({ last_data_ms: NOW_MS - 120_000 }, { incident: over });
    expect(chart).toMatchObject({ figures: { p95_latency_ms: 690 }, severity: null, note: null });
  });

  test("has no colour once its own incident is over", () => {
    const over = { ...SLOW, status: "resolved" as const, resolved_at: "2026-11-24T10:05:12Z" };
    expect(of({ incidents: new Map([[SLOW.id, over]]) }).severity).toBeNull();
  });
});
