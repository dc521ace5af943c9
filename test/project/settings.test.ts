import { describe, expect, it } from "vitest";
import { describeVariables, listNameWarnings, loadConfig } from "../../src/config.ts";

describe("settings", () => {
  it("start the gateway on the sandbox when none is set", () => {
    expect(loadConfig({})).toMatchObject({
      upstreamUrl: "sandbox",
      port: 4000,
      host: "127.0.0.1",
      graphiql: true,
    });
  });

  it("are reported in one message without their values when they are invalid", () => {
    const load = () =>
      loadConfig({ PORT: "seven", UPSTREAM_URL: "ftp://user:hunter2@example.test", LOG_LEVEL: "loud" });
    expect(load).toThrow(/UPSTREAM_URL.*\n.*PORT.*\n.*LOG_LEVEL/);
    expect(load).toThrow("LOG_LEVEL: must be one of trace, debug, info");
    expect(load).not.toThrow(/hunter2|seven|loud/);
  });

  it.each(["https://cloud.example/api/v1", "https://cloud.example/api/v1/", "http://127.0.0.1:9"])(
    "accept %s as UPSTREAM_URL",
    (url) => {
      expect(loadConfig({ UPSTREAM_URL: url }).upstreamUrl).toBe(url.replace(/\/$/, ""));
    },
  );

  it.each([
    "https://me:secret@cloud.example",
    "https://cloud.example?x=1",
    "cloud.example",
    "file:///etc/passwd",
    "http://h/x?",
    "http://h/x#",
    "http:///x",
    "http://x/a b",
    " http://x",
  ])("reject %s as UPSTREAM_URL", (url) => {
    expect(() => loadConfig({ UPSTREAM_URL: url })).toThrow(/UPSTREAM_URL/);
  });

  it("accept one URL for each chain in CHAIN_RPC_URLS", () => {
    const { secrets } = loadConfig({
      CHAIN_RPC_URLS: "8453=https://node.example/v2/key?a=b, 1=http://127.0.0.1:8545",
    });
    expect(secrets.chainRpcUrls).toEqual([
      { chainId: 8453, url: "https://node.example/v2/key?a=b" },
      { chainId: 1, url: "http://127.0.0.1:8545" },
    ]);
    expect(loadConfig({}).secrets.chainRpcUrls).toEqual([]);
  });

  it.each([
    "https://node.example/hunter2",
    "8453=wss://node.example/hunter2",
    "8453=https://me:hunter2@node.example",
    "0=https://node.example/hunter2",
    "2147483648=https://node.example/hunter2",
    "1=https://node.example/hunter2,1=https://other.example",
    "1=https://node.example/hunter2,",
    "1=https://node.example/hunter2#x",
  ])("reject %s as CHAIN_RPC_URLS without quoting it", (urls) => {
    const load = () => loadConfig({ CHAIN_RPC_URLS: urls });
    expect(load).toThrow("CHAIN_RPC_URLS: must be chainId=url pairs");
    expect(load).not.toThrow(/hunter2/);
  });

  it.each([
    ["REQUEST_TIMEOUT_MS", "0", "from 1 to 600000"],
    ["SANDBOX_PORT", "70000", "from 0 to 65535"],
    ["SANDBOX_TIME_SCALE", "-1", "from 0 to 10000"],
    ["PORT", " ", "from 0 to 65535"],
    ["PORT", "0x1500", "from 0 to 65535"],
    ["PORT", "5.0e3", "from 0 to 65535"],
    ["STREAM_HEARTBEAT_MS", "9501", "from 1 to 9500"],
  ])("report the accepted range of %s when it is %j", (name, value, range) => {
    expect(() => loadConfig({ [name]: value })).toThrow(range);
  });

  it("accept numbers at their limits", () => {
    const given = { PORT: "65535", REQUEST_TIMEOUT_MS: "1", SANDBOX_TIME_SCALE: "0.5" };
    expect(loadConfig(given)).toMatchObject({
      port: 65_535,
      requestTimeoutMs: 1,
      sandbox: { timeScale: 0.5 },
    });
  });

  it.each(["prodution", "Production", "prod", "staging", "production "])(
    "reject NODE_ENV=%j, so that a typo does not start the sandbox in production",
    (name) => {
      expect(() => loadConfig({ NODE_ENV: name })).toThrow(
        /NODE_ENV: must be development, test or production/,
      );
    },
  );

  it("do not start the sandbox in production unless it is enabled", () => {
    expect(() => loadConfig({ NODE_ENV: "production" })).toThrow(/UPSTREAM_URL/);
    expect(loadConfig({ NODE_ENV: "production", UPSTREAM_URL: "sandbox" }).upstreamUrl).toBe("sandbox");
  });

  it("disable GraphiQL and introspection in production unless they are enabled", () => {
    const production = { NODE_ENV: "production", UPSTREAM_URL: "https://cloud.example" };
    expect(loadConfig(production).graphiql).toBe(false);
    expect(loadConfig({ ...production, GRAPHIQL: "true" }).graphiql).toBe(true);
  });

  it("treat an empty variable as not set", () => {
    expect(loadConfig({ PORT: "", UPSTREAM_URL: "" })).toMatchObject({ port: 4000, upstreamUrl: "sandbox" });
  });

  it.each([
    ["CORS_ORIGIN", "CORS_ORIGINS"],
    ["cors_origins", "CORS_ORIGINS"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["REDIS_URI", "REDIS_URL"],
    ["PERSISTED_DOCUMENT", "PERSISTED_DOCUMENTS"],
    ["UPSTREAM_READ_TIMEOUT", "UPSTREAM_READ_TIMEOUT_MS"],
    ["TRUSTED_KMS_ROOT_KEY", "TRUSTED_KMS_ROOT_KEYS"],
  ])("are suggested for a variable that looks like one: %s", (given, meant) => {
    expect(listNameWarnings({ [given]: "hunter2" })).toEqual([
      `${given} is not a setting of the gateway. Did you mean ${meant}?`,
    ]);
    expect(listNameWarnings({ [given]: "hunter2", [meant]: "x" })).toEqual([]);
    expect(listNameWarnings({ [given]: "" })).toEqual([]);
  });

  it("are not suggested for the usual variables of a shell, a container and other software", () => {
    const usual =
      "PATH HOME HOSTNAME HOST PORTS PWD OLDPWD SHELL SHLVL TERM USER LOGNAME LANG LC_ALL TZ EDITOR TMPDIR CI DEBUG NODE_OPTIONS NODE_PATH NODE_VERSION NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY NO_PROXY npm_config_cache OTEL_SERVICE_NAME OTEL_EXPORTER_OTLP OTEL_EXPORTER_OTLP_HEADERS KUBERNETES_PORT KUBERNETES_SERVICE_HOST GATEWAY_SERVICE_HOST REDIS_PORT_6379_TCP_ADDR SANDBOX_SERVICE_PORT DATABASE_URL PHALA_CLOUD_API_KEY";
    expect(listNameWarnings(Object.fromEntries(usual.split(" ").map((name) => [name, "x"])))).toEqual([]);
  });

  it("are listed in .env.example, each with its purpose and default", async () => {
    const text = describeVariables()
      .map(({ name, fallback, purpose }) => `# ${purpose}\n# ${name}=${fallback ?? ""}\n`)
      .join("\n");
    await expect(text).toMatchFileSnapshot("../../.env.example");
  });

  it("are listed in docs/settings.md, each with its purpose and default", async () => {
    const rows = describeVariables().map(
      ({ name, fallback, purpose }) => `| \`${name}\` | ${fallback ? `\`${fallback}\`` : ""} | ${purpose} |`,
    );
    const text = `# Settings

All settings are environment variables. An empty variable counts as not set. Times are in milliseconds. The
gateway does not start with a wrong setting; one message lists all of them.

A variable that looks like a misspelt setting, such as \`CORS_ORIGIN\`, is ignored. A warning in the log at the
start names the right one.

| Variable | Default | Purpose |
|---|---|---|
${rows.join("\n")}
`;
    await expect(text).toMatchFileSnapshot("../../docs/settings.md");
  });
});
