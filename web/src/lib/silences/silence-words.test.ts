/** What a silence is, in words, and under which heading it stands. */
import { describe, expect, test } from "vitest";
import type { Silence } from "../../../../domain/silencing.ts";
import { listAddress, pointedOutAddress, readPointedOut, readWanted, silenceAddress } from "./silence-link.ts";
import {
  daysWords,
  kindOf,
  seasonWords,
  servicesWords,
  severitiesWords,
  silencesByKind,
  silencesSentence,
  whenWords,
} from "./silence-words.ts";

/** A Tuesday. */
const NOW = Date.parse("2026-11-24T10:04:12Z");
const NIGHTS = { days: [1, 2, 3, 4, 5], from: "22:00", until: "06:00", zone: "UTC" };

function silence(part: Partial<Silence> = {}): Silence {
  return {
    id: "sil_0000000000000001",
    revision: 1,
    services: ["checkout"],
    endpoint: null,
    severities: null,
    incident_id: null,
    starts_at: "2026-11-24T10:00:00.000Z",
    ends_at: "2026-11-24T11:00:00.000Z",
    weekly: null,
    comment: "",
    created_at: "2026-11-24T10:00:00.000Z",
    created_by: "admin by cookie",
    ...part,
  };
}

describe("when it holds", () => {
  test("is until when and how much longer, of one that holds now", () => {
    expect(whenWords(silence(), NOW)).toBe("until 11:00, for 55 min more");
    expect(whenWords(silence({ ends_at: "2026-11-25T09:00:00.000Z" }), NOW)).toBe(
      "until 25 Nov 09:00, for 22 h 55 min more",
    );
  });

  test("is from when to when, of one to come", () => {
    const coming = silence({ starts_at: "2026-11-24T22:00:00.000Z", ends_at: "2027-01-02T06:00:00.000Z" });
    expect(whenWords(coming, NOW)).toBe("from 22:00 to 2 Jan 2027 06:00");
  });

  test("is its hours and how long they go on, of a weekly one; until the end of these hours while they last", () => {
    const weekly = silence({ weekly: NIGHTS, ends_at: "2027-11-24T10:00:00.000Z" });
    expect([whenWords(weekly, NOW), seasonWords(weekly, NOW)]).toEqual([
      "Mon to Fri, 22:00 to 06:00, UTC",
      "until 24 Nov 2027",
    ]);
    expect(whenWords(weekly, Date.parse("2026-11-24T22:30:00Z"))).toBe("until 25 Nov 06:00, for 7 h 30 min more");
    const later = silence({ weekly: NIGHTS, starts_at: "2026-12-01T00:00:00Z", ends_at: "2026-12-24T00:00:00Z" });
    expect(seasonWords(later, NOW)).toBe("from 1 Dec, until 24 Dec");
  });
});

test.each([
  [[1, 2, 3, 4, 5, 6, 7], "every day"],
  [[5, 4, 3, 2, 1], "Mon to Fri"],
  [[6, 7], "Sat and Sun"],
  [[1, 3, 5], "Mon, Wed and Fri"],
  [[7], "Sun"],
])("the days %j are %s", (days, words) => {
  expect(daysWords(days)).toBe(words);
});

test("what it is for is its services, or every one, and what narrows it", () => {
  expect(servicesWords({ services: ["checkout", "pay-*"] })).toBe("checkout and pay-*");
  expect(servicesWords({ services: ["checkout", "*"] })).toBe("every service");
  expect(severitiesWords({ severities: ["medium", "high"] })).toBe("only medium or high");
  expect(severitiesWords({ severities: ["medium", "high", "critical"] })).toBe("");
  expect(severitiesWords({ severities: null })).toBe("");
});

test("each stands under one heading, what ends or begins first before the others, and what is over nowhere", () => {
  const active = silence();
  const longer = silence({ id: "longer", ends_at: "2026-11-24T15:00:00.000Z" });
  const coming = silence({ id: "coming", starts_at: "2026-11-24T12:00:00.000Z", ends_at: "2026-11-24T13:00:00.000Z" });
  const weekly = silence({ id: "weekly", weekly: NIGHTS, ends_at: "2026-12-24T11:00:00.000Z" });
  const over = silence({ id: "over", ends_at: "2026-11-24T10:04:12.000Z" });
  expect(kindOf(over, NOW)).toBe("ended");
  expect(silencesByKind([longer, over, weekly, coming, active], NOW)).toEqual({
    active: [active, longer],
    coming: [coming],
    weekly: [weekly],
  });
  // In its hours a weekly one holds as any other does.
  expect(silencesByKind([weekly], Date.parse("2026-11-24T23:00:00Z")).active).toEqual([weekly]);
});

test("the first sentence says what holds now, then what is to come", () => {
  expect([silencesSentence(0, 0), silencesSentence(1, 4), silencesSentence(2, 0), silencesSentence(0, 1)]).toEqual([
    "Nothing is silenced.",
    "1 silence holds now.",
    "2 silences hold now.",
    "Nothing is silenced now; 1 silence is to come.",
  ]);
});

describe("the address", () => {
  test("of a new one from an incident brings its service and endpoint, as they are", () => {
    const incident = { id: "checkout-1-error_rate", service: "checkout", endpoint: "/cart?a=1&b=<x>" };
    const url = new URL(silenceAddress(incident), "https://faultline.example.org");
    expect(url.pathname).toBe("/silences");
    expect(readWanted(url.searchParams)).toEqual({
      kind: "new",
      prefill: { services: "checkout", endpoint: "/cart?a=1&b=<x>", incident_id: "checkout-1-error_rate" },
    });
    expect(silenceAddress({ ...incident, endpoint: null })).not.toContain("endpoint");
  });

  test("of the list is without it, and keeps the zone", () => {
    const query = new URLSearchParams("new=1&services=a&endpoint=b&incident=c&tz=local");
    expect(listAddress(query, null)).toBe("/silences?tz=local");
    expect(listAddress(query, "new")).toBe("/silences?tz=local&new=1");
    expect(listAddress(query, "sil_1")).toBe("/silences?tz=local&edit=sil_1");
    expect(listAddress(new URLSearchParams("edit=sil_1"), null)).toBe("/silences");
    const pointed = new URL(pointedOutAddress("sil_1"), "http://localhost").searchParams;
    expect(readPointedOut(pointed)).toBe("sil_1");
    expect(listAddress(pointed, "new")).toBe("/silences?new=1");
    expect(readWanted(new URLSearchParams("services=a"))).toBeNull();
    const prefill = { services: "", endpoint: "", incident_id: null };
    expect(readWanted(new URLSearchParams("new=1"))).toEqual({ kind: "new", prefill });
    expect(readWanted(new URLSearchParams("edit=sil_1"))).toEqual({ kind: "change", id: "sil_1" });
  });
});
