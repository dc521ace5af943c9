import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A process of the project that a test started. */
export type TestProcess = AsyncDisposable & {
  readonly child: ChildProcess;
  /** Everything that the process has written so far, to either stream. */
  output(): string;
  /** Wait until the output matches. Fails after 15 s, or when the process ends without a match. */
  waitFor(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Wait for the exit. @returns the exit code. */
  exit(): Promise<number | null>;
  /** Send a signal and wait for the exit. @returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Everything that was written to the error stream; waits for the exit. */
  errorOutput(): Promise<string>;
};

/** Start a script of the project with Node. It gets these settings and none of the shell's own. */
export function startProcess(script: string, environment: Readonly<Record<string, string>>): TestProcess {
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  let ended = false;
  const closed = once(child, "close").then(() => {
    ended = true;
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (written += chunk.toString()));
  const errors = text(child.stderr);
  const exit = async () => {
    await closed;
    return child.exitCode;
  };
  return {
    child,
    output: () => written,
    errorOutput: () => errors,
    exit,
    async waitFor(pattern) {
      const deadline = Date.now() + 15_000;
      for (;;) {
        const match = written.match(pattern);
        if (match !== null) return match;
        if (ended || Date.now() > deadline)
          throw new Error(`${script} did not write ${pattern}. It wrote:\n${written}`);
        await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return exit();
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** Start the gateway as a process of its own, on free ports, and wait until it listens. */
export async function startMain(environment: Readonly<Record<string, string>> = {}, script = "src/main.ts") {
  const main = startProcess(script, { PORT: "0", SANDBOX_PORT: "0", ...environment });
  const [, url = ""] = await main.waitFor(/GraphQL +(http:\/\/[\d.]+:\d+)\/graphql/);
  const post = (query: string, headers: Readonly<Record<string, string>> = {}, variables = {}) =>
    fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "sandbox-main", ...headers },
      body: JSON.stringify({ query, variables }),
    });
  return {
    ...main,
    /** Where it listens, without the path. */
    url,
    post,
    async ask(query: string, headers: Readonly<Record<string, string>> = {}) {
      const response = await post(query, headers);
      return { status: response.status, ...(await response.json()) };
    },
  };
}
