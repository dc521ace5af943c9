import type { Reporter, TestModule } from "vitest/node";
import { listMissingParts, type Part, writeInstallCommand } from "./parts.ts";

/** Write the last line of a run: which tests were skipped because a part is missing, and how to install it. */
export function createPartsReporter(): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[]) {
      const missing = listMissingParts();
      const skipped = new Map<Part, number>();
      for (const module of modules) {
        for (const test of module.children.allTests("skipped")) {
          const part = missing.find((name) => test.tags.includes(name));
          if (part !== undefined) skipped.set(part, (skipped.get(part) ?? 0) + 1);
        }
      }
      if (skipped.size === 0) return;
      const counts = [...skipped].map(([part, count]) => `${part} (${count})`).join(", ");
      const command = writeInstallCommand([...skipped.keys()]);
      // Other reporters write their summary after this hook, so the line waits for the end of the process.
      process.once("exit", () =>
        process.stdout.write(`Skipped tests that need ${counts}. To run them: ${command}\n`),
      );
    },
  };
}
