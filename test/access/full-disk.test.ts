import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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

/** Start the gateway as a process whose standard output has no space. */
async function startWithoutSpace(environment: Readonly<Record<string, string>>) {
  const port = await findPort();
  const full = await open("/dev/full", "w");
  const child = spawn(process.execPath, ["src/main.ts"], {
    env: { PATH: process.env["PATH"], PORT: String(port), UPSTREAM_URL: "sandbox", ...environment },
    stdio: ["ignore", full.fd, "inherit"],
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
        signal: AbortSignal.timeout(5_000),
      });
      const { data, errors } = await response.json();
      return errors?.[0]?.extensions.code ?? data;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
      await full.close();
    },
  };
}

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
