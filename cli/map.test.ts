import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { run } from "./run.ts";

vi.setConfig({ testTimeout: 30_000 });

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-map-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function saved(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const map = (...args: readonly string[]) => run([process.execPath, "cli/faultline.mjs", "map", ...args]);

const MESSAGES = Array.from({ length: 10 }, (_, i) => ({
  ts: 1_795_514_400 + i,
  app: "shop",
  path: "/cart",
  took_us: 153_000,
  code: i === 9 ? "none" : "200",
}));
const sample = (): string => saved("sample.ndjson", `${MESSAGES.map((each) => JSON.stringify(each)).join("\n")}\nx\n`);

describe("faultline map", () => {
  test("says what it takes for what, and what would be accepted and rejected and why", async () => {
    const { code, output } = await map(sample());
    expect(code).toBe(0);
    expect(output).toMatch(/^event_time +ts +seconds since 1970$/m);
    expect(output).toMatch(/^latency_ms +took_us +microseconds, made milliseconds$/m);
    expect(output).toContain("11 messages: 9 accepted, 2 rejected");
    expect(output).toContain("latency 153 ms in the middle");
    expect(output).toMatch(/^1 invalid_status_code: status_code must be.*\n {2}10: \{.*\n {5}-> \{/m);
    expect(output).toContain("root.latency_ms = ");
  });

  test("with --json prints one object, and with --out writes the mapping that it holds", async () => {
    const out = join(folder, "mapping.blobl");
    const { code, output } = await map(sample(), "--json", "--out", out);
    expect(code).toBe(0);
    const found = JSON.parse(output) as { mapping: string };
    expect(found).toMatchObject({
      messages: 11,
      accepted: 9,
      rejected: [{ reason: "invalid_status_code", messages: 1 }, { reason: "invalid_json" }],
      services: [{ service: "shop", messages: 9 }],
      missing: [],
    });
    expect(readFileSync(out, "utf8")).toBe(found.mapping);
  });

  test("where a field that events need is not found, says how to name it and ends with 1", async () => {
    const { code, output } = await map(saved("few.ndjson", '{"ts":1795514400,"app":"shop"}'));
    expect(code).toBe(1);
    expect(output).toMatch(/^latency_ms +- +not found: name it by --field$/m);
  });

  test("shows no control character of a message", async () => {
    const { output } = await map(saved("control.ndjson", '{"a":"\\u001b"}\n\u001b[31m red'));
    expect(output).toContain("�[31m red");
    expect(output).not.toContain("\u001b");
  });

  test.each([
    [[], 2, "map takes one SAMPLE"],
    [["a", "b"], 2, "map takes one SAMPLE"],
    [["none.ndjson"], 1, "cannot be read"],
    [["package.json", "--field", "nothing"], 2, "--field must be FIELD=PATH"],
    [["package.json", "--limit", "many"], 2, "--limit"],
    [["package.json", "--out", "no/such/folder"], 1, "cannot be written"],
  ])("given %j, ends with %i and one line", async (args, exitCode, said) => {
    const { code, output } = await map(...args);
    expect(code).toBe(exitCode);
    expect(output).toContain(said);
    expect(output.trimEnd().split("\n")).toHaveLength(1);
  });
});
