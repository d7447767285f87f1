/** The reader against the authority: of each line it must make what parseEvent makes of it, whatever the bytes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BODY_BYTES_MAX, parseEvent } from "./event.ts";
import { parseRfc3339 } from "./rfc3339.ts";
import { ReplayReader, type ReplaySink } from "./replay-reader.ts";

const utf8 = new TextEncoder();
const GOOD = `{"event_time":"2026-11-24T10:00:00.123Z","service":"checkout","endpoint":"/pay","latency_ms":90,"status_code":200}`;

/** What was read, a text a line. */
class Log implements ReplaySink {
  readonly entries: string[] = [];
  readonly names: string[] = [];

  serviceOf(name: string): number {
    const known = this.names.indexOf(name);
    return known >= 0 ? known : this.names.push(name) - 1;
  }
  onEvent(...[service, time_ms, endpoint, latency_us, code, version, line]: Parameters<ReplaySink["onEvent"]>): void {
    this.entries.push(`${line} ${this.names[service]!} ${time_ms} ${endpoint} ${latency_us} ${code} ${version}`);
  }
  onWrong(line: number, reason: string): void {
    this.entries.push(`${line} ${reason}`);
  }
}

function read(...chunks: readonly Uint8Array[]): string[] {
  const log = new Log();
  const reader = new ReplayReader(log);
  for (const chunk of chunks) reader.read(chunk);
  return log.entries;
}

/** The same by the authority alone. An event is held against its own time, so that no date is out of bounds. */
function judged(line: Uint8Array, number: number): string[] {
  if (/^[ \t\r]*$/.test(Buffer.from(line).toString("latin1"))) return [];
  const verdict = parseEvent(line, { timestamp_ms: 0, plain: false, clock_ms: timeOf(line) });
  if (!verdict.ok) return [`${number} ${verdict.reason}`];
  const { service, event_time_ms, endpoint, latency_us, status_code, version } = verdict.event;
  return [`${number} ${service} ${event_time_ms} ${endpoint} ${latency_us} ${status_code} ${version}`];
}

function timeOf(line: Uint8Array): number {
  try {
    const { event_time } = JSON.parse(Buffer.from(line).toString()) as { event_time?: unknown };
    const time_ms = typeof event_time === "string" ? parseRfc3339(event_time) : Number.NaN;
    return Number.isNaN(time_ms) ? 0 : time_ms;
  } catch {
    // It is no event whatever the clock.
    return 0;
  }
}

const value = fc.oneof(
  fc.constantFrom("200", "404", "99", "90", "0.5", "1e3", "-1", "null", "true", '""', "[]", '"/users/42?full=1"'),
  fc.constantFrom('"checkout"', '"Faultline"', '"faultline"', '"a b"', '"\\u0061"', '"/p\\u0000"', '"ü"'),
  fc.constantFrom('"2026-11-24T10:00:00Z"', '"1970-01-01T00:00:00Z"', '"9999-12-31T23:59:59+01:00"', '"yesterday"'),
);
const member = fc.tuple(
  fc.constantFrom("event_time", "service", "endpoint", "latency_ms", "status_code", "caller", "version", "x"),
  value,
);
const line = fc.oneof(
  fc.constant(GOOD),
  fc.array(member, { maxLength: 3 }).map((more) => {
    const fields = Object.entries(JSON.parse(GOOD) as Record<string, unknown>)
      .filter(([name]) => !more.some(([other]) => other === name))
      .map(([name, own]) => `"${name}": ${JSON.stringify(own)}`);
    return `{${[...fields, ...more.map(([name, own]) => `"${name}":${own}`)].join(", ")}}`;
  }),
  fc.tuple(fc.nat(GOOD.length), fc.string({ maxLength: 3 })).map(([at, text]) => {
    return `${GOOD.slice(0, at)}${text}${GOOD.slice(at + text.length)}`.replaceAll("\n", " ");
  }),
  fc.constantFrom("", " ", "\t\r", "{}", "[", `[${GOOD}]`, `${GOOD} ${GOOD}`, `${GOOD}\r`, ` ${GOOD} `),
);

describe("the reader of a replay", () => {
  test("makes of each line what parseEvent makes of it", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), (lines, ends) => {
        const bytes = utf8.encode(lines.join("\n") + (ends ? "\n" : ""));
        const expected = lines.flatMap((text, i) => judged(utf8.encode(text), i + 1));
        expect(read(bytes)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("counts lines on from chunk to chunk, and names mean the same in each", () => {
    const chunk = utf8.encode(`${GOOD}\n\n${GOOD.replace("checkout", "search")}\n`);
    expect(read(chunk, chunk).map((entry) => entry.split(" ").slice(0, 2).join(" "))).toEqual([
      "1 checkout",
      "3 search",
      "4 checkout",
      "6 search",
    ]);
  });

  test("refuses a time before 1970, written plainly or not", () => {
    const old = GOOD.replace("2026", "1926");
    expect(read(utf8.encode(`${old}\n${old.replace("/pay", "/p\\u0061y")}\n`))).toEqual(["1 past", "2 past"]);
  });

  test("refuses bytes that are no UTF-8", () => {
    expect(read(Uint8Array.from([...utf8.encode(GOOD.slice(0, 70)), 0xff, ...utf8.encode(GOOD.slice(70))]))).toEqual([
      "1 invalid_utf8",
    ]);
  });

  test("refuses a line that is larger than a request may be, without parsing it", () => {
    const large = new Uint8Array(BODY_BYTES_MAX + 1).fill(32);
    large.set(utf8.encode(GOOD));
    large[large.length - 1] = 125;
    const whole = Buffer.concat([large, utf8.encode(`\n${GOOD}`)]);
    expect(read(whole).map((entry) => entry.split(" ").slice(0, 2).join(" "))).toEqual(["1 too_large", "2 checkout"]);
  });
});
