import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, openSync } from "node:fs";
import { appendFile, type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { openAuditLog } from "../../src/access/audit.ts";
import { createLogger } from "../../src/logger.ts";
import { createGateway, ask as send } from "../support/gateway.ts";
import { setVcpu } from "../support/mutations.ts";
import { until } from "../support/streaming-gateway.ts";

async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** Open a pipe that nobody reads, until `read` is called. */
async function openPipe() {
  const folder = await mkdtemp(join(tmpdir(), "cvm-gateway-pipe-"));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const output = await open(path, "r+");
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  await rm(folder, { recursive: true });
  return { output, read: () => new Socket({ fd: reader }) };
}

/** Start the gateway as a process with a standard output. For `pipe` it is a socket that nobody reads. */
async function startWith(output: FileHandle | "pipe", environment: Readonly<Record<string, string>>) {
  const port = await findPort();
  const child = spawn(process.execPath, ["src/main.ts"], {
    env: { PATH: process.env["PATH"], PORT: String(port), UPSTREAM_URL: "sandbox", ...environment },
    stdio: ["ignore", output === "pipe" ? output : output.fd, "inherit"],
  });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  const getHealth = () => fetch(`${url}/health`).then(({ status }) => status);
  await until(async () => (await getHealth().catch(() => 0)) === 200);
  return {
    child,
    exited,
    getHealth,
    async ask(query: string) {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "sandbox-full" },
        body: JSON.stringify({ query }),
        signal: AbortSignal.timeout(10_000),
      });
      const { data, errors } = await response.json();
      return errors?.[0]?.extensions.code ?? data;
    },
    /** Stop the process. @returns its code, the signal that ended it, and how long it took in milliseconds */
    async stop() {
      const begin = performance.now();
      child.kill("SIGTERM");
      const [code, signal] = await exited;
      return { code, signal, ms: performance.now() - begin };
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
      if (output !== "pipe") await output.close();
    },
  };
}

const READ = "{ cvms(first: 1) { totalCount } }";
const startWithoutSpace = async (environment: Readonly<Record<string, string>>) =>
  startWith(await open("/dev/full", "w"), environment);

describe("a gateway process whose standard output has no space", () => {
  it("answers reads and writes, and stops on SIGTERM", async () => {
    await using main = await startWithoutSpace({ LOG_LEVEL: "trace" });
    for (let round = 0; round < 30; round += 1) {
      expect(await main.ask("{ cvms(first: 1) { totalCount } }")).toHaveProperty("cvms");
    }
    expect(await main.ask(setVcpu("web-phala"))).toMatchObject({
      configureCvm: { __typename: "InProgress" },
    });
    expect(await main.getHealth()).toBe(200);
    main.child.kill("SIGTERM");
    expect(await main.exited).toEqual([0, null]);
  }, 30_000);

  it("keeps the answer of a write whose audit line is lost, refuses later ones, and reads", async () => {
    await using main = await startWithoutSpace({ AUDIT_LOG: "stdout", LOG_LEVEL: "trace" });
    expect(await main.ask(setVcpu("web-phala"))).toMatchObject({
      configureCvm: { __typename: "InProgress" },
    });
    for (let round = 0; round < 12; round += 1) {
      expect(await main.ask(setVcpu("web-legacy"))).toBe("AUDIT_UNAVAILABLE");
    }
    expect(await main.ask("{ cvms(first: 1) { totalCount } }")).toHaveProperty("cvms");
    expect(await main.getHealth()).toBe(200);
    main.child.kill("SIGTERM");
    expect(await main.exited).toEqual([0, null]);
  }, 30_000);
});

describe.concurrent("a gateway process whose standard output nobody reads", () => {
  /** Start it, and fill the output. An embedded sandbox would change how its process writes. */
  async function startStuck(output: FileHandle | "pipe", rounds: number) {
    const sandbox = await startSandbox({ timeScale: 0 });
    const environment = { UPSTREAM_URL: sandbox.url, AUDIT_LOG: "stdout", LOG_LEVEL: "trace" };
    const main = await startWith(output, environment);
    for (let round = 0; round < rounds; round += 1) {
      const query = `query ${"N".repeat(64)} ${READ}`;
      const answers = await Promise.all(Array.from({ length: 40 }, () => main.ask(query)));
      for (const answer of answers) expect(answer).toHaveProperty("cvms");
    }
    return {
      ...main,
      async [Symbol.asyncDispose]() {
        await main[Symbol.asyncDispose]();
        await sandbox.close();
      },
    };
  }

  it.each([
    ["pipe", 5, async () => (await openPipe()).output],
    ["socket", 20, async () => "pipe" as const],
  ])(
    "answers, sends no write unrecorded, and stops on SIGTERM: a %s",
    async (_kind, rounds, openOutput) => {
      await using main = await startStuck(await openOutput(), rounds);
      // The answer of a write that was sent leaves all the same, and no other one is sent.
      expect(await main.ask(setVcpu("web-phala"))).toHaveProperty("configureCvm");
      for (let round = 0; round < 8; round += 1) {
        expect(await main.ask(setVcpu("web-legacy"))).toBe("AUDIT_UNAVAILABLE");
      }
      expect(await main.ask(READ)).toHaveProperty("cvms");
      const { ms, ...end } = await main.stop();
      expect(end).toEqual({ code: 0, signal: null });
      expect(ms).toBeLessThan(8_000);
    },
    40_000,
  );

  it("writes on when its reader returns, each line whole", async () => {
    const { output, read } = await openPipe();
    await using main = await startStuck(output, 5);
    expect(await main.ask(setVcpu("web-phala"))).toHaveProperty("configureCvm");
    expect(await main.ask(setVcpu("web-legacy"))).toBe("AUDIT_UNAVAILABLE");
    let text = "";
    const reader = read()
      .setEncoding("utf8")
      .on("data", (chunk) => (text += chunk));
    await until(async () => Object.hasOwn(Object(await main.ask(setVcpu("web-legacy"))), "configureCvm"));
    expect((await main.stop()).code).toBe(0);
    await until(() => text.includes('"signal":"SIGTERM"'));
    reader.destroy();
    const lines = text.split("\n").filter((line) => line.startsWith('{"') || line.includes('"level"'));
    const audit = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "audit");
    expect(new Set(audit.map(({ outcome }) => outcome))).toEqual(new Set(["accepted", "refused"]));
    expect(audit.at(-1)).toMatchObject({ outcome: "accepted", code: null });
  }, 40_000);
});

describe("an audit file whose last line was cut", () => {
  it("gets the next line on a line of its own, also from another process", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cvm-gateway-audit-"));
    const path = join(folder, "audit.log");
    await appendFile(path, '{"type":"audit","ti');
    const audit = await openAuditLog(path, createLogger("silent"));
    const { app, close } = createGateway("http://127.0.0.1:9", { audit });
    for (const id of ["a", "b"]) await send(app, setVcpu(id));
    await close();
    const [cut, ...lines] = (await readFile(path, "utf8")).split("\n");
    expect(cut).toBe('{"type":"audit","ti');
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line).mutation)).toEqual(["configureCvm", "configureCvm"]);
    await rm(folder, { recursive: true });
  });
});
