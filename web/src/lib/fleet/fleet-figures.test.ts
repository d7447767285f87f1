import { describe, expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { fleetFigures, findingsIn } from "./fleet-figures.ts";
import type { FleetSummary } from "../../../../domain/summary.ts";

const SUMMARY: FleetSummary = {
  from: "2026-11-24T09:06:00Z",
  to: "2026-11-24T10:06:00Z",
  until: "2026-11-24T10:06:00Z",
  request_count: 20_912_345,
  error_count: 46_007,
  error_rate: 0.0022,
  normal_request_count: 20_800_000,
  normal_error_rate: 0.0017,
  anomaly_count: 7,
  usual_anomaly_count: 1.5,
  active_anomaly_count: 3,
  active_incident_count: 2,
};
const NOW_MS = Date.parse("2026-11-24T10:06:14Z");
const words = (summary: FleetSummary | null, open: Parameters<typeof fleetFigures>[1] = [], found = 0) =>
  fleetFigures(summary, open, found, null, NOW_MS).map(({ text, unit, beside }) => [text, unit, beside]);

describe("the figures of the fleet", () => {
  test("have their unit and what is normal", () => {
    expect(words(SUMMARY)).toEqual([
      ["20.9", "M", "normally 20.8 M"],
      ["0.22", "%", "normally 0.17 %"],
      ["7", "", "1.5 in an average span of this length"],
      ["0", "", ""],
    ]);
  });

  test("say nothing of what is not known, and of normal where none is learned", () => {
    expect(words(null, null).map(([text]) => text)).toEqual(["–", "–", "–", "–"]);
    const unlearned = { ...SUMMARY, normal_request_count: null, normal_error_rate: null, usual_anomaly_count: null };
    expect(words(unlearned).map(([, , beside]) => beside)).toEqual(["", "", "", ""]);
    expect(words({ ...SUMMARY, request_count: 0, error_rate: null })[1]?.[0]).toBe("–");
  });

  test("count what is active as the socket tells it where the span ends now, and as history had it where it does not", () => {
    const [finding] = anIncident({}).anomalies;
    const open = [anIncident({}), anIncident({ id: "b", anomalies: [finding!, { ...finding!, resolved: true }] })];
    expect(words(SUMMARY, open)[3]).toEqual(["2", "", "in 2 incidents"]);
    expect(words(SUMMARY, null)[3]).toEqual(["3", "", "in 2 incidents"]);
  });

  test("say since when nothing has been active, where the span ends now", () => {
    const last = { resolved_at: "2026-11-24T09:31:00Z" };
    const active = (open: Parameters<typeof fleetFigures>[1]) =>
      fleetFigures(SUMMARY, open, 0, last, NOW_MS)[3]?.beside;
    expect(active([])).toBe("none since 09:31:00");
    expect(active([anIncident({})])).toBe("in 1 incident");
    expect(active(null)).toBe("in 2 incidents");
  });

  test("count what the page knows before history does, and each finding of the span once", () => {
    expect(words(SUMMARY, [], 8)[2]?.[0]).toBe("8");
    expect(words(SUMMARY, [], 3)[2]?.[0]).toBe("7");
    const [finding] = anIncident({}).anomalies;
    const at = (detected_at: string) => ({ ...finding!, detected_at });
    const incident = anIncident({
      anomalies: ["2026-11-24T09:00:00Z", "2026-11-24T09:30:00Z", "2026-11-24T10:06:12Z"].map(at),
    });
    const span = { from: Date.parse(SUMMARY.from) / 1000, until: Date.parse("2026-11-24T10:06:14Z") / 1000 };
    expect(findingsIn([incident], span)).toBe(2);
  });

  test.each([
    [9_999, "9,999", ""],
    [10_000, "10.0", "k"],
    [999_949, "1,000", "k"],
    [999_960, "1.0", "M"],
    [123_456_789, "123", "M"],
    [2_500_000_000, "2.5", "G"],
  ])("%i requests are %s %s", (request_count, text, unit) => {
    expect(words({ ...SUMMARY, request_count })[0]).toEqual([text, unit, "normally 20.8 M"]);
  });

  test("say how far history has come where it lacks something", () => {
    const [requests] = fleetFigures({ ...SUMMARY, until: "2026-11-24T10:04:00Z" }, [], 0, null, NOW_MS);
    expect(requests?.about).toBe(
      "Requests of all services from 2026-11-24 09:06:00 UTC to 10:06:00, as far as history has it (10:04:00): 20,912,345",
    );
  });
});
