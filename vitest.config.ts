import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { isCi, listMissingParts, PARTS } from "./test/support/parts/parts.ts";
import { createPartsReporter } from "./test/support/parts/reporter.ts";
import { pickByTier } from "./test/support/tier.ts";

const missing = isCi ? [] : listMissingParts();

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
    include: ["test/**/*.test.ts"],
    testTimeout: pickByTier(20_000, 600_000),
    hookTimeout: 20_000,
    reporters: ["default", createPartsReporter()],
    tags: PARTS.map((name) => ({
      name,
      description: `Needs ${name}; skipped if it is not installed.`,
      skip: missing.includes(name),
    })),
  },
});
