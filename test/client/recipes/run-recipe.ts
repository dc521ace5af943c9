import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A recipe that runs as a process of its own. */
export type RunningRecipe = AsyncDisposable & {
  /** Everything that it has written so far. */
  output(): string;
  /** Wait until the output matches. Fails after 40 s, and when the recipe ends without a match. */
  waitFor(pattern: RegExp): Promise<void>;
  /** Wait for its end. Fails after a time. */
  exit(timeoutMs: number): Promise<void>;
};

/** Start a program with the text of a recipe. */
export function startRecipe(command: string, args: readonly string[], cwd: string): RunningRecipe {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(cwd, "compile-cache") };
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      written += chunk.toString();
    });
  }
  const closed = once(child, "close").then(() => true);
  const within = (ms: number) =>
    Promise.race([closed, new Promise<false>((resolve) => setTimeout(() => resolve(false), ms).unref())]);
  return {
    output: () => written,
    async waitFor(pattern) {
      for (const end = Date.now() + 40_000; ; ) {
        if (pattern.test(written)) return;
        const hasEnded = await within(20);
        if (!pattern.test(written) && (hasEnded || Date.now() > end))
          throw new Error(`The recipe did not write ${pattern}. It wrote:\n${written}`);
      }
    },
    async exit(timeoutMs) {
      if (!(await within(timeoutMs))) throw new Error(`The recipe does not end. It wrote:\n${written}`);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
