import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { findFreePort } from "../upstream/listen.ts";
import { requirePart } from "./parts.ts";

async function waitUntilReady(child: ChildProcess): Promise<void> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("Ready to accept connections")) return;
  }
  throw new Error(`redis-server ended: ${text}`);
}

/**
 * Start a real Redis that keeps nothing on disk.
 *
 * @param options - of the command line, for example `["--maxmemory", "2mb"]`
 */
export async function startRedis(port?: number, options: readonly string[] = []) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(port ?? (await findFreePort()), options);
    } catch (error) {
      // Another test file can have taken the free port.
      if (port !== undefined || attempt === 3) throw error;
    }
  }
}

async function launch(chosen: number, options: readonly string[]) {
  const child = spawn(requirePart("redis-server"), [
    "--port",
    String(chosen),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
    ...options,
  ]);
  const exited = once(child, "exit");
  await waitUntilReady(child);
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    /** Stop the process without closing its connections, until `resume`. */
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
