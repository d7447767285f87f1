import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const outside = ["**/node_modules/**", "**/.svelte-kit/**", "web/build/**", "tests/e2e/**"];
const migrations = await readD1Migrations(join(import.meta.dirname, "worker", "migrations"));

export default defineConfig({
  test: {
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "node",
          include: ["**/*.test.ts"],
          setupFiles: ["./tests/property-seed.ts"],
          // Two cores shared with the other steps: a slow machine is no reason to fail.
          testTimeout: 20_000,
          exclude: [...outside, "**/*.workerd.test.ts"],
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: "./worker/index.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                INGEST_TOKEN: "test-ingest-token",
                VIEWER_TOKEN: "test-viewer-token",
                ADMIN_TOKEN: "test-admin-token",
                SUBSCRIPTION_KEY: "test-subscription-key-of-40-characters--",
                PUBLIC_URL: "https://faultline.example",
                ALLOWED_TARGETS: "127.0.0.1,receiver.internal",
                TEST_MIGRATIONS: migrations,
              },
            },
          }),
        ],
        test: {
          name: "workerd",
          include: ["**/*.workerd.test.ts"],
          testTimeout: 20_000,
          exclude: outside,
        },
      },
    ],
  },
});
