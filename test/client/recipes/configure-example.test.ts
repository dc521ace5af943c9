import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../../support/gateway.ts";
import { startMain, startProcess } from "../../support/process.ts";

/** What the calls send. The Docker Compose file comes with the compose file, because nothing is read twice. */
const CALLS = [
  "GET /cvms/web-phala/compose_file",
  "GET /cvms/web-phala/available-os-images",
  "PATCH /cvms/web-phala/docker-compose",
  "PATCH /cvms/web-phala/envs",
  "PATCH /cvms/web-phala/pre-launch-script",
  "PATCH /cvms/web-phala/resources",
  "PATCH /cvms/web-phala/visibility",
  "PATCH /cvms/web-phala/os-image",
  "POST /cvms/web-phala/compose_file/provision",
  "PATCH /cvms/web-phala/compose_file",
];

describe("examples/configure.ts", () => {
  it("makes every call of the configuration API, each to the end of its operation", async () => {
    await using gateway = await startMain({ SANDBOX_TIME_SCALE: "50", WATCH_INTERVAL_MS: "100" });
    const [, rpcUrl = ""] = gateway.output().match(/Chain RPC +(http:\S+)/) ?? [];
    await using example = startProcess("examples/configure.ts", {
      GATEWAY_URL: `${gateway.url}/graphql`,
      RPC_URL: rpcUrl,
    });
    const code = await example.exit();
    expect(code, example.output()).toBe(0);
    const completed = [...example.output().matchAll(/^(\w+) COMPLETED$/gm)].map(([, name]) => name);
    expect(completed).toEqual([
      "updateDockerCompose",
      "updateCvmEnvs",
      "updatePreLaunchScript",
      "updateCvmResources",
      "updateCvmVisibility",
      "updateOsImage",
      "commitCvmComposeFileUpdate",
      "configureCvm",
      "confirmCvmPatch",
    ]);
    const journal: JournalEntry[] = await (await fetch(rpcUrl.replace(/rpc$/, "journal"))).json();
    const sent = journal.filter(({ status }) => status !== null && status < 300);
    const calls = sent.map(({ method, path }) => `${method} ${path}`);
    for (const call of CALLS) expect.soft(calls).toContain(call);
  }, 60_000);
});
