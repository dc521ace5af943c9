import { describe, expect, it } from "vitest";
import { setVcpu } from "../support/mutations.ts";
import { startMain } from "../support/process.ts";
import { createRules, SERVER_KEYS, writeAccessFile } from "../support/sign-in/access-file.ts";
import { startProvider } from "../support/sign-in/provider.ts";
import { serve } from "../support/upstream/listen.ts";

const READ = "{ viewer { permissions } cvms(first: 1) { totalCount } }";

/** Start a provider, and the gateway as a process with an access file. */
async function startSignedIn(environment: Readonly<Record<string, string>> = {}) {
  const provider = await startProvider();
  const file = await writeAccessFile(createRules(provider.issuer));
  const main = await startMain({
    ACCESS_FILE: file.path,
    STAGING_KEY: SERVER_KEYS.staging,
    LOG_LEVEL: "trace",
    ...environment,
  });
  return {
    provider,
    file,
    main,
    async ask(token: string, query: string) {
      const { data, errors } = await main.ask(query, { authorization: `Bearer ${token}` });
      return errors?.[0]?.extensions.code ?? data;
    },
    async [Symbol.asyncDispose]() {
      await main[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

describe("a gateway process with an access file", () => {
  it("writes audit lines to its output, and no key, token or value to its output or an answer", async () => {
    const traces: string[] = [];
    await using collector = await serve((request, response) => {
      request.setEncoding("utf8").on("data", (text) => void traces.push(text));
      request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
    });
    await using own = await startSignedIn({
      METRICS_PORT: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      SANDBOX_TIME_SCALE: "10000",
      UPSTREAM_READ_TIMEOUT_MS: "500",
    });
    const token = await own.provider.sign("rita", { groups: ["releasers", "testers"] });
    const viewer = await own.provider.sign("vera", { groups: ["programs"] });
    const answers: string[] = [];
    const send = async (query: string, headers: Record<string, string>) => {
      answers.push(await (await own.main.post(query, headers)).text());
    };
    for (const workspace of ["production", "staging"]) {
      const headers = { authorization: `Bearer ${token}`, "x-workspace": workspace };
      for (const name of [
        "web-phala",
        "fails-503",
        "fails-reset",
        "fails-malformed",
        "fails-403",
        "fails-404",
      ]) {
        await send(setVcpu(name), headers);
        await send(`{ cvm(id: "${name}") { name state { status } dockerCompose } }`, headers);
      }
    }
    await send(setVcpu("web-phala"), { authorization: `Bearer ${viewer}` });
    await send(READ, { authorization: `Bearer ${token.slice(0, -5)}AAAAA` });
    await own.file.writeKey("revoked-production-key-Zz19");
    own.main.child.kill("SIGHUP");
    await own.main.waitFor(/access file read again/);
    await send(READ, { authorization: `Bearer ${viewer}` });
    const [, metrics = ""] = await own.main.waitFor(/"url":"(http:[^"]+\/metrics)"/);
    answers.push(await (await fetch(metrics)).text());
    await own.main.stop();

    const lines = own.main
      .output()
      .split("\n")
      .filter((line) => line.includes('"type":"audit"'))
      .map((line) => JSON.parse(line));
    expect(lines.length).toBe(13);
    expect(new Set(lines.map(({ outcome }) => outcome))).toEqual(new Set(["accepted", "refused", "unknown"]));
    expect(new Set(lines.map(({ workspace }) => workspace))).toEqual(new Set(["production", "staging"]));
    expect(traces.join("")).toContain("configureCvm");
    const written = own.main.output() + answers.join("") + traces.join("");
    expect(written).toContain("upstream call");
    expect(answers.join("")).toContain("UPSTREAM_REFUSED");
    const canaries = [
      SERVER_KEYS.production,
      SERVER_KEYS.staging,
      "revoked-production-key-Zz19",
      token,
      token.split(".")[1] ?? "",
      viewer,
    ];
    for (const canary of canaries) expect(written.includes(canary), canary.slice(0, 12)).toBe(false);
  }, 60_000);

  it("reads the file again on SIGHUP, and keeps the old one when the new one is broken", async () => {
    await using own = await startSignedIn({ AUDIT_LOG: "off" });
    const token = await own.provider.sign("vera", { groups: ["programs"] });
    expect(await own.ask(token, READ)).toMatchObject({ viewer: { permissions: ["READ"] } });
    await own.file.write("version: 1\nroles: [");
    own.main.child.kill("SIGHUP");
    await own.main.waitFor(
      /The previous access file stays in use\. ACCESS_FILE cannot be used:.*access\.yaml:2:/,
    );
    expect(await own.ask(token, READ)).toMatchObject({ viewer: { permissions: ["READ"] } });
    const rules = createRules(own.provider.issuer);
    await own.file.write({ ...rules, roles: { ...rules.roles, viewer: { allow: ["plan"] } } });
    own.main.child.kill("SIGHUP");
    await own.main.waitFor(/access file read again/);
    expect(await own.ask(token, READ)).toBe("FORBIDDEN");
    expect(await own.ask(token, "{ viewer { permissions } }")).toEqual({ viewer: { permissions: ["PLAN"] } });
    await own.file.write({ ...rules, grants: rules.grants.filter(({ has }) => has !== "programs") });
    own.main.child.kill("SIGHUP");
    await own.main.waitFor(/access file read again[\s\S]*access file read again/);
    expect(await own.ask(token, "{ viewer { permissions } }")).toBe("FORBIDDEN");
    await own.main.stop();
    expect(own.main.output()).not.toContain('"type":"audit"');
  }, 40_000);

  it("does not start with a broken file, and says everything that is wrong with it", async () => {
    await using file = await writeAccessFile("version: 2\nissuers: []\n");
    const start = startMain({ ACCESS_FILE: file.path });
    await expect(start).rejects.toThrow(
      /access\.yaml:1:10: version must be 1\n.*access\.yaml:2:\d+: issuers must/,
    );
  });
});
