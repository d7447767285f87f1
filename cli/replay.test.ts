import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 30_000 });

const START_MS = Date.parse("2026-11-24T10:00:00Z");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-replay-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function faultline(args: readonly string[], input: Uint8Array | null = null): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["cli/faultline.mjs", "replay", ...args], { stdio: "pipe" });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
    child.stdin.end(input ?? undefined);
  });
}

function saved(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Three minutes of ten requests a second, of which those of the third minute fail, then one healthy minute. */
function stream(): string {
  return Array.from({ length: 2400 }, (_, i) => {
    const event_time = new Date(START_MS + i * 100).toISOString();
    const status_code = i >= 1200 && i < 1800 ? 503 : 200;
    return `${JSON.stringify({ event_time, service: "checkout", endpoint: "/pay", latency_ms: 90, status_code })}\n`;
  }).join("");
}

/** The objects of the output; a line that is none fails here. */
const parsed = (out: string): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("faultline replay --json", () => {
  test("prints one object a line: windows, anomalies, incidents, and a summary as the last", async () => {
    const { code, out, err } = await faultline([saved("a.ndjson", stream()), "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = parsed(out);
    expect(new Set(lines.map((line) => line["type"]))).toEqual(new Set(["window", "anomaly", "incident", "summary"]));
    const [opened] = lines.filter((line) => line["type"] === "incident");
    expect(Object.keys(opened!)).toEqual(
      "type action id service at onset anomaly_type metric_name endpoint severity score reason".split(" "),
    );
    expect(opened).toMatchObject({ action: "opened", onset: "2026-11-24T10:02:00Z", endpoint: "/pay" });
    expect(lines.at(-1)).toMatchObject({ type: "summary", events: 2400, windows: 4, services: 1, wrong_lines: 0 });
    expect(lines.at(-1)!["events_per_s"]).toBeGreaterThan(0);
  });

  test("reads standard input for -, and unpacks gzip from either, whatever the name", async () => {
    const packed = gzipSync(stream());
    const outputs = await Promise.all([
      faultline([saved("b.ndjson", stream()), "--json"]),
      faultline(["-", "--json"], Buffer.from(stream())),
      faultline([saved("b.ndjson.gz", packed), "--json"]),
      faultline(["-", "--json"], packed),
    ]);
    const told = outputs.map(({ out }) => parsed(out).slice(0, -1));
    expect(told[0]!.length).toBeGreaterThan(5);
    for (const other of told) expect(other).toEqual(told[0]);
  });

  test("names wrong lines by their numbers on standard error and in the summary, and goes on", async () => {
    const lines = stream().trimEnd().split("\n").toSpliced(3, 0, "{", "x".repeat(5));
    const { code, out, err } = await faultline(["-", "--json"], Buffer.from(lines.join("\n")));
    expect(code).toBe(0);
    expect(err).toMatch(/^line 4: invalid_json: .+\nline 5: invalid_json: .+\n$/);
    expect(parsed(out).at(-1)).toMatchObject({
      events: 2400,
      wrong_lines: 2,
      wrong_by_reason: { invalid_json: 2 },
      wrong_first: [
        { line: 4, reason: "invalid_json" },
        { line: 5, reason: "invalid_json" },
      ],
    });
  });

  test("given gzip that breaks off, tells what came before, says so and ends with 1", async () => {
    const packed = gzipSync(stream().repeat(40));
    const path = saved("torn.gz", packed.subarray(0, packed.length - 40));
    const { code, out, err } = await faultline([path, "--json"]);
    expect(code).toBe(1);
    expect(err).toContain("torn.gz cannot be read to its end: unexpected end of file.");
    expect(Number(parsed(out).at(-1)!["events"])).toBeGreaterThan(100);
  });

  test("ends quietly when the reader of its output goes", async () => {
    const path = saved("c.ndjson", stream().repeat(200));
    const child = spawn(process.execPath, ["cli/faultline.mjs", "replay", path, "--json"], { stdio: "pipe" });
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });
});

describe("faultline replay --settings", () => {
  const rules = JSON.stringify({ defaults: { detectors: ["reference"] } });
  const deaf = JSON.stringify({ services: [{ match: "check*", exclude: { endpoints: ["/pay"] } }] });

  test("judges by the settings of the file", async () => {
    const events = saved("e.ndjson", stream());
    const { out } = await faultline([events, "--json", "--settings", saved("deaf.json", deaf)]);
    expect(parsed(out).at(-1)).toMatchObject({ incidents: { medium: 0, high: 0, critical: 0 } });
  });

  test("--compare adds what the others would have told, incident by incident, and counts them", async () => {
    const events = saved("f.ndjson", stream());
    const moved = await faultline([events, "--json", "--compare", saved("rules.json", rules)]);
    const lines = parsed(moved.out);
    const [pair] = lines.filter((line) => line["type"] === "comparison");
    expect(pair).toMatchObject({ change: "moved", before: { endpoint: "/pay" }, after: { endpoint: "/pay" } });
    expect(lines.at(-1)).toMatchObject({ type: "summary", compared: { gained: 0, lost: 0, moved: 1, same: 0 } });
    const settings = saved("deaf2.json", deaf);
    const gained = await faultline([events, "--settings", settings, "--compare", saved("rules2.json", rules)]);
    expect(gained.out).toMatch(/\n\+ {2}checkout {2}- .* 2026-11-24 10:02:\d\d critical/);
    expect(gained.out).toContain("1 gained (+), 0 lost (-), 0 moved (~), 0 told alike");
  });

  test("given wrong settings names each problem and ends with 1", async () => {
    const path = saved("wrong.json", JSON.stringify({ defaults: { sla_ms: 0, colour: "red" } }));
    const { code, err, out } = await faultline([saved("g.ndjson", stream()), "--settings", path]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("wrong.json: defaults.sla_ms must be");
    expect(err).toContain("wrong.json: defaults.colour is unknown");
  });
});

describe("faultline replay", () => {
  test("without --json prints a table of incidents and what it was made of", async () => {
    const { code, out } = await faultline([saved("d.ndjson", stream())]);
    expect(code).toBe(0);
    expect(out).toMatch(/^TOLD AT \(UTC\) .*\n2026-11-24 10:02:\d\d +\d+ s +checkout +critical .*\/pay/);
    expect(out).toMatch(/1 incident \(.* of 1 service in 4 min of event time\n2,400 events in /);
  });

  test("--help says how it is used", async () => {
    const { code, out } = await faultline(["--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: faultline replay FILE/);
  });

  test.each([
    [["--jsn", "x"], "--jsn"],
    [[], "FILE"],
    [["a", "b"], "FILE"],
  ])("given %j, ends with exit code 2 and one line", async (args, named) => {
    const { code, err } = await faultline(args);
    expect(code).toBe(2);
    expect(err).toContain(named);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    ["a file that is not there", () => join(folder, "none.ndjson"), "ENOENT"],
    ["a folder", () => folder, "is a directory"],
    ["an empty file", () => saved("empty.ndjson", ""), "holds no event"],
    ["a file without an event", () => saved("prose.txt", "Dear reader\n"), "holds no event"],
  ])("given %s, ends with exit code 1 and says so", async (_what, path, named) => {
    const { code, err } = await faultline([path()]);
    expect(code).toBe(1);
    expect(err).toContain(named);
  });
});
