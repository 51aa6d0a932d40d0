import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { ensureSite } from "./src/embedded/site.ts";

// The Worker is not started without the files that are served beside it.
await ensureSite();
const migrations = await readD1Migrations("migrations");

/** Three kinds of tests: pure code on Node, the Worker inside workerd, and the real process over HTTP. */
export default defineConfig({
  test: {
    projects: [
      // A limit far beyond what a test should take: none fails because a machine is slow.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "simulation", include: ["test/simulation/**/*.test.ts"], testTimeout: 120_000 } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              // Of a ledger of two databases, the second one.
              d1Databases: { LEDGER_1: "ledger-1" },
              bindings: {
                STOCKWIRE_ADMIN_KEY: "test-admin-key",
                STOCKWIRE_SECRETS_KEY: "test-secrets-key",
                ALLOW_PRIVATE_CHANNELS: "true",
                TEST_MIGRATIONS: migrations,
              },
            },
          }),
        ],
        test: { name: "workers", include: ["test/workers/**/*.test.ts"], testTimeout: 60_000 },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts", "test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Each file has a service of its own, which waits more than it works.
          maxWorkers: 2,
        },
      },
    ],
  },
});
