/** `faultline map` says in TypeScript what a mapping does; the bridge does it in Bloblang. Here both map the same messages. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AS_IS, AS_NAME, AS_NUMBER, AS_REQUEST_PATH, constant, type Conversion } from "../cli/map/conversion.ts";
import { EVENT_FIELDS } from "../cli/map/field-names.ts";
import { bloblangText, type Mapping, mapMessage } from "../cli/map/mapping.ts";
import { propose } from "../cli/map/proposal.ts";
import { messagesOf } from "../cli/map/sample.ts";
import { tryMapping } from "../cli/map/trial.ts";
import { DURATION_TEXT, durationIn, epochTime, LOOSE_TIME, UNITS } from "../cli/map/unit-conversions.ts";
import { ROOT } from "../cli/paths.ts";
import { parseEvent } from "../domain/event.ts";
import { CONNECT_BIN } from "./infra-home.ts";

/** A stream of nothing but the hook as bridge/connect.yaml calls it: line in, line out, in order. */
const stream = (before: string): string => `input: { stdin: { scanner: { lines: {} } } }
pipeline:
  threads: 1
  processors:
    - mapping: ${before}
    - mapping: |
        import "\${MAPPING_FILE}"
        root = content().apply("event").or(content()).string()
output: { stdout: {} }
logger: { level: ERROR }
http: { enabled: false }
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-map-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the real Connect makes of each line. */
function throughConnect(mapping: Mapping, lines: readonly string[], before = "root = content()"): string[] {
  const [configuration, file] = [join(folder, "stream.yaml"), join(folder, "mapping.blobl")];
  writeFileSync(configuration, stream(before));
  writeFileSync(file, bloblangText(mapping, ["A comment."]));
  const run = spawnSync(CONNECT_BIN, ["run", configuration], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], MAPPING_FILE: file },
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  });
  expect({ status: run.status, errors: run.stderr }).toEqual({ status: 0, errors: "" });
  return run.stdout.trimEnd().split("\n");
}

/** Text by parts that the conversions look for, and by what they do not expect. */
const text = fc.oneof(
  fc.constantFrom("", " ", "/", "?", "null", "é", "İ", "\u2028", "NaN", "1e3", "0x10", "-0", "00012", "+5"),
  fc
    .tuple(
      fc.constantFrom("2026-11-24", "20261124", "24/Nov/2026"),
      fc.constantFrom("T", " ", "t", ""),
      fc.constantFrom("10:00:00", "25:00:00", "10:00:60"),
      fc.constantFrom("", ".1", ",123", ".123456789"),
      fc.constantFrom("", "Z", "+0100", " +0100", "-05:30", " UTC"),
    )
    .map((parts) => parts.join("")),
  fc
    .tuple(
      fc.constantFrom("", "GET ", "GET", "POST  "),
      fc.constantFrom("", "https://shop.example", "http://[::1]:80", "HTTP://x"),
      fc.constantFrom("", "/cart/42", "/a b", "?x=1", "/#x"),
      fc.constantFrom("", " HTTP/1.1", " HTTP/2", "HTTP/1.1"),
    )
    .map((parts) => parts.join("")),
  fc
    .tuple(
      fc.constantFrom("0", "12.5", "153", "-1", "1795598427465900001", "1795598427.4659"),
      fc.constantFrom("", "ms", " ms", "s", "µs", "us", "ns", "m", "h"),
    )
    .map((parts) => parts.join("")),
  fc
    .tuple(
      fc.constantFrom("Check Out", "_x", "a--b", "Ünicode", "search"),
      fc.constantFrom("", "_API", ".v2", "x".repeat(70)),
    )
    .map((parts) => parts.join("")),
);
const value = fc.oneof(
  text,
  fc.constantFrom(
    null,
    true,
    false,
    0,
    1,
    200,
    503,
    0.153,
    -1,
    1e21,
    1795598427,
    1795598427465,
    1795598427465900,
    1795598427465900032,
    253402300800000,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 4e12 }),
  fc.constantFrom([1], { x: 1 }, []),
);
const message = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .record({ a: value, n: fc.record({ "b.c": value }), "@t": value }, { requiredKeys: [] })
      .map((json) => JSON.stringify(json)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("nonsense", "[1]", "7", "null", '"text"', '{"a":', '{"a":1,"a":2}'),
  },
);

const CONVERSIONS: readonly (readonly [string, Conversion])[] = [
  ["as is", AS_IS],
  ["number", AS_NUMBER],
  ["name", AS_NAME],
  ["request path", AS_REQUEST_PATH],
  ["duration text", DURATION_TEXT],
  ["loose time", LOOSE_TIME],
  ["a constant", constant('quo"ted')],
  ...UNITS.map((unit) => [`time in ${unit}`, epochTime(unit)] as const),
  ...UNITS.map((unit) => [`duration in ${unit}`, durationIn(unit, true)] as const),
];

describe.skipIf(!existsSync(CONNECT_BIN))("a mapping under the real Redpanda Connect", () => {
  test.each(groupsOf(CONVERSIONS, EVENT_FIELDS.length))("makes of any value what `map` says: %s", (_names, group) => {
    const paths = [["a"], ["n", "b.c"], ["@t"]];
    const mapping: Mapping = new Map(
      group.map((conversion, index) => [EVENT_FIELDS[index]!, { path: paths[index % paths.length]!, conversion }]),
    );
    const lines = fc.sample(message, { numRuns: 3000, seed: 7 });
    const said = lines.map((line) => Buffer.from(mapMessage(mapping, Buffer.from(line))).toString("utf8"));
    const done = throughConnect(mapping, lines);
    const parsed = (texts: readonly string[]) =>
      texts.map((each, index) => ({ line: lines[index], event: parsedOrText(each) }));
    expect(parsed(done)).toEqual(parsed(said));
  });

  test("that is proposed from a sample makes the events that `map` says, and refuses the same ones", () => {
    const lines = Array.from({ length: 400 }, (_, index) =>
      JSON.stringify({
        "@timestamp": index % 7 === 0 ? `2026-11-24 10:00:${index % 60}` : "2026-11-24 10:00:01,5",
        kubernetes: { labels: { app: index % 2 === 0 ? "Check Out" : "search" } },
        request: `GET /users/${index}?x=1 HTTP/1.1`,
        request_time: index % 11 === 0 ? "0.25" : index / 1000,
        status: index % 13 === 0 ? "abc" : String(200 + (index % 3)),
        build: { version: `1.${index % 2}` },
      }),
    ).concat("nonsense");
    const messages = messagesOf(Buffer.from(lines.join("\n")));
    const proposal = propose(messages, new Map());
    expect(proposal.missing).toEqual([]);
    const mapping: Mapping = new Map(proposal.fields.map((field) => [field.field, field]));
    const trial = tryMapping(mapping, messages, 1);
    const arrival = { timestamp_ms: 0, plain: false, clock_ms: Number.NaN };
    const verdicts = throughConnect(mapping, lines).map((line) => parseEvent(Buffer.from(line), arrival));
    expect(verdicts).toEqual(lines.map((line) => parseEvent(mapMessage(mapping, Buffer.from(line)), arrival)));
    expect(verdicts.filter((verdict) => verdict.ok)).toHaveLength(trial.accepted);
    expect(trial.accepted).toBeGreaterThan(300);
    expect(trial.rejected.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(["invalid_status_code", "invalid_json"]),
    );
  });

  test("leaves an event alone that comes back from the dead letters", () => {
    const mapping: Mapping = new Map([["service", { path: ["a"], conversion: AS_IS }]]);
    const line = '{"service":"kept","a":"mapped"}';
    expect(throughConnect(mapping, [line])).toEqual(['{"service":"mapped"}']);
    expect(throughConnect(mapping, [line], 'meta faultline_event = "1"')).toEqual([line]);
  });
});

/** [names, members] of groups of at most `size`, so that Connect starts a few times only. */
function groupsOf(all: typeof CONVERSIONS, size: number): [string, Conversion[]][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => {
    const group = all.slice(index * size, (index + 1) * size);
    return [group.map(([name]) => name).join(", "), group.map(([, conversion]) => conversion)];
  });
}

function parsedOrText(text_or_json: string): unknown {
  try {
    // Go writes -0, which is no other latency than 0.
    return JSON.parse(text_or_json, (_key, parsed: unknown) => (parsed === 0 ? 0 : parsed));
  } catch {
    // What is no JSON is compared as it stands.
    return text_or_json;
  }
}
