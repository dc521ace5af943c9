import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startMain } from "../support/process.ts";
import { startScripted } from "../support/upstream/scripted.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const text = read("Dockerfile");
const stages = text.split(/^(?=FROM )/m).filter((stage) => stage.startsWith("FROM"));
const last = stages.at(-1) ?? "";

describe("the container image", () => {
  it("is built in stages and ends in a small base image without npm", () => {
    expect(stages.length).toBeGreaterThan(1);
    expect(last).toMatch(/^FROM \S*(distroless|slim)/);
    expect(last).not.toMatch(/\bnpm\b/);
  });

  it("starts the pinned Node with the entry point of npm start", () => {
    const start = /^exec node (\S+)$/.exec(JSON.parse(read("package.json")).scripts.start)?.[1];
    expect(start).toBe("src/main.ts");
    expect(last).toContain(`ENTRYPOINT ["/usr/local/bin/node", "${start}"]`);
    expect(text).toContain("node_modules/node/bin/node");
    expect(JSON.parse(read("package.json")).devDependencies.node).toMatch(/^26\./);
  });

  it("builds on this Node and on bases with a full tag", () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases[0]).toBe(`node:${read(".node-version").trim()}-bookworm-slim`);
    expect(bases[1]).toMatch(/^debian:bookworm-\d{8}-slim$/);
  });

  it("says what it is in labels", () => {
    for (const label of [
      "title",
      "description",
      "licenses",
      "source",
      "documentation",
      "version",
      "revision",
    ]) {
      expect(last).toContain(`org.opencontainers.image.${label}=`);
    }
    expect(last).toMatch(/^COPY package.json LICENSE NOTICE /m);
  });

  it("contains no development dependency, and runs in production mode as a user other than root", () => {
    expect(stages[0]).toMatch(/npm ci[\s\S]*npm prune --omit=dev/);
    expect(last).toMatch(/^ENV .*NODE_ENV=production/m);
    expect(last).toMatch(/^USER 10001$/m);
    expect(last.indexOf("USER")).toBeLessThan(last.indexOf("ENTRYPOINT"));
  });

  it("has a health check", () => {
    expect(last).toMatch(/^HEALTHCHECK [\s\S]*\/health/m);
  });

  it("excludes files that the build does not need", () => {
    expect(read(".dockerignore").trim().split("\n")).toEqual([
      "*",
      "!package.json",
      "!package-lock.json",
      "!LICENSE",
      "!NOTICE",
      "!src",
      "!sandbox",
    ]);
  });
});

describe("a gateway in production", () => {
  it("writes no file and loads no code of the sandbox, so that its file system can be read-only", async () => {
    await using upstream = await startScripted(() => ({ body: { items: [], total: 0 } }));
    // Node ends any access to a file that is not listed: every write, and every read of the sandbox.
    const readable = ["src", "node_modules", "package.json"].map((name) => `--allow-fs-read=${root}${name}`);
    await using gateway = await startMain({
      NODE_ENV: "production",
      UPSTREAM_URL: upstream.url,
      METRICS_PORT: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: upstream.url,
      NODE_OPTIONS: ["--permission", "--allow-net", "--allow-worker", ...readable].join(" "),
    });
    expect((await gateway.ask("{ cvms { totalCount } }")).data).toEqual({ cvms: { totalCount: 0 } });
    const [, metrics = ""] = await gateway.waitFor(/"url":"(\S+?\/metrics)"/);
    expect((await fetch(metrics)).status).toBe(200);
    // A long Docker Compose file is read in a worker thread.
    const services = Array.from({ length: 600 }, (_, index) => `  s${index}: { image: nginx }\n`).join("");
    const response = await gateway.post(
      "mutation ($input: ConfigureCvmInput!) { configureCvm(input: $input) { __typename } }",
      {},
      { input: { id: "a", dockerComposeFile: `services:\n${services}  last: [` } },
    );
    expect((await response.json()).errors[0].extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.dockerComposeFile" }],
    });
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(gateway.output()).not.toContain("ERR_ACCESS_DENIED");
  });
});
