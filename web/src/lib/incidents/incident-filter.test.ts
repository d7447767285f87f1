import { describe, expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { filterAddress, incidentsQuery, isWanted, readFilter } from "./incident-filter.ts";

const ALL = { search: "", status: null, severity: null };
const at = (time: string) => Date.parse(`2026-11-24T${time}Z`) / 1000;
const span = { from: at("10:00:00"), until: at("11:00:00") };

describe("the address", () => {
  test("holds the whole filter, and what else it had", () => {
    const query = new URLSearchParams("span=6h&tz=local&status=open");
    const filter = { search: "/cart pay", status: "resolved", severity: "high" } as const;
    const address = filterAddress(query, filter);
    expect(readFilter(new URLSearchParams(address))).toEqual(filter);
    expect(new URLSearchParams(address).get("span")).toBe("6h");
    expect(filterAddress(new URLSearchParams(address), ALL)).toBe("?span=6h&tz=local");
  });

  test("typed wrongly asks for all", () => {
    expect(readFilter(new URLSearchParams("status=closed&severity=huge"))).toEqual(ALL);
  });
});

test("the server is asked for time, status and severity", () => {
  expect(Object.fromEntries(incidentsQuery({ status: "open", severity: "high" }, span, 50))).toEqual({
    from: "2026-11-24T10:00:00.000Z",
    to: "2026-11-24T11:00:00.000Z",
    limit: "50",
    status: "open",
    severity: "high",
  });
  expect([...incidentsQuery(ALL, span, 50).keys()]).toEqual(["from", "to", "limit"]);
});

describe("an incident is listed", () => {
  const incident = anIncident({});
  const over = anIncident({ status: "resolved", resolved_at: "2026-11-24T10:20:00Z" });

  test("if it went on at some time of the span", () => {
    expect(isWanted(incident, ALL, span)).toBe(true);
    expect(isWanted(incident, ALL, { from: at("12:00:00"), until: at("13:00:00") })).toBe(true);
    expect(isWanted(over, ALL, { from: at("12:00:00"), until: at("13:00:00") })).toBe(false);
    expect(isWanted(over, ALL, { from: at("10:10:00"), until: at("10:12:00") })).toBe(true);
    expect(isWanted(incident, ALL, { from: at("09:00:00"), until: at("10:00:00") })).toBe(false);
  });

  test("if its status and severity are the ones asked for", () => {
    expect(isWanted(incident, { ...ALL, status: "resolved" }, span)).toBe(false);
    expect(isWanted(over, { ...ALL, status: "resolved" }, span)).toBe(true);
    expect(isWanted(incident, { ...ALL, severity: "critical" }, span)).toBe(true);
    expect(isWanted(incident, { ...ALL, severity: "medium" }, span)).toBe(false);
  });

  test("if its service or its endpoint has the searched part, in any case", () => {
    const found = (search: string) => isWanted(incident, { ...ALL, search }, span);
    expect(["check", " CART/P ", ""].map(found)).toEqual([true, true, true]);
    expect(found("payments")).toBe(false);
    expect(isWanted(anIncident({ endpoint: null }), { ...ALL, search: "null" }, span)).toBe(false);
  });
});
