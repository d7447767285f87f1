import { describe, expect, it } from "vitest";
import type { Alarm } from "./contender.ts";
import { judge } from "./fault-run.ts";

const ONSET_S = 1000;
const END_S = 1600;

function alarm(kind: Alarm["kind"], at_s: number, changes: Partial<Alarm> = {}): Alarm {
  return { kind, at_s, id: "a", onset_s: at_s - 5, metric: "error_rate", endpoint: null, severity: "high", ...changes };
}

function judged(alarms: readonly Alarm[], endpoint: string | null = null, harmed = 0): ReturnType<typeof judge> {
  const record = { contender: "c", alarms, harmed_counts: alarms.map(() => harmed) };
  return judge(record, ONSET_S, END_S, endpoint);
}

describe("what a contender made of a fault", () => {
  it("is a find when it was told after the onset", () => {
    const outcome = judged([alarm("opened", 1006), alarm("resolved", 1640)]);
    expect(outcome).toMatchObject({ found_after_s: 6, incident_count: 1, onset_error_s: 1, resolved_after_s: 40 });
  });

  it("is no find when the alarm was on before, whatever it says later", () => {
    const outcome = judged([alarm("opened", 990), alarm("resolved", 1300)]);
    expect(outcome).toMatchObject({ found_after_s: null, incident_count: 0, onset_error_s: null });
  });

  it("is a find when an incident from before is told again", () => {
    const outcome = judged([alarm("opened", 900), alarm("resolved", 950), alarm("opened", 1010)]);
    expect(outcome).toMatchObject({ found_after_s: 10, incident_count: 1 });
  });

  it("is no find when it was told long after the end", () => {
    expect(judged([alarm("opened", 1661)]).found_after_s).toBeNull();
    expect(judged([alarm("opened", 1660)]).found_after_s).toBe(660);
  });

  it("counts incidents by their ids: reopening is no second one", () => {
    const reopened = [alarm("opened", 1006), alarm("resolved", 1100), alarm("opened", 1200), alarm("resolved", 1700)];
    expect(judged(reopened).incident_count).toBe(1);
    expect(judged([...reopened, alarm("opened", 1750, { id: "b" })]).incident_count).toBe(2);
  });

  it("names the endpoint or does not, where one fails", () => {
    expect(judged([alarm("opened", 1006, { endpoint: "/pay" })], "/pay").isNamed).toBe(true);
    expect(judged([alarm("opened", 1006)], "/pay").isNamed).toBe(false);
    expect(judged([alarm("opened", 1006)], null).isNamed).toBeNull();
  });

  it("covers the harm or does not, once the incident is over", () => {
    const excess = { low: 90, estimate: 100, high: 120 };
    const alarms = [alarm("opened", 1006, { excess }), alarm("resolved", 1640, { excess })];
    expect(judged(alarms, null, 95).isImpactCovered).toBe(true);
    expect(judged(alarms, null, 121).isImpactCovered).toBe(false);
    expect(judged(alarms.slice(0, 1), null, 95).isImpactCovered).toBeNull();
  });
});
