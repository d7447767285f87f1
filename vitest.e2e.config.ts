import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Files that hold something to a time, which another test beside them would take from it; and whoever fills the machine. */
const ALONE = [
  "tests/e2e/bridge-answers.test.ts",
  "tests/e2e/bridge-faults.test.ts",
  "tests/e2e/dashboard-access.test.ts",
  "tests/e2e/fleet-page.test.ts",
  "tests/e2e/narrator-model.test.ts",
  "tests/e2e/narrator.test.ts",
  "tests/e2e/publish.test.ts",
  "tests/e2e/start.test.ts",
  "tests/e2e/subscriptions.test.ts",
  "tests/e2e/thousand-incidents.test.ts",
  "tests/e2e/told-in-time.test.ts",
];
for (const file of ALONE)
  if (!existsSync(file)) throw new Error(`vitest.e2e.config.ts names ${file}, which is not there`);

export default defineConfig({
  test: {
    // A real broker, a bridge that waits for its partitions, a browser: minutes are normal, hanging for ever is not.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // What is on a page follows a click when the browser gets to it.
    expect: { poll: { timeout: 10_000, interval: 50 } },
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          // The bridge's own tests need nothing but Connect, which is certain to be here.
          include: ["tests/e2e/**/*.test.ts", "tests/bridge.test.ts"],
          exclude: ALONE,
          // Most of a test's time is waiting for what a real part does in its own time.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: "alone", include: ALONE, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
