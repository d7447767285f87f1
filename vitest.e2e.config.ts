import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // The bridge's own tests need nothing but Connect, which is certain to be here.
    include: ["tests/e2e/**/*.test.ts", "tests/bridge.test.ts"],
    // They share one machine's cores, and some kill what they started.
    fileParallelism: false,
    // A real broker, a bridge that waits for its partitions, a browser: minutes are normal, hanging for ever is not.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // What is on a page follows a click when the browser gets to it.
    expect: { poll: { timeout: 10_000, interval: 50 } },
  },
});
