import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Framing, type ScanFailure, type ScannedBatch, scanBatch } from "./ingest-scanner.ts";

const RECORD_MS = Date.UTC(2026, 10, 24, 10, 0, 0);
const CLOCK_MS = RECORD_MS + 2_000;
const EVENT =
  '{"event_time":"2026-11-24T10:00:00Z","service":"checkout","endpoint":"/cart/pay","latency_ms":153,"status_code":200}';
const TIMELESS = EVENT.replace('"event_time":"2026-11-24T10:00:00Z",', "");

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const line = (offset: number | string, value: string, timestamp: number | string = RECORD_MS): string =>
  `{"offset":${offset},"timestamp":${timestamp},"event":${value}}\n`;
const named = (service: string): string => EVENT.replace("checkout", service);

function scan(body: string | Uint8Array, framing: Framing): ScannedBatch | ScanFailure {
  return scanBatch(typeof body === "string" ? utf8.encode(body) : body, { framing, clock_ms: CLOCK_MS });
}

function accepted(body: string | Uint8Array, framing: Framing): ScannedBatch {
  const batch = scan(body, framing);
  if (!batch.ok) {
    throw new Error(`${batch.error}: ${batch.detail}`);
  }
  return batch;
}

const rejections = (batch: ScannedBatch): unknown[] =>
  batch.rejected.map(({ value, ...rest }) => ({ ...rest, value: text(value) }));

describe("lines of the bridge", () => {
  const framing = { first_offset: 40, last_offset: 49 };

  it("become columns, with each name once", () => {
    const other = EVENT.replace("/cart/pay", "/users/7?x=1").replace("153", "1.5").replace("200", "503");
    const { columns, rejected, lines } = accepted(
      line(40, EVENT) + line(41, other) + line(44, named("search")),
      framing,
    );
    expect({ lines, rejected: rejected.length, length: columns.length }).toEqual({ lines: 3, rejected: 0, length: 3 });
    expect([...columns.offset]).toEqual([40, 41, 44]);
    expect([...columns.timestamp_ms]).toEqual([RECORD_MS, RECORD_MS, RECORD_MS]);
    expect([...columns.event_time_ms]).toEqual([RECORD_MS, RECORD_MS, RECORD_MS]);
    expect(columns.services).toEqual(["checkout", "search"]);
    expect([...columns.service]).toEqual([0, 0, 1]);
    expect(columns.endpoints).toEqual(["/cart/pay", "/users/:id"]);
    expect([...columns.endpoint]).toEqual([0, 1, 0]);
    expect([...columns.latency_us]).toEqual([153_000, 1_500, 153_000]);
    expect([...columns.status_code]).toEqual([200, 503, 200]);
  });

  it("carry the version of each event that has one, and list it once", () => {
    const of = (version: string): string => EVENT.replace("}", `,"version":${version}}`);
    const versions = ['"1.2"', "null", '"1.3"', '"\\u0031.2"', '"1.3"'];
    const { columns } = accepted(versions.map((own, i) => line(40 + i, of(own))).join("") + line(45, EVENT), framing);
    expect(columns.versions).toEqual(["1.2", "1.3"]);
    expect([...columns.version]).toEqual([1, 0, 2, 1, 2, 0]);
  });

  it("may end without a newline, and blank lines between them count for nothing but the numbering", () => {
    const batch = accepted(`\n \t\r\n${line(40, EVENT)}\n${line(41, "7").trimEnd()}`, framing);
    expect(batch.lines).toBe(2);
    expect(batch.rejected).toMatchObject([{ line: 5, offset: 41, reason: "not_an_object" }]);
    expect(accepted("", framing)).toMatchObject({ lines: 0, columns: { length: 0, services: [] } });
  });

  it("are refused alone where a value breaks a rule, by their own offset and with their own bytes", () => {
    const values = [
      "",
      "null",
      '{},"offset":7',
      '{"offset":48,"timestamp":1,"event":{}}',
      `${EVENT}}`,
      ` ${named("X")} `,
    ];
    const batch = accepted(values.map((value, i) => line(40 + i, value, 1000 + i)).join("") + line(49, EVENT), framing);
    const reasons = ["invalid_json", "not_an_object", "invalid_json", "missing_event_time", "invalid_json", "future"];
    expect(rejections(batch)).toEqual(
      values.map((value, i) => ({ line: i + 1, offset: 40 + i, timestamp_ms: 1000 + i, reason: reasons[i], value })),
    );
    expect([...batch.columns.offset]).toEqual([49]);
  });

  it("are refused alone where a value is not UTF-8, and keep its bytes", () => {
    const body = utf8.encode(line(40, EVENT.replace("pay", "p~y")));
    body[body.indexOf(126)] = 0xe9;
    const [rejected] = accepted(body, framing).rejected;
    expect(rejected).toMatchObject({ offset: 40, reason: "invalid_utf8" });
    expect(rejected!.value).toContain(0xe9);
  });

  it("that forged Kafka's metadata are refused unread, anywhere and in any number", () => {
    const batch = accepted(line(-1, EVENT, -5) + line(40, EVENT) + line(-1, "{", 6) + line(41, EVENT), framing);
    expect(rejections(batch)).toEqual([
      { line: 1, offset: -1, timestamp_ms: -5, reason: "reserved_header", value: EVENT },
      { line: 3, offset: -1, timestamp_ms: 6, reason: "reserved_header", value: "{" },
    ]);
    expect(batch.columns.length).toBe(2);
    expect(accepted(line(-1, EVENT), { first_offset: -1, last_offset: -1 }).rejected).toHaveLength(1);
  });

  it("without a timestamp are held against the clock, and keep what they said", () => {
    const batch = accepted(line(40, EVENT, -1) + line(41, EVENT, 0), framing);
    expect([...batch.columns.timestamp_ms]).toEqual([-1, 0]);
  });

  it.each([
    ["no prefix", `${EVENT}\n`],
    ["a space in the prefix", line(40, EVENT).replace(":40", ": 40")],
    ["another order", `{"timestamp":1,"offset":40,"event":${EVENT}}\n`],
    ["something before it", ` ${line(40, EVENT)}`],
    ["something after it", line(40, EVENT).replace("\n", " \n")],
    ["a carriage return after it", line(40, EVENT).replace("\n", "\r\n")],
    ["no closing brace", line(40, "[1]").replace("}\n", "\n")],
    ["nothing after the prefix", '{"offset":40,"timestamp":1,"event":\n'],
    ["a value broken in two", line(40, EVENT.replace("{", "{\n"))],
    ["an offset below -1", line(-2, EVENT)],
    ["an offset with a leading zero", line("041", EVENT)],
    ["an offset of -0", line("-0", EVENT)],
    ["a fractional offset", line("41.0", EVENT)],
    ["no offset", line("", EVENT)],
    ["an offset beyond exact numbers", line("9007199254740993", EVENT)],
    ["an offset of 17 digits", line("10000000000000000", EVENT)],
    ["a timestamp that is text", line(40, EVENT, '"1"')],
    ["a truncated prefix", '{"offset":40,"timesta'],
  ])("refuse the whole batch where one has %s", (_, bad) => {
    expect(scan(line(40, EVENT).replace(":40", ":39") + bad, { first_offset: 39, last_offset: 49 })).toMatchObject({
      ok: false,
      error: "bad_line",
      line: 2,
    });
  });

  it("reach up to the largest exact offset", () => {
    const offset = Number.MAX_SAFE_INTEGER;
    expect([...accepted(line(offset, EVENT), { first_offset: offset, last_offset: offset }).columns.offset]).toEqual([
      offset,
    ]);
  });

  it.each([
    ["offsets_out_of_range", [39]],
    ["offsets_out_of_range", [40, 50]],
    ["offsets_not_ascending", [41, 41]],
    ["offsets_not_ascending", [42, -1, 41]],
  ])("refuse the whole batch as %s: %j", (error, offsets) => {
    const body = offsets.map((offset) => line(offset, EVENT)).join("");
    expect(scan(body, framing)).toMatchObject({ ok: false, error, line: offsets.length });
  });

  it("whose headers name no range refuse every offset", () => {
    for (const range of [
      { first_offset: -1, last_offset: -1 },
      { first_offset: 9, last_offset: 3 },
    ]) {
      expect(scan(line(5, EVENT), range)).toMatchObject({ error: "offsets_out_of_range" });
    }
  });
});

describe("plain bodies", () => {
  it("are events one a line, without offsets, with the clock for a missing time", () => {
    const batch = accepted(`${TIMELESS}\r\n\n${EVENT}\n`, "ndjson");
    expect([...batch.columns.offset]).toEqual([-1, -1]);
    expect([...batch.columns.timestamp_ms]).toEqual([CLOCK_MS, CLOCK_MS]);
    expect([...batch.columns.event_time_ms]).toEqual([CLOCK_MS, RECORD_MS]);
  });

  it("refuse a line alone", () => {
    const batch = accepted(`${EVENT}\n${EVENT},\r\n${named("BAD")}\n${EVENT}`, "ndjson");
    expect(rejections(batch)).toEqual([
      { line: 2, offset: -1, timestamp_ms: CLOCK_MS, reason: "invalid_json", value: `${EVENT},` },
      { line: 3, offset: -1, timestamp_ms: CLOCK_MS, reason: "invalid_service", value: named("BAD") },
    ]);
    expect(batch.columns.length).toBe(2);
  });

  it.each<Framing>(["ndjson", "json"])(
    "may be one array, however it is laid out and whatever it is called (%s)",
    (framing) => {
      const pretty = JSON.stringify([JSON.parse(EVENT), JSON.parse(named("BAD")), { note: '],"\\' }], null, 2);
      const batch = accepted(`\n ${pretty}\n`, framing);
      expect(batch.columns.services).toEqual(["checkout"]);
      expect(batch.rejected.map(({ line: element, reason }) => [element, reason])).toEqual([
        [2, "invalid_service"],
        [3, "invalid_service"],
      ]);
      expect(JSON.parse(text(batch.rejected[1]!.value))).toEqual({ note: '],"\\' });
      expect(accepted(" [ ] ", framing).lines).toBe(0);
    },
  );

  it("may be one event over several lines, where it is said to be JSON", () => {
    const pretty = JSON.stringify(JSON.parse(EVENT), null, 2);
    expect(accepted(pretty, "json").columns.length).toBe(1);
    expect(accepted(named("BAD"), "json").rejected).toMatchObject([{ line: 1, reason: "invalid_service" }]);
  });

  it.each([
    ["[", "an array that does not end"],
    [`[${EVENT}`, "an array that does not end"],
    [`[${EVENT}}`, "brackets that do not match"],
    [`[${EVENT}]]`, "a bracket too many"],
    [`[${EVENT}] x`, "something after it"],
    [`[${EVENT},]`, "an element missing at the end"],
    [`[,${EVENT}]`, "an element missing at the start"],
    [`[${EVENT} ${EVENT}]`, "a comma missing"],
    [`[${EVENT},{"a":"]`, "a string that does not end"],
    ['["a\\', "an escape at the end"],
  ])("that start like an array are refused whole where they are none: %j, %s", (body) => {
    for (const framing of ["ndjson", "json"] as const) {
      expect(scan(body, framing)).toMatchObject({ ok: false, error: "bad_body" });
    }
  });

  it("are refused whole where they are said to be JSON and are not", () => {
    for (const body of ["", "  ", "{", `${EVENT}\n${EVENT}`, "\ufeff[]"]) {
      expect(scan(body, "json")).toMatchObject({ ok: false, error: "bad_body", line: null });
    }
  });

  it("are an array exactly where JSON.parse says so", () => {
    const piece = fc.constantFrom("[", "]", "{", "}", ",", '"', "\\", ":", "1", '{"a":1}', "null", " ", "\n", '"]"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const body = `[${pieces.join("")}`;
        let elements: number | null;
        try {
          const parsed: unknown = JSON.parse(body);
          elements = Array.isArray(parsed) ? parsed.length : null;
        } catch {
          elements = null;
        }
        const batch = scan(body, "json");
        expect(batch.ok ? batch.lines : null).toBe(elements);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("a batch", () => {
  it("holds 20,000 events at most, refused ones included", () => {
    expect(accepted(`${EVENT}\n{}\n`.repeat(10_000), "ndjson").lines).toBe(20_000);
    expect(scan(`${EVENT}\n{}\n`.repeat(10_000) + EVENT, "ndjson")).toMatchObject({
      error: "too_many_lines",
      line: 20_001,
    });
    expect(scan(`[${"{},".repeat(20_000)}{}]`, "json")).toMatchObject({ error: "too_many_lines" });
    const framing = { first_offset: 0, last_offset: 30_000 };
    const lines = Array.from({ length: 20_001 }, (_, i) => line(i, "{}")).join("");
    expect(scan(lines, framing)).toMatchObject({ error: "too_many_lines" });
  });

  it("holds 1,000 services at most, of valid events only", () => {
    const events = Array.from({ length: 1_000 }, (_, i) => `${named(`s${i}`)}\n`).join("");
    const bad = named("more").replace("200", "999");
    const batch = accepted(`${events}${bad}\n${named("s7")}`, "ndjson");
    expect(batch.columns.services).toHaveLength(1_000);
    expect(batch.columns.services[batch.columns.service[1_000]!]).toBe("s7");
    expect(scan(`${events}${named("more")}`, "ndjson")).toMatchObject({ error: "too_many_services", line: 1_001 });
  });

  it("names no service or endpoint that only refused events have", () => {
    const { columns } = accepted(`${named("faultline")}\n${EVENT.replace("/cart/pay", "x".repeat(201))}\n`, "ndjson");
    expect(columns).toMatchObject({ length: 0, services: [], endpoints: [] });
  });

  it("can give any accepted event as a rejected one", () => {
    const escaped = EVENT.replace("checkout", "\\u0063heckout");
    const batch = accepted(line(5, "{}") + line(6, ` ${EVENT} `) + line(8, escaped), {
      first_offset: 5,
      last_offset: 9,
    });
    const { value, ...first } = batch.valueOf(0, "quarantined");
    expect({ ...first, value: text(value) }).toEqual({
      line: 2,
      offset: 6,
      timestamp_ms: RECORD_MS,
      reason: "quarantined",
      value: ` ${EVENT} `,
    });
    expect(text(batch.valueOf(1, "quarantined").value)).toBe(escaped);
    expect(() => batch.valueOf(2, "quarantined")).toThrow(RangeError);
  });

  it("gives every event the same reading in a crowd as alone", () => {
    const name = fc.stringMatching(/^[a-c]{1,3}$/);
    const event = fc.record({
      service: name,
      endpoint: fc.oneof(
        name,
        fc.nat(9).map((id) => `/u/${id}`),
        fc.constant("/é"),
      ),
      latency_ms: fc.integer({ min: 0, max: 9_999 }).map((n) => n / 8),
      status_code: fc.integer({ min: 90, max: 610 }),
      event_time: fc.constantFrom(
        "2026-11-24T09:59:59.9Z",
        "2026-11-24T10:00:01+00:00",
        "2026-11-24T10:00:01.25z",
        "2026-11-24T09:00:00-01:00",
      ),
    });
    const read = (body: string): unknown[] => {
      const { columns: c, rejected } = accepted(body, "ndjson");
      const events = Array.from({ length: c.length }, (_, i) => [
        c.services[c.service[i]!],
        c.endpoints[c.endpoint[i]!],
        c.event_time_ms[i],
        c.latency_us[i],
        c.status_code[i],
      ]);
      return [...events, ...rejected.map(({ reason }) => reason)];
    };
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const lines = events.map((each) => JSON.stringify(each));
        const alone = lines.flatMap(read);
        const sorted = [...alone.filter(Array.isArray), ...alone.filter((each) => !Array.isArray(each))];
        expect(read(lines.join("\n"))).toEqual(sorted);
      }),
      { numRuns: 200 },
    );
  });

  it("lies anywhere in a larger buffer", () => {
    const bytes = utf8.encode(`xx${EVENT}`);
    expect(accepted(bytes.subarray(2), "ndjson").columns.length).toBe(1);
  });

  it("of megabytes is read in linear time, whatever they hold", () => {
    const megabyte = 1 << 20;
    const bodies = [
      "\n".repeat(megabyte),
      '"'.repeat(megabyte),
      "[".repeat(megabyte),
      `[${'"\\'.repeat(megabyte / 2)}`,
      `{"a":${"[".repeat(megabyte)}`,
      EVENT.replace("/cart/pay", "x".repeat(megabyte)),
      EVENT.replace("153", "1".repeat(megabyte)),
      EVENT.replace("00Z", `00.${"0".repeat(megabyte)}Z`),
      EVENT.replace("{", `{${" ".repeat(megabyte)}`),
      `${EVENT.slice(0, -1)}\n`.repeat(9_000),
    ];
    for (const body of bodies) {
      for (const framing of ["ndjson", "json", { first_offset: 0, last_offset: 9 }] as const) {
        const bytes = utf8.encode(typeof framing === "object" ? line(0, body) : body);
        const start_ms = performance.now();
        scanBatch(bytes, { framing, clock_ms: CLOCK_MS });
        // Quadratic reading of a megabyte would take minutes.
        expect(performance.now() - start_ms).toBeLessThan(5_000);
      }
    }
  });
});
