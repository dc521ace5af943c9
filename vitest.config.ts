import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { isCi, listMissingParts, PARTS } from "./test/support/parts/parts.ts";
import { createPartsReporter } from "./test/support/parts/reporter.ts";
import { pickByTier } from "./test/support/tier.ts";

const missing = isCi ? [] : listMissingParts();

/** Measure time or memory, so they run one after another, without other tests beside them. */
const MEASUREMENTS = [
  "test/load/*.test.ts",
  "test/upstream/redact-cost.test.ts",
  "test/watch/stream-leaks.test.ts",
  "test/write/turns.test.ts",
];

export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^graphql$/,
        replacement: fileURLToPath(new URL("node_modules/graphql/index.js", import.meta.url)),
      },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "behavior",
          include: ["test/**/*.test.ts"],
          exclude: [...MEASUREMENTS, "test/console/**", "**/node_modules/**"],
        },
      },
      {
        extends: true,
        // They share one build of the console, and begin when the other tests have left the processor to the browsers.
        test: {
          name: "console",
          include: ["test/console/*.test.ts"],
          globalSetup: "test/console/support/build.ts",
          maxWorkers: 2,
          // A browser on a busy machine can lose a race that no person sees. A real defect fails twice.
          retry: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: "measurements", include: MEASUREMENTS, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
    testTimeout: pickByTier(20_000, 600_000),
    hookTimeout: 20_000,
    reporters: ["default", createPartsReporter()],
    // The provider of test/access warns that its defaults are for development.
    onConsoleLog: (text) => !text.startsWith("oidc-provider "),
    tags: PARTS.map((name) => ({
      name,
      description: `Needs ${name}; skipped if it is not installed.`,
      skip: missing.includes(name),
    })),
  },
});
