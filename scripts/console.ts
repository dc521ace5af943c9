/**
 * `npm run console`: start the sandbox, the gateway and the example console, and print the URL of the console. With
 * `CONSOLE_CONFIG=config.json`, start the console alone, for the gateway that the file names.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createKmsCatalog, listKms } from "../sandbox/catalog/kms.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "examples/console");

/** The port of the console, or another one if it is taken. */
const DEFAULT_PORT = 5173;

/** Settings of the shell, without those of the `npm run` around this script. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")),
);

const children: ChildProcess[] = [];

/** Whether the packages of the console are missing, or older than their lock file. */
function needsPackages(): boolean {
  const [wanted, installed] = ["package-lock.json", "node_modules/.package-lock.json"].map((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false }),
  );
  return (wanted?.mtimeMs ?? 0) > (installed?.mtimeMs ?? 0);
}

function installPackages(): void {
  process.stdout.write("Installing the packages of the console (npm ci in examples/console)\n");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    env: environment,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("npm ci in examples/console failed.");
}

/** Return a port of 127.0.0.1: the given one, or a free one if it is taken. */
async function findPort(wanted: number): Promise<number> {
  const server = createServer();
  const isListening = new Promise<boolean>((resolve) => {
    server.once("listening", () => resolve(true));
    server.once("error", () => resolve(false));
  });
  server.listen(wanted, "127.0.0.1");
  if (!(await isListening)) return findPort(0);
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("The server has no port.");
  return address.port;
}

/** Start a script with Node. It ends with this process, and this process ends when it does. */
function start(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...environment, ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.once("exit", (code) => stop(code ?? 1));
  children.push(child);
  return child;
}

/** Read the output of the gateway up to the end of its start message. What it writes later goes to stderr. */
async function readStartMessage({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) return "";
  let output = "";
  for await (const bytes of stdout.iterator({ destroyOnReturn: false })) {
    output += String(bytes);
    if (/Try:/.test(output)) break;
  }
  stdout.pipe(process.stderr);
  return output;
}

/** Wait until a server answers. */
async function waitUntilReady(url: string): Promise<void> {
  while (process.exitCode === undefined) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(100);
  }
}

function stop(code: number): void {
  process.exitCode ??= code;
  for (const child of children) child.kill("SIGTERM");
}

/** Start the gateway on its sandbox. @returns the settings of the console, and the URL of the sandbox's chain */
async function startGateway(port: number) {
  const gateway = start(["src/main.ts"], root, {
    PORT: "0",
    LOG_LEVEL: "error",
    ...environment,
    CORS_ORIGINS: `http://127.0.0.1:${port},http://localhost:${port}`,
  });
  const output = await readStartMessage(gateway);
  const [, gatewayUrl = ""] = output.match(/GraphQL +(http:\S+)/) ?? [];
  const [, chainRpc = null] = output.match(/Chain RPC +(http:\S+)/) ?? [];
  const [, sandboxKey = null] = output.match(/API key +(sandbox-\S+)/) ?? [];
  const trustedRootKeys = listKms(createKmsCatalog(null)).map(({ k256PublicKey }) => k256PublicKey);
  const sandboxRpcUrl = chainRpc === null ? null : "/sandbox-rpc";
  return { settings: { gatewayUrl, sandboxKey, sandboxRpcUrl, trustedRootKeys }, chainRpc };
}

async function run(): Promise<void> {
  if (needsPackages()) installPackages();
  const port = await findPort(DEFAULT_PORT);
  const file = process.env["CONSOLE_CONFIG"];
  const { settings, chainRpc } =
    file === undefined
      ? await startGateway(port)
      : { settings: JSON.parse(readFileSync(file, "utf8")), chainRpc: null };
  const vite = join(folder, "node_modules/vite/bin/vite.js");
  const options = ["--port", String(port), "--strictPort", "--logLevel", "warn"];
  start([vite, ...options], folder, {
    CONSOLE_SETTINGS: JSON.stringify(settings),
    ...(chainRpc !== null && { CONSOLE_SANDBOX_RPC: chainRpc }),
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/config.json`);
  if (process.exitCode !== undefined) return;
  process.stdout.write(`\nThe console is at ${url}\n\n`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop(0));
try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  stop(1);
}
