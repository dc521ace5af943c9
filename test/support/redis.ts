import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { findFreePort } from "./upstream/listen.ts";

const REDIS = "/usr/bin/redis-server";

async function waitUntilReady(child: ChildProcess): Promise<void> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("Ready to accept connections")) return;
  }
  throw new Error(`redis-server ended: ${text}`);
}

/** Starts a real Redis that keeps nothing on disk. */
export async function startRedis(port?: number) {
  if (!existsSync(REDIS))
    throw new Error(`This test needs Debian's redis-server at ${REDIS}: apt-get install redis-server`);
  const chosen = port ?? (await findFreePort());
  const child = spawn(REDIS, [
    "--port",
    String(chosen),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
  ]);
  const exited = once(child, "exit");
  await waitUntilReady(child);
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { url: `redis://127.0.0.1:${chosen}`, port: chosen, stop, [Symbol.asyncDispose]: stop };
}
