import { describe, expect, it } from "vitest";
import { describeVariables, loadConfig } from "../../src/config.ts";

describe("settings", () => {
  it("starts on the sandbox with no setting at all", () => {
    expect(loadConfig({})).toMatchObject({
      upstreamUrl: "sandbox",
      port: 4000,
      host: "127.0.0.1",
      graphiql: true,
    });
  });

  it("reports every wrong setting in one message, without its value", () => {
    const load = () =>
      loadConfig({ PORT: "seven", UPSTREAM_URL: "ftp://user:hunter2@example.test", LOG_LEVEL: "loud" });
    expect(load).toThrow(/UPSTREAM_URL.*\n.*PORT.*\n.*LOG_LEVEL/);
    expect(load).not.toThrow(/hunter2|seven|loud/);
  });

  it.each(["https://cloud.example/api/v1", "https://cloud.example/api/v1/", "http://127.0.0.1:9"])(
    "takes %s as upstream",
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
  ])("refuses %s as upstream", (url) => {
    expect(() => loadConfig({ UPSTREAM_URL: url })).toThrow(/UPSTREAM_URL/);
  });

  it.each([
    ["REQUEST_TIMEOUT_MS", "0", "from 1 to 600000"],
    ["SANDBOX_PORT", "70000", "from 0 to 65535"],
    ["SANDBOX_TIME_SCALE", "-1", "from 0 to 10000"],
    ["PORT", " ", "from 0 to 65535"],
    ["PORT", "0x1500", "from 0 to 65535"],
    ["PORT", "5.0e3", "from 0 to 65535"],
    ["STREAM_HEARTBEAT_MS", "9501", "from 1 to 9500"],
  ])("says which numbers %s takes when it is %j", (name, value, range) => {
    expect(() => loadConfig({ [name]: value })).toThrow(range);
  });

  it("takes numbers at their bounds", () => {
    const given = { PORT: "65535", REQUEST_TIMEOUT_MS: "1", SANDBOX_TIME_SCALE: "0.5" };
    expect(loadConfig(given)).toMatchObject({
      port: 65_535,
      requestTimeoutMs: 1,
      sandbox: { timeScale: 0.5 },
    });
  });

  it.each(["prodution", "Production", "prod", "staging", "production "])(
    "refuses NODE_ENV=%j, which must not start the sandbox by mistake",
    (name) => {
      expect(() => loadConfig({ NODE_ENV: name })).toThrow(
        /NODE_ENV: must be development, test or production/,
      );
    },
  );

  it("never runs on the sandbox in production unless told to", () => {
    expect(() => loadConfig({ NODE_ENV: "production" })).toThrow(/UPSTREAM_URL/);
    expect(loadConfig({ NODE_ENV: "production", UPSTREAM_URL: "sandbox" }).upstreamUrl).toBe("sandbox");
  });

  it("hides GraphiQL and introspection in production unless told otherwise", () => {
    const production = { NODE_ENV: "production", UPSTREAM_URL: "https://cloud.example" };
    expect(loadConfig(production).graphiql).toBe(false);
    expect(loadConfig({ ...production, GRAPHIQL: "true" }).graphiql).toBe(true);
  });

  it("treats an empty variable as one that is not set", () => {
    expect(loadConfig({ PORT: "", UPSTREAM_URL: "" })).toMatchObject({ port: 4000, upstreamUrl: "sandbox" });
  });

  it("stand in .env.example, each with its purpose and default", async () => {
    const text = describeVariables()
      .map(({ name, fallback, purpose }) => `# ${purpose}\n# ${name}=${fallback ?? ""}\n`)
      .join("\n");
    await expect(text).toMatchFileSnapshot("../../.env.example");
  });

  it("stand in docs/settings.md, each with its purpose and default", async () => {
    const rows = describeVariables().map(
      ({ name, fallback, purpose }) => `| \`${name}\` | ${fallback ? `\`${fallback}\`` : ""} | ${purpose} |`,
    );
    const text = `# Settings

All settings are environment variables. An empty variable counts as not set. Times are in milliseconds. The
gateway does not start with a wrong setting; one message lists all of them.

| Variable | Default | Purpose |
|---|---|---|
${rows.join("\n")}
`;
    await expect(text).toMatchFileSnapshot("../../docs/settings.md");
  });
});
