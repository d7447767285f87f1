/** The scanner against the authority: one line through scanBatch must give what parseEvent gives for its value, on every input. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { viewOf } from "./byte-pattern.ts";
import { type Arrival, parseEvent, type Verdict } from "./event.ts";
import { EventScanner } from "./event-scanner.ts";
import { type Framing, scanBatch } from "./ingest-scanner.ts";
import { UNSURE } from "./plain-json.ts";

const CLOCK_MS = Date.UTC(2026, 10, 24, 10, 0, 30);
const RECORD_MS = Date.UTC(2026, 10, 24, 10, 0, 0);
const utf8 = new TextEncoder();

type Outcome = Omit<Extract<Verdict, { ok: true }>["event"], "caller"> | string;

/** What the scanner makes of one value. */
function scanned(body: Uint8Array, framing: Framing): Outcome {
  const batch = scanBatch(body, { framing, clock_ms: CLOCK_MS });
  if (!batch.ok) {
    return batch.error;
  }
  const { columns, rejected } = batch;
  if (batch.lines !== 1 || columns.length + rejected.length !== 1) {
    expect.unreachable("one value must be one event");
  }
  return (
    rejected[0]?.reason ?? {
      event_time_ms: columns.event_time_ms[0]!,
      service: columns.services[columns.service[0]!]!,
      endpoint: columns.endpoints[columns.endpoint[0]!]!,
      latency_us: columns.latency_us[0]!,
      status_code: columns.status_code[0]!,
      version: columns.version[0] === 0 ? null : columns.versions[columns.version[0]! - 1]!,
    }
  );
}

function judged(value: Uint8Array, arrival: Arrival): Outcome {
  const verdict = parseEvent(value, arrival);
  if (!verdict.ok) {
    return verdict.reason;
  }
  const { caller: _caller, ...fields } = verdict.event;
  return fields;
}

/** Raw newlines part lines; the bridge makes them spaces. */
function withoutNewlines(value: Uint8Array): Uint8Array {
  return value.map((byte) => (byte === 10 ? 32 : byte));
}

function framed(value: Uint8Array): Uint8Array {
  const prefix = utf8.encode(`{"offset":41,"timestamp":${RECORD_MS},"event":`);
  return Uint8Array.from([...prefix, ...value, 125, 10]);
}

/** vitest's own comparison would take most of the time of 20,000 cases; it is left to word the failure. */
function expectSame(actual: Outcome, expected: Outcome): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    expect(actual).toEqual(expected);
    expect.unreachable("the same fields in another order");
  }
}

interface Met {
  accepted: number;
  refused: number;
  /** Read without parseEvent. */
  sure: number;
}

/** Counts what was met, so that a fuzz that only ever makes rubbish, or never leaves the slow path, is found out. */
function compare(values: fc.Arbitrary<Uint8Array>, numRuns: number): Met {
  const met = { accepted: 0, refused: 0, sure: 0 };
  fc.assert(
    fc.property(values, (value) => compareOne(value, met)),
    { numRuns },
  );
  return met;
}

function compareOne(raw: Uint8Array, met: Met): void {
  const value = withoutNewlines(raw);
  const as_record = judged(value, { timestamp_ms: RECORD_MS, plain: false, clock_ms: CLOCK_MS });
  expectSame(scanned(framed(value), { first_offset: 41, last_offset: 41 }), as_record);
  met[typeof as_record === "string" ? "refused" : "accepted"] += 1;
  met.sure += new EventScanner(value, viewOf(value)).scan(0) === UNSURE ? 0 : 1;

  const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(value).trim();
  if (text !== "" && !text.startsWith("[")) {
    const as_plain = judged(value, { timestamp_ms: CLOCK_MS, plain: true, clock_ms: CLOCK_MS });
    expectSame(scanned(value, "ndjson"), as_plain);
    const is_json = as_plain !== "invalid_json" && as_plain !== "invalid_utf8";
    expectSame(scanned(Uint8Array.from([91, 10, ...value, 32, 93]), "json"), is_json ? as_plain : "bad_body");
  }
}

const NUMBERS = [
  ..."-0 0 00 01 0153 1. .5 +1 1e2 1E+2 2e2 1e 1e+ 1e400 -1 - -01 -1.5e-3 1.5 1.e2 153. 153.a 0.0005 1.0005 NaN Infinity 0x10 1_0 15a".split(
    " ",
  ),
  ..."099 99 100 101 199.5 200.0 20e1 0200 599 600 1000 2000".split(" "),
  ..."3600000 3600000.0001 3600000.00000001 3600001 9999999 12345678 123456789012345 1234567890123456 9007199254740993".split(
    " ",
  ),
  ..."3600000.0000000000001 0.1234567890123456789 0.00049999999999999999 1.00050000000000001 0.00000000000001".split(
    " ",
  ),
  "1 2",
];
const TIMES = [
  ..."2026-11-24T10:00:00Z 2026-11-24T10:00:00.123Z 2026-11-24T10:00:00.1Z 2026-11-24T10:00:00.1239999Z".split(" "),
  ..."2026-11-24t10:00:00.12z 2026-11-24T10:00:00z 2026-11-24T11:00:00.5+01:00 2026-11-24T09:30:00-00:30".split(" "),
  ..."2026-11-24T10:00:60Z 2026-11-24T10:00:61Z 2026-11-24T10:00:70Z 2026-11-24T10:00:0:Z 2026-11-24T10:00:0/Z".split(
    " ",
  ),
  ..."2026-11-24T10:00:00.Z 2026-11-24T10:00:00 2026-11-24T10:00:00.5 2026-11-24T10:00:00ZZ 2026-11-24T10:00Z".split(
    " ",
  ),
  ..."2026-11-24T10:01:00Z 2026-11-24T10:01:00.001Z 2026-11-23T10:00:00Z 2026-11-23T09:59:59.999Z".split(" "),
  ..."2026-02-30T10:00:00Z 2026-11-24T34:00:00+24:00 2026-11-24T10:00:00+00:60 2026-11-24T10:00:00+0:00Z".split(" "),
  ..."2026-11-24T10:00:00+00;00 2026-11-24T10:00:00~00:00 2026-11-24T10:00:00+00:000 2026-11-24T10:0:00Z".split(" "),
  "2026-11-24 10:00:00Z",
  "2026-11-24T10:00:00\u0000",
  "",
].map((text) => JSON.stringify(text));
const NAMES = [
  "checkout",
  "faultline",
  "a",
  "Bad",
  "-x",
  "_",
  "x_y.z-1",
  "x y",
  "x{",
  "",
  "x".repeat(63),
  "x".repeat(64),
  "x".repeat(70_000),
].map((text) => JSON.stringify(text));
const ENDPOINTS = [
  ...'/ /cart/pay /users/42?x=1 ?q # /a\\b /a"b /é /\u007f /abc\u007fdefgh /abcd\u202eefg /~~~~~~ /v1/~'.split(" "),
  "",
  " ",
  "/a\u2028b",
  `/${"x".repeat(63)}`,
  `/${"x".repeat(64)}`,
  `/${"x".repeat(99)}`,
  `/${"x".repeat(100)}`,
  `/${"x".repeat(199)}`,
  "x".repeat(201),
  `/a?${"x".repeat(5_000)}`,
].map((text) => JSON.stringify(text));
const ODD = [
  ...'"\\u0063heckout" "check\\u006fut" "/abc\\defgh" "\\ud800" "\\x" "/ab\tcdef" "unterminated null nul nulls true tru false {} [] {"a":1} [1]'.split(
    " ",
  ),
  "",
  '"/ab\u0000cdef"',
  '"a""b"',
];
const KEYS: readonly (readonly [string, readonly string[]])[] = [
  ["event_time", TIMES],
  ["service", NAMES],
  ["endpoint", ENDPOINTS],
  ["latency_ms", NUMBERS],
  ["status_code", NUMBERS],
  ["caller", NAMES],
  ["version", ENDPOINTS],
  ["x", [...NUMBERS, ...ENDPOINTS]],
  ["s\\u0065rvice", NAMES],
  ["Service", NAMES],
  ["__proto__", ODD],
];

const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
const number = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.double({ min: 0, max: 4e6, noNaN: true }).map(String),
  fc.integer({ min: 0, max: 700 }).map(String),
  fc.tuple(fc.integer({ min: 0, max: 3_600_000 }), fc.stringMatching(/^[0-9]{1,12}$/)).map((parts) => parts.join(".")),
);
const time = fc.oneof(
  fc.constantFrom(...TIMES),
  fc
    .integer({ min: RECORD_MS - 90_000_000, max: RECORD_MS + 90_000 })
    .map((time_ms) => JSON.stringify(new Date(time_ms))),
);
const service = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.string().map((text) => JSON.stringify(text)),
);
const endpoint = fc.oneof(
  fc.constantFrom(...ENDPOINTS),
  fc.oneof(fc.webPath(), fc.string({ unit: "binary" })).map((text) => JSON.stringify(text)),
);
const escaped = fc.constantFrom(...ODD);
const anything = fc.json({ maxDepth: 3 });
const member = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(fc.constant("event_time"), fc.oneof(time, escaped, anything)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("service"), fc.oneof(service, escaped, anything)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("endpoint"), fc.oneof(endpoint, escaped, anything)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("latency_ms"), fc.oneof(number, escaped, anything)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("status_code"), fc.oneof(number, escaped, anything)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("caller"), fc.oneof(service, escaped, anything)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("version"), fc.oneof(endpoint, escaped, number)) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom(
        "x",
        "",
        "__proto__",
        "latency_us",
        "Service",
        "servicf",
        "end\\u0070oint",
        "s\\u0065rvice",
        "événement",
      ),
      fc.oneof(anything, number, escaped, time),
    ),
  },
);

const VALID: readonly (readonly [string, string])[] = [
  ["event_time", '"2026-11-24T10:00:00.123Z"'],
  ["service", '"checkout"'],
  ["endpoint", '"/cart/pay"'],
  ["latency_ms", "153.25"],
  ["status_code", "200"],
];

/** A valid event in any order, with some members replaced, repeated, added or dropped, and any white space. */
const assembled = fc
  .tuple(
    fc.shuffledSubarray([...VALID], { minLength: 4 }),
    fc.array(member, { maxLength: 2 }),
    fc.array(space, { minLength: 8, maxLength: 8 }),
    fc.boolean(),
  )
  .map(([base, extra, spaces, extra_first]) => {
    const members = extra_first
      ? [...extra, ...base]
      : [...base.filter(([key]) => extra.every(([name]) => name !== key)), ...extra];
    const gap = (i: number): string => spaces[i % spaces.length]!;
    const body = members
      .map(([key, value], i) => `${gap(i)}"${key}"${gap(i + 1)}:${gap(i + 2)}${value}${gap(i + 3)}`)
      .join(",");
    return utf8.encode(`${gap(5)}{${body}}${gap(6)}`);
  });

/** A valid event with a few bytes changed, put in or taken out. */
const mutated = fc
  .tuple(
    fc.array(
      fc.record({
        at: fc.nat(400),
        byte: fc.oneof(
          fc.integer({ min: 0, max: 255 }),
          fc.constantFrom(...utf8.encode('{}[]",:\\ \t\r0.eE-+Z\u0000')),
        ),
        kind: fc.constantFrom("set", "insert", "delete"),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    fc.constantFrom(
      "",
      ',"caller":"web"',
      ',"version":"1.2"',
      ',"caller":null',
      ',"n":-1.5e+3',
      ',"t":true',
      ',"s":"text"',
    ),
  )
  .map(([changes, extra]) => {
    const bytes = [...utf8.encode(`{${VALID.map(([key, value]) => `"${key}":${value}`).join(",")}${extra}}`)];
    for (const { at, byte, kind } of changes) {
      bytes.splice(at % bytes.length, kind === "insert" ? 0 : 1, ...(kind === "delete" ? [] : [byte]));
    }
    return Uint8Array.from(bytes);
  });

const rubbish = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.json().map((text) => utf8.encode(text)),
  fc
    .constantFrom(
      '{},"offset":7',
      "",
      "\ufeff{}",
      "\u0000",
      "{}",
      "}",
      "{}}",
      '{"',
      '{"a',
      '{"a"',
      '{"a":',
      '{"a":1,',
      '{"a":1,}',
      "-",
      "1e",
    )
    .map((text) => utf8.encode(text)),
);

describe("scanBatch agrees with parseEvent", () => {
  it("on a valid event with any one member odd, alone, before the good one and after it", () => {
    const met = { accepted: 0, refused: 0, sure: 0 };
    const rest = [...VALID, ["caller", '"web"'], ["version", '"1.2"']] as const;
    for (const [key, values] of KEYS) {
      for (const value of [...values, ...ODD, ...NUMBERS.slice(0, 4)]) {
        const others = rest.filter(([name]) => name !== key);
        const placed = [
          [[key, value], ...others],
          [...others, [key, value]],
          [[key, value], ...rest],
          [...rest, [key, value]],
        ];
        for (const members of placed) {
          compareOne(utf8.encode(`{${members.map(([name, text]) => `"${name}":${text}`).join(",")}}`), met);
        }
      }
    }
    expect(met.sure).toBeGreaterThan(300);
    expect(met.refused).toBeGreaterThan(1_000);
  });

  it("on events put together from good and odd members", { timeout: 30_000 }, () => {
    const met = compare(assembled, 5_000);
    expect(met.accepted).toBeGreaterThan(700);
    expect(met.refused).toBeGreaterThan(700);
    expect(met.sure).toBeGreaterThan(700);
  });

  it("on valid events with a few bytes changed", { timeout: 30_000 }, () => {
    const met = compare(mutated, 4_000);
    expect(met.accepted).toBeGreaterThan(100);
    expect(met.refused).toBeGreaterThan(1_000);
    expect(met.sure).toBeGreaterThan(100);
  });

  it("on rubbish", { timeout: 30_000 }, () => {
    expect(compare(rubbish, 1_000).refused).toBe(1_000);
  });
});
