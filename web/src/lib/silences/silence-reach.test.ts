/** What a silence would keep quiet, before it is saved. */
import { describe, expect, test } from "vitest";
import { newDraft, type SilenceDraft } from "./silence-draft.ts";
import { heldBy, reachOf, reachWords, unknownWords } from "./silence-reach.ts";
import { anIncident } from "../testing/incident.ts";
import type { Silence } from "../../../../domain/silencing.ts";

const NOW = Date.parse("2026-11-24T10:30:00Z");
const checkout = anIncident({ id: "checkout-1-error_rate" });
const search = anIncident({ id: "search-1-error_rate", service: "search", endpoint: null, severity: "medium" });
const night = anIncident({ id: "checkout-2-error_rate", opened_at: "2026-11-23T23:30:00Z", status: "resolved" });
const facts = { open: [checkout, search], recent: { items: [checkout, search, night], more: false }, services: null };

function draft(part: Partial<SilenceDraft> = {}): SilenceDraft {
  return { ...newDraft({ services: "checkout", endpoint: "", incident_id: null }, "UTC"), ...part };
}

function ids(part: Partial<SilenceDraft>): readonly string[] | undefined {
  return reachOf(draft(part), facts, NOW)?.open.map(({ id }) => id);
}

describe("what it would keep quiet", () => {
  test("goes by services, endpoint, severities and the incident", () => {
    expect(ids({})).toEqual([checkout.id]);
    expect(ids({ services: "*" })).toEqual([checkout.id, search.id]);
    expect(ids({ services: "*", endpoint: "/cart/*" })).toEqual([checkout.id]);
    expect(ids({ services: "*", severities: ["medium"] })).toEqual([search.id]);
    expect(ids({ services: "*", incident_id: search.id, only_incident: true })).toEqual([search.id]);
    expect(ids({ services: "*", incident_id: search.id })).toHaveLength(2);
  });

  test("is told while its end is not said yet, and is not while its services are wrong", () => {
    expect(ids({ span: "own" })).toEqual([checkout.id]);
    expect(reachOf(draft({ services: " " }), facts, NOW)).toBeNull();
    expect(reachOf(draft({ services: "Check out" }), facts, NOW)).toBeNull();
  });

  test("counts of the last week those in its hours, where it has some", () => {
    expect(reachOf(draft({ services: "*" }), facts, NOW)?.recent).toBe(3);
    const nights = draft({ services: "*", span: "weekly", days: [1, 2, 3, 4, 5] });
    expect(reachOf(nights, facts, NOW)).toMatchObject({ recent: 1, open: [checkout, search] });
    expect(reachOf(draft(), { ...facts, recent: null }, NOW)?.recent).toBeNull();
  });

  test("names the services that nobody knows, once services are known", () => {
    const wanted = draft({ services: "chekout, search, pay-*" });
    expect(reachOf(wanted, facts, NOW)?.unknown).toEqual([]);
    expect(reachOf(wanted, { ...facts, services: ["search"] }, NOW)?.unknown).toEqual(["chekout"]);
  });
});

test("one that holds keeps quiet what is open now, one that does not keeps quiet nothing", () => {
  const silence: Silence = {
    id: "sil_1",
    revision: 1,
    services: ["checkout"],
    endpoint: null,
    severities: null,
    incident_id: null,
    starts_at: "2026-11-24T10:00:00Z",
    ends_at: "2026-11-24T11:00:00Z",
    weekly: null,
    comment: "",
    created_at: "2026-11-24T10:00:00Z",
    created_by: "admin by token",
  };
  expect(heldBy(silence, facts.open, NOW)).toEqual([checkout]);
  expect(heldBy(silence, facts.open, Date.parse("2026-11-24T11:00:00Z"))).toEqual([]);
});

describe("in words", () => {
  const reach = { open: [checkout], open_total: 2, recent: 14, unknown: [] };
  const week = { items: Array.from({ length: 31 }, () => night), more: false };

  test("it is what is open now, then the last week", () => {
    expect(reachWords(reach, week)).toBe("Open now: it matches 1 of 2. Last 7 days: 14 of 31.");
    expect(reachWords({ ...reach, open: [], open_total: 0 }, { ...week, more: true })).toBe(
      "Open now: none. Last 7 days: 14 of the newest 31.",
    );
    expect(reachWords({ ...reach, recent: 0 }, { items: [], more: false })).toBe(
      "Open now: it matches 1 of 2. Last 7 days: none.",
    );
    expect(reachWords({ ...reach, recent: null }, null)).toBe("Open now: it matches 1 of 2.");
  });

  test("names that nobody knows are a second one", () => {
    expect(unknownWords([])).toBeNull();
    expect(unknownWords(["chekout"])).toBe("No service that is known is called chekout.");
    expect(unknownWords(["a", "b", "c"])).toBe("No service that is known is called a, b or c.");
  });
});
