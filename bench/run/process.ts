import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Clock ticks per second in /proc. Linux has used 100 on every platform for decades. */
const TICKS_PER_SECOND = 100;

/** A running process of the benchmark. */
export type Running = {
  readonly pid: number;
  /** Exit code, once the process has ended. Null after a signal. */
  readonly exited: Promise<number | null>;
  /** Processor time so far in ms. NaN where there is no /proc. */
  cpuMs(): number;
  /** Resident set in MB: now, and its maximum. NaN where there is no /proc. */
  memoryMb(): { readonly now: number; readonly peak: number };
  /** Whether the process has ended. */
  ended(): boolean;
  stop(): Promise<void>;
};

const children = new Set<ChildProcess>();

// No process outlives the benchmark, also when it fails or is interrupted.
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

const readKilobytes = (status: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN) / 1_024;

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await exited;
  clearTimeout(timer);
}

/** Return a free port. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}

/** Start a process. Its output goes to a file. */
export function start(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  logFile: string,
): Running {
  const log = openSync(logFile, "a");
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const pid = child.pid ?? 0;
  children.add(child);
  const exited = once(child, "exit").then(([code]) => {
    children.delete(child);
    return code;
  });
  return {
    pid,
    exited,
    cpuMs() {
      // The name of the process, in parentheses, can contain spaces.
      const fields = readProc(pid, "stat").split(") ").at(-1)?.split(" ") ?? [];
      return ((Number(fields[11] ?? Number.NaN) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
    },
    memoryMb() {
      const status = readProc(pid, "status");
      return { now: readKilobytes(status, "VmRSS"), peak: readKilobytes(status, "VmHWM") };
    },
    ended: () => child.exitCode !== null || child.signalCode !== null,
    stop: () => stopProcess(child),
  };
}

/** Wait until `attempt` succeeds. @throws after 60 s, or when the process ends */
export async function waitFor(process: Running, attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (process.ended() || performance.now() > deadline) throw error;
      await sleep(5);
    }
  }
}
