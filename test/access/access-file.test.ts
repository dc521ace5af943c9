import { describe, expect, it } from "vitest";
import { loadAccess } from "../../src/access/access.ts";
import { createLogger } from "../../src/logger.ts";
import { createRules, writeAccessFile } from "../support/sign-in/access-file.ts";

const log = createLogger("silent");
const ISSUER = "https://login.example.com/";
const readVariable = (name: string) => (name === "STAGING_KEY" ? "sandbox-staging" : undefined);

/** Load an access file. @returns the message about its problems, or null without problems */
async function load(content: object | string): Promise<string | null> {
  await using file = await writeAccessFile(content);
  try {
    const access = await loadAccess(file.path, readVariable, log);
    await access.close();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

/** The file of the documentation. */
const EXAMPLE = `version: 1
passthrough: false
issuers:
  - issuer: https://login.example.com/
    audience: cvm-gateway
    jwksUrl: https://login.example.com/jwks.json
    header: authorization
workspaces:
  production: { apiKeyFile: production.key }
roles:
  viewer:   { allow: [read] }
  operator: { allow: [read, plan, power, configure], cvms: ["web-*", "app:6502f133793ede16840d69a05c9508eed7b0a2a6", "cvm_DcQEWvu6"] }
  releaser: { allow: [read, plan, configure, environment, confirm] }
grants:
  - { claim: groups, has: platform, role: operator, workspace: production }
  - { claim: email, matches: "*@example.com", role: viewer, workspace: production }
`;

describe("the access file", () => {
  it("of the documentation is valid", async () => {
    expect(await load(EXAMPLE)).toBeNull();
  });

  it("is rejected with every problem in one message, each with its line and column", async () => {
    const message = await load(
      EXAMPLE.replace("https://login.example.com/\n", "http://login.example.com/\n")
        .replace("audience: cvm-gateway", "audience: []")
        .replace("production.key", "missing.key")
        .replace("[read] }", "[reading] }")
        .replace('"web-*"', '"cvm_*"')
        .replace("role: operator", "role: owner")
        .replace("matches:", "like:")
        .replace("passthrough: false", "passthru: false"),
    );
    expect(message?.split("\n")).toEqual([
      "ACCESS_FILE cannot be used:",
      "  - access.yaml:2:1: passthru is not a known key",
      expect.stringMatching(/access\.yaml:4:13: issuers\.0\.issuer must be an https: URL/),
      expect.stringMatching(/access\.yaml:5:5: issuers\.0\.audience must not be empty/),
      expect.stringMatching(/access\.yaml:9:29: workspaces\.production\.apiKeyFile names a file that cannot/),
      expect.stringMatching(/access\.yaml:11:23: roles\.viewer\.allow\.0 must be one of read, plan,/),
      expect.stringMatching(/access\.yaml:12:61: roles\.operator\.cvms\.0 must be a cvm_… id/),
      "  - access.yaml:15:43: grants.0.role is not in roles of this file",
      expect.stringMatching(/access\.yaml:16:5: grants\.1 must have one of has and matches/),
      expect.stringMatching(/access\.yaml:16:21: grants\.1\.like is not a known key/),
    ]);
  });

  it.each([
    ["a file that is not YAML", "version: 1\n\troles: {", /access\.yaml:2:1: .*not valid YAML/],
    ["an empty file", "", /access\.yaml:1:1: /],
    ["a part that is missing", { ...createRules(ISSUER), grants: undefined }, /grants is missing/],
    ["another version", { ...createRules(ISSUER), version: 2 }, /:1:10: version must be 1/],
    ["a list of issuers that is empty", { ...createRules(ISSUER), issuers: [] }, /at least one issuer/],
    [
      "a workspace with two sources of its key",
      {
        ...createRules(ISSUER),
        workspaces: { production: { apiKeyFile: "production.key", apiKeyEnv: "X" } },
      },
      /workspaces\.production must have one of apiKeyFile and apiKeyEnv/,
    ],
    [
      "a variable that is not set",
      { ...createRules(ISSUER), workspaces: { production: { apiKeyEnv: "NOT_SET" } } },
      /names an environment variable that cannot be read/,
    ],
    [
      "a header that has another meaning",
      { ...createRules(ISSUER), issuers: [{ issuer: ISSUER, audience: "a", header: "X-API-Key" }] },
      /issuers\.0\.header must not be a header that has another meaning/,
    ],
    [
      "the same issuer twice",
      { ...createRules(ISSUER), issuers: [1, 2].map(() => ({ issuer: ISSUER, audience: "a" })) },
      /issuers\.1\.issuer is listed twice/,
    ],
    [
      "an app id as a name",
      {
        ...createRules(ISSUER),
        roles: { viewer: { allow: ["read"], cvms: ["6502f133793ede16840d69a05c9508eed7b0a2a6"] } },
      },
      /roles\.viewer\.cvms\.0 must be/,
    ],
  ])("is rejected for %s", async (_case, content, problem) => {
    expect(await load(content)).toMatch(problem);
  });

  it.each([
    [
      "a key that is there twice",
      EXAMPLE.replace("passthrough: false", "version: 1"),
      /:2:1: .*DUPLICATE_KEY/,
    ],
    ["a role that is there twice", EXAMPLE.replace("releaser:", "viewer:"), /:13:3: .*DUPLICATE_KEY/],
    ["a second document", `${EXAMPLE}---\n${EXAMPLE}`, /:17:1: .*MULTIPLE_DOCS/],
    ["an alias without an anchor", EXAMPLE.replace("[read] }", "*none }"), /an alias without an anchor/],
    [
      "aliases that multiply",
      `a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n${[..."bcdefgh"]
        .map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]\n`)
        .join("")}${EXAMPLE}`,
      /too many aliases/,
    ],
    ["a merge key", EXAMPLE.replace("[read] }", "[read], <<: { cvms: [a] } }"), /<< is not a known key/],
    ["a list", "- a\n", /access\.yaml:1:1: the file /],
    [
      "a tag that is not known",
      EXAMPLE.replace("passthrough: false", "passthrough: !no false"),
      /TAG_RESOLVE/,
    ],
    ["the word yes", EXAMPLE.replace("passthrough: false", "passthrough: yes"), /must be true or false/],
    [
      "a role with a name of every object",
      EXAMPLE.replace("role: operator", "role: constructor"),
      /grants\.0\.role is not in roles of this file/,
    ],
    [
      "a role that is named like the prototype",
      EXAMPLE.replace("viewer:  ", "__proto__:").replace("role: viewer", "role: __proto__"),
      /grants\.1\.role is not in roles of this file/,
    ],
  ])("is rejected for %s", async (_case, content, problem) => {
    expect(await load(content)).toMatch(problem);
  });

  it.each([
    ["begins with a byte order mark", `\uFEFF${EXAMPLE}`],
    ["has the line ends of Windows", EXAMPLE.replaceAll("\n", "\r\n")],
    [
      "uses an anchor",
      EXAMPLE.replace("[read] }", "&r [read] }").replace("confirm] }", "confirm], cvms: *r }"),
    ],
  ])("is valid when it %s", async (_case, content) => {
    expect(await load(content)).toBeNull();
  });

  it.each([
    ["", false],
    ["\n", false],
    ["two keys", false],
    ["sandbox-key\r\n", true],
    ["\uFEFFsandbox-key\n\n", true],
  ])("with the text %j in a key file is valid: %s", async (key, accepted) => {
    await using file = await writeAccessFile(createRules(ISSUER));
    await file.writeKey(key);
    const loaded = loadAccess(file.path, readVariable, log).then((access) => access.close());
    if (accepted) await loaded;
    else await expect(loaded).rejects.toThrow(/apiKeyFile names a file that does not hold one API key/);
  });

  it.each([
    ["http://login.example.com/", false],
    ["http://127.0.0.1.example.com/", false],
    ["http://localhost.example.com/", false],
    ["https://user@login.example.com/", false],
    ["https://login.example.com/?a=b", false],
    ["ftp://127.0.0.1/", false],
    ["https://login.example.com", true],
    ["http://127.0.0.1:8080/realms/a", true],
    ["http://[::1]:8080", true],
    ["http://localhost:8080", true],
  ])("accepts %s as an issuer: %s", async (issuer, accepted) => {
    const message = await load({ ...createRules(ISSUER), issuers: [{ issuer, audience: "a" }] });
    expect(message === null).toBe(accepted);
  });

  it("does not quote a key that cannot be used", async () => {
    await using file = await writeAccessFile(createRules(ISSUER));
    await file.writeKey("secret-one\nsecret-two");
    await expect(loadAccess(file.path, readVariable, log)).rejects.toThrow(/does not hold one API key/);
    await expect(loadAccess(file.path, readVariable, log)).rejects.not.toThrow(/secret/);
  });
});
