import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A process of the project that a test started: what it wrote, and how to end it. */
export type TestProcess = AsyncDisposable & {
  readonly child: ChildProcess;
  output(): string;
  /** Waits until the output matches. */
  waitFor(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Waits for the exit. @returns the exit code. */
  exit(): Promise<number | null>;
  /** Sends a signal and waits for the exit. @returns the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
};

/** Starts a script of the project with Node, with these settings and none of the shell's own. */
export function startProcess(script: string, environment: Readonly<Record<string, string>>): TestProcess {
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const exited = once(child, "exit");
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const exitCode = async () => {
    await exited;
    return child.exitCode;
  };
  return {
    child,
    output: () => text,
    exit: exitCode,
    async waitFor(pattern) {
      const deadline = Date.now() + 15_000;
      while (Date.now() < deadline) {
        const match = text.match(pattern);
        if (match !== null) return match;
        if (child.exitCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`${script} never wrote ${pattern}; it wrote:\\n${text}`);
    },
    async stop(signal) {
      child.kill(signal);
      return exitCode();
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await exited;
      }
    },
  };
}
