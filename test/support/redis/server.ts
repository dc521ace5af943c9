import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requirePart } from "../parts/parts.ts";
import { findFreePort } from "../upstream/listen.ts";

const READY = /Ready to accept connections|Sentinel ID is/;

async function waitUntilReady(child: ChildProcess): Promise<void> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (READY.test(text)) return;
  }
  throw new Error(`redis-server ended: ${text}`);
}

/**
 * Start redis-server with these arguments in a folder of its own, and wait until it is ready. A replica writes what it
 * gets to a file, and a server reads such a file when it starts.
 */
export async function launchRedis(args: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), "cvm-gateway-redis-"));
  const child = spawn(requirePart("redis-server"), [...args], { cwd: directory });
  const exited = once(child, "exit");
  await waitUntilReady(child);
  child.stdout.resume();
  child.stderr.resume();
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  return {
    /** Stop the process without closing its connections, until `resume`. */
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Options of a server on this port that keeps nothing on disk. */
export function inMemory(port: number): string[] {
  return ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
}

/**
 * Start a real Redis that keeps nothing on disk.
 *
 * @param options - of the command line, for example `["--maxmemory", "2mb"]`
 */
export async function startRedis(port?: number, options: readonly string[] = []) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const chosen = port ?? (await findFreePort());
      const server = await launchRedis([...inMemory(chosen), ...options]);
      return { ...server, url: `redis://127.0.0.1:${chosen}`, port: chosen };
    } catch (error) {
      // Another test file can have taken the free port.
      if (port !== undefined || attempt === 3) throw error;
    }
  }
}
