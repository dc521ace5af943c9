import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startTestSandbox } from "../support/sandbox-client.ts";

const CLI = fileURLToPath(new URL("../../node_modules/phala/dist/index.js", import.meta.url));
const run = promisify(execFile);

test("the phala CLI lists, shows, updates and deploys", { timeout: 60_000 }, async () => {
  // The CLI polls in real time, so the clock has to run. An update lasts a fifth of a second.
  await using sandbox = await startTestSandbox({ timeScale: 50 });
  const home = await mkdtemp(join(tmpdir(), "phala-cli-"));
  const yaml = "services:\n  app:\n    image: nginx:1.27.3\n";
  await writeFile(join(home, "compose.yml"), yaml);
  const env = {
    HOME: home,
    PHALA_CLOUD_DIR: join(home, ".phala"),
    PHALA_CLOUD_API_PREFIX: sandbox.url,
    PHALA_CLOUD_API_KEY: "sandbox-demo",
    PHALA_DISABLE_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
  const phala = async (...args: string[]) => {
    const { stdout, stderr } = await run(process.execPath, [CLI, ...args], { env, cwd: home });
    return stdout + stderr;
  };

  expect(await phala("cvms", "list")).toMatch(/web-phala +running/);
  expect(await phala("cvms", "get", "web-phala")).toMatch(/Status +│ running/);
  expect(await phala("ps", "web-phala")).toContain("dstack-proxy-1");
  expect(await phala("logs", "dstack-proxy-1", "--cvm-id", "web-phala")).toContain("dstack-proxy-1: running");
  expect(await phala("logs", "--serial", "--cvm-id", "web-phala")).toContain("serial: running");
  expect(await phala("cvms", "replicate", "web-phala")).toContain("web-phala-replica-1");
  expect(await phala("deploy", "--cvm-id", "web-phala", "-c", "compose.yml", "--wait")).toContain(
    "updated successfully",
  );
  expect((await sandbox.call("GET", "/cvms/web-phala/docker-compose.yml")).body).toBe(yaml);
  expect(await phala("envs", "update", "fleet-01", "-e", "CLI_KEY=cli value")).toContain("update initiated");
  expect(await phala("deploy", "-n", "cli-made", "-c", "compose.yml", "--wait")).toContain(
    "created successfully",
  );
  await sandbox.advance(12_000);
  expect(await sandbox.guestEnv("fleet-01")).toMatchObject({ env: [{ key: "CLI_KEY", value: "cli value" }] });
  expect(await sandbox.call("GET", "/cvms/cli-made")).toMatchObject({
    status: 200,
    body: { status: "running" },
  });
  await rm(home, { recursive: true });
});
