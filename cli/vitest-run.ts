/** Runs vitest and counts its tests by its own report. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";
import type { Outcome } from "./step.ts";
import { WRANGLER_ENV } from "./wrangler.ts";

/** The fields of vitest's JSON report that are read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

/** `args` follow `vitest run`: configuration and filters. */
export async function runVitest(name: string, args: readonly string[]): Promise<Outcome> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "faultline-vitest-"));
  try {
    const file = join(folder, "report.json");
    const { code } = await run(
      ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...args],
      { env: { ...process.env, ...WRANGLER_ENV }, output: "inherit" },
    );
    return { name, ...countTests(readReport(file), code), seconds: (performance.now() - began) / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A run may fail without a failed test: a file that cannot be loaded, an error outside of tests, no test found. Then the
 * run itself counts as one failure, so that it can never pass unnoticed.
 */
export function countTests(report: Report | null, code: number): Pick<Outcome, "passed" | "failed" | "skipped"> {
  const passed = report?.numPassedTests ?? 0;
  const failed = report?.numFailedTests ?? 0;
  const unnoticed = code !== 0 && failed === 0 ? 1 : 0;
  return { passed, failed: failed + unnoticed, skipped: report?.numPendingTests ?? 0 };
}

/** null where vitest ended before it could report. */
function readReport(file: string): Report | null {
  try {
    // vitest wrote it a moment ago; its shape is part of vitest's documented interface.
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
