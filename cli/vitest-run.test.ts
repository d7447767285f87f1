import { describe, expect, test } from "vitest";
import { countTests } from "./vitest-run.ts";

const report = (numPassedTests: number, numFailedTests: number, numPendingTests = 0) => ({
  numPassedTests,
  numFailedTests,
  numPendingTests,
});

describe("the count of a vitest run", () => {
  test("is that of its report", () => {
    expect(countTests(report(12, 0, 3), 0)).toEqual({ passed: 12, failed: 0, skipped: 3 });
    expect(countTests(report(10, 2), 1)).toEqual({ passed: 10, failed: 2, skipped: 0 });
  });

  test("given a run that failed without a failed test, counts the run itself", () => {
    expect(countTests(report(12, 0), 1)).toEqual({ passed: 12, failed: 1, skipped: 0 });
  });

  test("given no report at all, counts one failure", () => {
    expect(countTests(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
