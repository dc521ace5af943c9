import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
      "PATH HOME HOSTNAME HOST PORTS PWD OLDPWD SHELL SHLVL TERM USER LOGNAME LANG LC_ALL TZ EDITOR TMPDIR CI DEBUG NODE_OPTIONS NODE_PATH NODE_VERSION NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY NO_PROXY FTP_PROXY ALL_PROXY http_proxy https_proxy no_proxy ftp_proxy all_proxy REDIS_URL_FILE npm_config_cache OTEL_SERVICE_NAME OTEL_EXPORTER_OTLP OTEL_EXPORTER_OTLP_HEADERS KUBERNETES_PORT KUBERNETES_SERVICE_HOST GATEWAY_SERVICE_HOST REDIS_PORT_6379_TCP_ADDR SANDBOX_SERVICE_PORT DATABASE_URL PHALA_CLOUD_API_KEY";
    expect(listNameWarnings(Object.fromEntries(usual.split(" ").map((name) => [name, "x"])))).toEqual([]);
  });

  it.each([
    ["HTTPS_PROXY", "proxy.example:3128", "http://proxy.example:3128"],
    ["https_proxy", "http://me:hunter%402@proxy.example:3128/", "http://me:hunter%402@proxy.example:3128/"],
    ["HTTPS_PROXY", "https://[::1]:8443", "https://[::1]:8443"],
  ])("accept %s=%s", (name, value, proxy) => {
    expect(loadConfig({ [name]: value }).secrets.httpsProxy).toBe(proxy);
  });

  it("prefer the lower-case name of a proxy", () => {
    const given = { HTTP_PROXY: "upper:1", http_proxy: "lower:1", NO_PROXY: "upper", no_proxy: "lower" };
    expect(loadConfig(given)).toMatchObject({ secrets: { httpProxy: "http://lower:1" }, noProxy: "lower" });
  });

  it.each([
    "socks5://me:hunter2@proxy.example",
    "http://proxy.example/hunter2",
    "http://me:hunter2%@proxy.example",
    "http://",
    "http://proxy.example:hunter2",
  ])("reject %s as a proxy without quoting it", (value) => {
    expect(() => loadConfig({ HTTPS_PROXY: value })).toThrow(
      "HTTPS_PROXY: must be the http(s) URL of a proxy",
    );
    expect(() => loadConfig({ http_proxy: value })).toThrow("http_proxy: must be the http(s) URL of a proxy");
    expect(() => loadConfig({ HTTPS_PROXY: value })).not.toThrow(/hunter2/);
  });

  it("are listed in .env.example, each with its purpose and default", async () => {
    const text = describeVariables()
      .map(({ name, fileName, fallback, purpose }) => {
        const inFile = fileName === null ? "" : `# ${fileName}=\n`;
        return `# ${purpose}\n# ${name}=${fallback ?? ""}\n${inFile}`;
      })
      .join("\n");
    await expect(text).toMatchFileSnapshot("../../.env.example");
  });

  it("are listed in docs/settings.md, each with its purpose and default", async () => {
    const rows = describeVariables().map(
      ({ name, fileName, fallback, purpose }) =>
        `| \`${name}\`${fileName === null ? "" : ` or \`${fileName}\``} | ${fallback ? `\`${fallback}\`` : ""} | ${purpose} |`,
    );
    const text = `# Settings

All settings are environment variables. An empty variable counts as not set. Times are in milliseconds. The
gateway does not start with a wrong setting; one message lists all of them.

A variable that looks like a misspelt setting, such as \`CORS_ORIGIN\`, is ignored. A warning in the log at the
start names the right one.

A setting that may contain a password or a key can be in a file: \`REDIS_URL_FILE=/run/secrets/redis-url\` instead of
\`REDIS_URL\`. The table lists these variables. A newline at the end of the file is removed. Files are read once, at
the start: restart the gateway after a change. The gateway does not start if a file is empty or cannot be read, or if
both variables are given.

Node reads \`NODE_EXTRA_CA_CERTS\` itself: a file with certificates of your own CA, in PEM. See
[operations.md](operations.md#outgoing-connections).

| Variable | Default | Purpose |
|---|---|---|
${rows.join("\n")}
`;
    await expect(text).toMatchFileSnapshot("../../docs/settings.md");
  });
});

describe("a secret setting in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "cvm-gateway-secrets-"));
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("is read at the start, for every setting that may contain a password or a key", () => {
    const values: Readonly<Record<string, string>> = {
      REDIS_URL: "redis://:hunter2@redis:6379",
      REDIS_SENTINEL_PASSWORD: "hunter2",
      CHAIN_RPC_URLS: "1=https://node.example/hunter2",
      HTTPS_PROXY: "http://me:hunter2@proxy:3128",
      HTTP_PROXY: "http://me:hunter2@proxy:3129",
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=hunter2",
    };
    const files = describeVariables().flatMap(({ name, fileName }) =>
      fileName === null ? [] : [[fileName, name]],
    );
    expect(files.map(([, name]) => name)).toEqual(Object.keys(values));
    const environment = files.map(([fileName = "", name = ""]) => [fileName, write(name, `${values[name]}`)]);
    expect(loadConfig(Object.fromEntries(environment))).toEqual(loadConfig(values));
  });

  it.each(["", "\n", "\r\n", "\n\n"])("may have %j at its end", (end) => {
    const path = write("redis-url", `redis://:pass word@redis:6379${end}`.replace(" ", "%20"));
    expect(loadConfig({ REDIS_URL_FILE: path }).secrets.redis?.password).toBe("pass word");
  });

  it("stops the start when both variables are given", () => {
    const path = write("redis-url", "redis://:hunter2@redis");
    const load = () => loadConfig({ REDIS_URL: "redis://:hunter2@other", REDIS_URL_FILE: path });
    expect(load).toThrow("REDIS_URL_FILE: must not be given together with REDIS_URL");
    expect(load).not.toThrow(/hunter2/);
    const withAlias = { https_proxy: "http://me:hunter2@proxy", HTTPS_PROXY_FILE: path };
    expect(() => loadConfig(withAlias)).toThrow(
      "HTTPS_PROXY_FILE: must not be given together with https_proxy",
    );
  });

  it.each([
    ["is missing", () => join(folder, "no-such-file"), "names a file that cannot be read (ENOENT)"],
    ["is a folder", () => folder, "names a file that cannot be read (EISDIR)"],
    ["is empty", () => write("empty", "\n"), "names a file that is empty"],
    ["has a wrong value", () => write("wrong", "hunter2://wrong"), "must be a redis:// or rediss:// URL"],
  ])("stops the start with one message when the file %s", (_name, file, message) => {
    const load = () => loadConfig({ REDIS_URL_FILE: file() });
    expect(load).toThrow(`REDIS_URL_FILE: ${message}`);
    expect(load).toThrow(/^The settings are invalid:\n {2}- REDIS_URL_FILE: [^\n]*$/);
    expect(load).not.toThrow(/hunter2/);
  });

  it.skipIf(process.getuid?.() === 0)("stops the start when the file may not be read", () => {
    const path = write("forbidden", "redis://:hunter2@redis");
    chmodSync(path, 0);
    expect(() => loadConfig({ REDIS_URL_FILE: path })).toThrow(
      "REDIS_URL_FILE: names a file that cannot be read",
    );
  });

  it("is not read for an empty variable, or for a setting that is not secret", () => {
    const given = { REDIS_URL_FILE: "", REDIS_URL: "redis://one" };
    expect(loadConfig(given).secrets.redis?.hosts).toEqual([{ host: "one", port: 6379 }]);
    expect(loadConfig({ PORT_FILE: join(folder, "no-such-file") }).port).toBe(4000);
  });
});
