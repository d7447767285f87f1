import { describe, expect, it } from "vitest";
import { type Arrival, parseEvent, REJECT_REASONS } from "./event.ts";

const RECORD_MS = Date.UTC(2026, 10, 24, 10, 0, 0);
const CLOCK_MS = RECORD_MS + 5_000_000_000;
const RECORD: Arrival = { timestamp_ms: RECORD_MS, plain: false, clock_ms: CLOCK_MS };
const PLAIN: Arrival = { timestamp_ms: CLOCK_MS, plain: true, clock_ms: CLOCK_MS };

const VALID = {
  event_time: "2026-11-24T10:00:00.123Z",
  service: "checkout",
  endpoint: "/cart/pay",
  latency_ms: 153,
  status_code: 200,
};

const judgeText = (text: string, arrival: Arrival = RECORD) => parseEvent(new TextEncoder().encode(text), arrival);
const judge = (fields: object, arrival: Arrival = RECORD) =>
  judgeText(JSON.stringify({ ...VALID, ...fields }), arrival);
const at = (time_ms: number) => ({ event_time: new Date(time_ms).toISOString() });

describe("an event that keeps every rule", () => {
  it("is read into whole numbers", () => {
    expect(judge({})).toEqual({
      ok: true,
      event: {
        event_time_ms: RECORD_MS + 123,
        service: "checkout",
        endpoint: "/cart/pay",
        latency_us: 153_000,
        status_code: 200,
        caller: null,
        version: null,
      },
    });
  });

  it("may name its caller and version, and null is the same as neither", () => {
    expect(judge({ caller: "web", version: "1.4.2 (β)" })).toMatchObject({
      event: { caller: "web", version: "1.4.2 (β)" },
    });
    expect(judge({ version: "x".repeat(100) })).toMatchObject({ ok: true });
    expect(judge({ caller: null, version: null })).toEqual(judge({}));
  });

  it("may have unknown fields of any kind", () => {
    expect(judge({ tags: { deep: [1, { deeper: null }] }, toString: 1 })).toEqual(judge({}));
  });

  it("is not changed by a key that names a prototype", () => {
    const text = JSON.stringify(VALID).replace("{", '{"__proto__":{"caller":"mallory"},"constructor":null,');
    expect(judgeText(text)).toEqual(judge({}));
  });

  it("takes the last of a repeated key, as JSON.parse does", () => {
    const text = JSON.stringify(VALID).replace("{", '{"service":"BAD",');
    expect(judgeText(text)).toEqual(judge({}));
  });

  it("rounds latency to whole microseconds", () => {
    for (const [latency_ms, latency_us] of [
      [0, 0],
      [0.0004, 0],
      [0.0005, 1],
      [1.2345, 1235],
      [3_600_000, 3_600_000_000],
    ]) {
      expect(judge({ latency_ms })).toMatchObject({ event: { latency_us } });
    }
    const negative_zero = judgeText(JSON.stringify(VALID).replace("153", "-0"));
    expect(negative_zero).toMatchObject({ ok: true, event: { latency_us: 0 } });
  });

  it("may write its integer status code with a point or an exponent", () => {
    for (const code of ["200.0", "2e2", "20.0E1"]) {
      expect(judgeText(JSON.stringify(VALID).replace("200", code))).toEqual(judge({}));
    }
  });
});

describe("time", () => {
  it("may be missing over plain HTTP only, where the receipt counts", () => {
    expect(judge({ event_time: undefined }, PLAIN)).toMatchObject({ event: { event_time_ms: CLOCK_MS } });
    expect(judge({ event_time: null }, PLAIN)).toMatchObject({ event: { event_time_ms: CLOCK_MS } });
    expect(judge({ event_time: undefined })).toEqual({ ok: false, reason: "missing_event_time" });
    expect(judge({ event_time: null })).toEqual({ ok: false, reason: "missing_event_time" });
  });

  it.each([
    ["the record's timestamp, whatever the clock says", RECORD, RECORD_MS],
    ["the clock over plain HTTP", PLAIN, CLOCK_MS],
    ["the clock where the record has no timestamp", { ...RECORD, timestamp_ms: -1 }, CLOCK_MS],
    ["the clock where the record's timestamp is zero", { ...RECORD, timestamp_ms: 0 }, CLOCK_MS],
  ])("is held against %s", (_, arrival, reference_ms) => {
    expect(judge(at(reference_ms + 60_000), arrival).ok).toBe(true);
    expect(judge(at(reference_ms + 60_001), arrival)).toEqual({ ok: false, reason: "future" });
    expect(judge(at(reference_ms - 86_400_000), arrival).ok).toBe(true);
    expect(judge(at(reference_ms - 86_400_001), arrival)).toEqual({ ok: false, reason: "past" });
    // The last minute that can be written could not be given an end.
    const last_day = { ...arrival, plain: false, timestamp_ms: 253_402_300_700_000 };
    expect(judge(at(253_402_300_739_999), last_day).ok).toBe(true);
    expect(judge(at(253_402_300_740_000), last_day)).toEqual({ ok: false, reason: "future" });
    // A record of the epoch's first day: its events may not lie before the epoch.
    const first_day = { ...arrival, plain: false, timestamp_ms: 1000 };
    expect(judge(at(-1), first_day)).toEqual({ ok: false, reason: "past" });
  });
});

describe("an event that breaks a rule", () => {
  it.each([
    ["invalid_event_time", { event_time: "yesterday" }],
    ["invalid_event_time", { event_time: RECORD_MS }],
    ["invalid_event_time", { event_time: "2026-11-24T10:00:00" }],
    ["invalid_service", { service: undefined }],
    ["invalid_service", { service: null }],
    ["invalid_service", { service: 7 }],
    ["invalid_service", { service: "" }],
    ["invalid_service", { service: "Checkout" }],
    ["invalid_service", { service: ".checkout" }],
    ["invalid_service", { service: "check out" }],
    ["invalid_service", { service: "checkout\n" }],
    ["invalid_service", { service: "x".repeat(64) }],
    ["reserved_service", { service: "faultline" }],
    ["invalid_endpoint", { endpoint: undefined }],
    ["invalid_endpoint", { endpoint: "" }],
    ["invalid_endpoint", { endpoint: ["/"] }],
    ["invalid_endpoint", { endpoint: "/a\u0000" }],
    ["invalid_endpoint", { endpoint: "x".repeat(201) }],
    ["invalid_latency_ms", { latency_ms: undefined }],
    ["invalid_latency_ms", { latency_ms: "153" }],
    ["invalid_latency_ms", { latency_ms: -0.001 }],
    ["invalid_latency_ms", { latency_ms: 3_600_000.001 }],
    ["invalid_status_code", { status_code: undefined }],
    ["invalid_status_code", { status_code: "200" }],
    ["invalid_status_code", { status_code: 200.5 }],
    ["invalid_status_code", { status_code: 99 }],
    ["invalid_status_code", { status_code: 600 }],
    ["invalid_caller", { caller: "" }],
    ["invalid_caller", { caller: "Web" }],
    ["invalid_caller", { caller: false }],
    ["invalid_version", { version: "" }],
    ["invalid_version", { version: 2 }],
    ["invalid_version", { version: "x".repeat(101) }],
    ["invalid_version", { version: "1\u202e2" }],
  ])("is refused as %s: %j", (reason, fields) => {
    expect(judge(fields)).toEqual({ ok: false, reason });
  });

  it.each([
    ["invalid_json", ""],
    ["invalid_json", "{"],
    ["invalid_json", "\ufeff{}"],
    ["invalid_json", '{},"offset":7'],
    ["invalid_json", "NaN"],
    ["not_an_object", "null"],
    ["not_an_object", "7"],
    ["not_an_object", '"text"'],
    ["not_an_object", "[]"],
  ])("is refused as %s: %j", (reason, text) => {
    expect(judgeText(text)).toEqual({ ok: false, reason });
  });

  it("is refused for a number beyond every double", () => {
    expect(judgeText(JSON.stringify(VALID).replace("153", "1e999"))).toEqual({
      ok: false,
      reason: "invalid_latency_ms",
    });
  });

  it("is refused for bytes that are no UTF-8, wherever they stand", () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...VALID, note: "~" }));
    bytes[bytes.indexOf(126)] = 0xff;
    expect(parseEvent(bytes, RECORD)).toEqual({ ok: false, reason: "invalid_utf8" });
  });

  it("is refused, not crashed on, when it nests a hundred thousand levels deep", () => {
    expect(judgeText("[".repeat(100_000))).toEqual({ ok: false, reason: "invalid_json" });
    expect(judgeText("[".repeat(100_000) + "]".repeat(100_000))).toEqual({ ok: false, reason: "not_an_object" });
  });
});

it("says of every reason, in a sentence, what would be right", () => {
  for (const detail of Object.values(REJECT_REASONS)) {
    expect(detail).toMatch(/^[A-Za-z_]+ .*\b(must|raise|lift)\b.*\.$/);
  }
});
