/** The bridge's configuration, checked by the real Redpanda Connect: its lint and the unit tests of its mappings. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../cli/paths.ts";
import { CONNECT_BIN } from "./infra-home.ts";

const files = readdirSync(join(ROOT, "bridge"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => join("bridge", file))
  .toSorted();
const unitTests = files.filter((file) => file.endsWith("_benthos_test.yaml"));
const configurations = files.filter((file) => !unitTests.includes(file));

const present = existsSync(CONNECT_BIN);
if (!present) {
  console.warn(
    `bridge tests skipped: no Redpanda Connect at ${CONNECT_BIN}; set CONNECT_BIN to a redpanda-connect binary (4.100 or newer)`,
  );
}

/** Runs Connect as the README does, with nothing but PATH in its environment, so that every default is the one that is tested. */
function connect(...parameters: string[]): {
  readonly code: number | null;
  readonly output: string;
} {
  const run = spawnSync(CONNECT_BIN, parameters, {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] },
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: run.status, output: run.stdout + run.stderr };
}

describe.skipIf(!present)("bridge/ under the real Redpanda Connect", () => {
  it("passes Connect's own lint with no environment at all", () => {
    const { code, output } = connect("lint", ...configurations, ...unitTests);
    expect({ code, output }).toEqual({ code: 0, output: "" });
  });

  it("passes the unit tests of its mappings", { timeout: 60_000 }, () => {
    const { code, output } = connect("test", ...unitTests);
    const tested = unitTests.map((file) => `Test '${file.replace("_benthos_test.yaml", ".yaml")}' succeeded`);
    expect(tested).toContain("Test 'bridge/connect.yaml' succeeded");
    expect(output.trimEnd().split("\n").toSorted()).toEqual(tested.toSorted());
    expect(code).toBe(0);
  });
});

describe("bridge/", () => {
  it("holds no secret: the token has no default", () => {
    for (const file of configurations) {
      const defaults = [
        ...readFileSync(join(ROOT, file), "utf8").matchAll(
          /\$\{(?:INGEST_TOKEN|VIEWER_TOKEN|KAFKA_PASSWORD)(:?[^}]*)\}/g,
        ),
      ];
      expect(defaults.map((match) => match[1]).filter((value) => value !== ":")).toEqual([]);
    }
  });

  it("names every environment variable with a default, so that it starts beside `npm start` as it stands", () => {
    const names = configurations.flatMap((file) => [
      ...readFileSync(join(ROOT, file), "utf8").matchAll(/\$\{([A-Z_]+)(:?)/g),
    ]);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((match) => match[2] === "").map((match) => match[1])).toEqual([]);
  });

  it("waits at most 2 s between two tries: a wait is drawn from half of the longest to half more", () => {
    const longest = [
      ...readFileSync(join(ROOT, "bridge/connect.yaml"), "utf8").matchAll(/max_interval: "\$\{RETRY_MAX:(\d+)ms\}"/g),
    ];
    expect(longest.map((match) => Number(match[1]) * 1.5 <= 2000)).toEqual([true, true]);
  });

  it("has each of its variables in the README's tables, with the default that holds", () => {
    const rows = new Map(
      [...readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/^\| ([^|]+) \| ([^|]*) \| [^|]* \|$/gm)].flatMap(
        ([, names = "", defaults = ""]) => {
          const values = [...defaults.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
          return [...names.matchAll(/`([A-Z_]+)`/g)].map((match, at) => [match[1], values[at] ?? ""] as const);
        },
      ),
    );
    for (const file of ["connect.yaml", "heartbeat.yaml", "observability.yaml"])
      for (const [, name, value] of readFileSync(join(ROOT, "bridge", file), "utf8").matchAll(
        /\$\{([A-Z_]+):([^}]*)\}/g,
      ))
        expect([file, name, rows.get(name)]).toEqual([file, name, value]);
  });
});
