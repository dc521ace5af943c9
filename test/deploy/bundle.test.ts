import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startMain } from "../support/process.ts";
import { transports } from "../support/transports.ts";
import { startScripted } from "../support/upstream/scripted.ts";

/** The bundle, in a folder without packages around it. */
const folder = join(realpathSync(mkdtempSync(join(tmpdir(), "cvm-gateway-bundle-"))), "dist");
execFileSync(process.execPath, ["scripts/build.ts", folder]);
afterAll(() => rmSync(join(folder, ".."), { recursive: true }));

const MAIN = join(folder, "main.js");
const files = readdirSync(folder);

/** A Docker Compose file that is too long for the thread that answers requests. */
const LONG_FILE = `services:\n${Array.from({ length: 600 }, (_, index) => `  s${index}: { image: nginx }\n`).join("")}  last: [`;

const CONFIGURE = "mutation ($input: ConfigureCvmInput!) { configureCvm(input: $input) { __typename } }";

describe("the bundle that the image runs", () => {
  it("writes no file, and loads neither a package nor code of the sandbox", async () => {
    await using upstream = await startScripted(() => ({ body: { items: [], total: 0 } }));
    const ofSandbox = files.filter((name) => /^(?:sandbox|start)-worker-/.test(name));
    expect(ofSandbox).toHaveLength(2);
    // Node ends any access to a file that is not listed.
    const readable = files
      .filter((name) => !ofSandbox.includes(name))
      .map((name) => `--allow-fs-read=${join(folder, name)}`);
    const environment = {
      NODE_ENV: "production",
      UPSTREAM_URL: upstream.url,
      METRICS_PORT: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: upstream.url,
      NODE_OPTIONS: ["--permission", "--allow-net", "--allow-worker", ...readable].join(" "),
    };
    await using gateway = await startMain(environment, MAIN);
    expect((await gateway.ask("{ cvms { totalCount } }")).data).toEqual({ cvms: { totalCount: 0 } });
    const [, metrics = ""] = await gateway.waitFor(/"url":"(\S+?\/metrics)"/);
    expect((await fetch(metrics)).status).toBe(200);
    const input = { id: "a", dockerComposeFile: LONG_FILE };
    const response = await gateway.post(CONFIGURE, {}, { input });
    expect((await response.json()).errors[0].extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.dockerComposeFile" }],
    });
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(gateway.output()).not.toContain("ERR_ACCESS_DENIED");
  });

  it("answers over every transport, with the embedded sandbox and with operations that are compiled", async () => {
    await using gateway = await startMain({}, MAIN);
    const query = "{ cvms(first: 2) { nodes { name status createdAt resources { vcpu } } } }";
    const first = await gateway.ask(query);
    expect(first.data.cvms.nodes).toHaveLength(2);
    for (const open of Object.values(transports)) {
      await using sender = await open(`${gateway.url}/graphql`, { "x-api-key": "sandbox-main" });
      for (let use = 0; use < 4; use += 1) expect((await sender.send({ query })).data).toEqual(first.data);
    }
    const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: "text/html" } });
    expect(await page.text()).toContain("<!doctype html>");
  });

  it("has the client of Redis", async () => {
    await using gateway = await startMain({ REDIS_URL: "redis://127.0.0.1:1" }, MAIN);
    expect(await gateway.waitFor(/Redis \(REDIS_URL\) cannot be reached/)).not.toBeNull();
  });
});
