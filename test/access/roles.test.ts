import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setVcpu } from "../support/mutations.ts";
import { createRules, SERVER_KEYS } from "../support/sign-in/access-file.ts";
import { listWrites, type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";
import { openTransport, transports } from "../support/sign-in/transports.ts";

type CvmNode = {
  readonly id: string;
  readonly name: string;
  readonly appId: string;
  readonly vmUuid: string;
};

const VIEWER_CAN = "viewerCan { plan configure environment power confirm }";
const ALL = { plan: true, configure: true, environment: true, power: true, confirm: true };
const NONE = { plan: false, configure: false, environment: false, power: false, confirm: false };

let gateway: SignInGateway;
let cvms: Readonly<Record<string, CvmNode>> = {};
beforeAll(async () => {
  gateway = await startSignIn();
  const token = await gateway.provider.sign("setup", { groups: ["programs"] });
  const { data } = await gateway.ask(token, "{ cvms(first: 100) { nodes { id name appId vmUuid } } }");
  cvms = Object.fromEntries(data.cvms.nodes.map((cvm: CvmNode) => [cvm.name, cvm]));
});
afterAll(() => gateway[Symbol.asyncDispose]());

const sign = (subject: string, ...groups: string[]) => gateway.provider.sign(subject, { groups });
const findCvm = (name: string): CvmNode => cvms[name] ?? expect.unreachable();

describe("cvms of a role", () => {
  const forms: readonly (readonly [form: string, write: (cvm: CvmNode) => string])[] = [
    ["its id", ({ id }) => id],
    ["its name", ({ name }) => name],
    ["its UUID", ({ vmUuid }) => vmUuid],
    ["the id of its app", ({ appId }) => appId],
    ["the id of its app with app_", ({ appId }) => `app_${appId}`],
  ];

  it.each(forms)(
    "limit a write by the CVM that %s names, and the write goes to the id",
    async (_form, write) => {
      const token = await sign("olga", "platform");
      const other = findCvm("dev-image");
      gateway.takeCalls();
      const refused = await gateway.ask(token, setVcpu(write(other)));
      expect(refused.errors).toMatchObject([
        {
          message:
            'Your roles in this workspace lack the permission "configure" on this CVM. Nothing was sent.',
          extensions: { code: "FORBIDDEN", retryable: false },
        },
      ]);
      expect(listWrites(gateway.takeCalls())).toEqual([]);
      const own = findCvm("web-phala");
      const { errors } = await gateway.ask(token, setVcpu(write(own)));
      expect([undefined, "OPERATION_IN_PROGRESS"]).toContain(errors?.[0]?.extensions.code);
      const sent = listWrites(gateway.takeCalls());
      expect(sent.length).toBeGreaterThan(0);
      expect(new Set(sent.map(({ path }) => path))).toEqual(new Set([`/cvms/${own.id}`]));
    },
  );

  it("do not limit what may be read or planned", async () => {
    const token = await sign("olga", "platform");
    const { data, errors } = await gateway.ask(
      token,
      `{ cvm(id: "dev-image") { name ${VIEWER_CAN} }
         planCvmConfiguration(input: { id: "dev-image", vcpu: 2 }) { restarts } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.cvm).toEqual({ name: "dev-image", viewerCan: { ...NONE, plan: true } });
    expect(data.planCvmConfiguration.restarts).toBe(true);
  });

  it("of several roles add up, each for its own permissions", async () => {
    const both = await sign("rob", "platform", "releasers");
    const { data } = await gateway.ask(
      both,
      `{ web: cvm(id: "web-phala") { ${VIEWER_CAN} } other: cvm(id: "dev-image") { ${VIEWER_CAN} } viewer { permissions } }`,
    );
    expect(data.web.viewerCan).toEqual(ALL);
    expect(data.other.viewerCan).toEqual({ ...ALL, power: false });
    expect(data.viewer.permissions).toEqual(["READ", "PLAN", "POWER", "CONFIGURE", "ENVIRONMENT", "CONFIRM"]);
  });
});

describe("a caller without `read`", () => {
  const reads = [
    '{ cvm(id: "web-phala") { id } }',
    '{ a: cvm(id: "web-phala") { id } }',
    "{ ...F } fragment F on Query { cvms(first: 1) { totalCount } }",
    '{ node(id: "ID") { id } }',
    '{ nodes(ids: ["ID"]) { id } }',
    '{ operation(cvmId: "web-phala", correlationId: "x") { id } }',
    'subscription { cvmState(id: "web-phala") { status } }',
    'subscription { operation(cvmId: "web-phala", correlationId: "x") { status } }',
  ];

  it.each(transports)("reads nothing over %s, whatever the field", async (transport) => {
    await using own = await startSignIn({
      change: (rules) => ({
        ...rules,
        roles: { ...rules.roles, switch: { allow: ["power"] } },
        grants: [{ claim: "groups", has: "switchers", role: "switch", workspace: "production" }],
      }),
    });
    const token = await own.provider.sign("sam", { groups: ["switchers"] });
    const sender = openTransport(transport, own.url, { authorization: `Bearer ${token}` });
    for (const query of reads) {
      const [result] = await sender.send(query.replaceAll("ID", findCvm("web-phala").id));
      expect(result?.errors?.[0], query).toMatchObject({
        message: expect.stringContaining('"read"'),
        extensions: { code: "FORBIDDEN" },
      });
    }
    const [write] = await sender.send(
      'mutation { stopCvm(input: { id: "web-phala" }) { status cvm { name } operation { status } } }',
    );
    expect(write?.data?.stopCvm).toEqual({ status: "IN_PROGRESS", cvm: null, operation: null });
    expect(write?.errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN", "FORBIDDEN"]);
    expect(listWrites(own.takeCalls())).toHaveLength(1);
    sender.close();
  });
});

describe("grants", () => {
  const viewer = "{ viewer { subject workspace permissions } }";

  it("by email count only for an address that the issuer verified", async () => {
    gateway.takeCalls();
    const ask = async (claims: object) => {
      const { data, errors } = await gateway.ask(await gateway.provider.sign("eve", { ...claims }), viewer);
      return errors?.[0]?.extensions.code ?? data.viewer.permissions;
    };
    expect(await ask({ email: "eve@example.com", email_verified: true })).toEqual(["READ"]);
    expect(await ask({ email: "Eve@Example.COM", email_verified: true })).toEqual(["READ"]);
    expect(await ask({ email: "eve@example.com" })).toBe("FORBIDDEN");
    expect(await ask({ email: "eve@example.com", email_verified: false })).toBe("FORBIDDEN");
    expect(await ask({ email: "eve@example.com", email_verified: "true" })).toBe("FORBIDDEN");
    expect(await ask({ email: "eve@example.com.evil.example", email_verified: true })).toBe("FORBIDDEN");
    expect(await ask({ email: '"a@evil.example"@example.com', email_verified: true })).toBe("FORBIDDEN");
    expect(await ask({ email: ["eve@example.com"], email_verified: true })).toEqual(["READ"]);
    expect(gateway.takeCalls()).toEqual([]);
  });

  it("by email count without a check for an issuer with trustEmail, and by issuer only for its tokens", async () => {
    await using own = await startSignIn({
      change: (rules) => ({
        ...rules,
        issuers: rules.issuers.map((issuer) => ({ ...issuer, trustEmail: true })),
        grants: [
          { claim: "email", matches: "*@example.com", role: "viewer", workspace: "production" },
          { claim: "realm_access.roles", has: "ops", role: "releaser", workspace: "production" },
        ],
      }),
    });
    const ask = async (claims: object) =>
      (await own.ask(await own.provider.sign("eve", { ...claims }), viewer)).data?.viewer.permissions;
    expect(await ask({ email: "eve@example.com" })).toEqual(["READ"]);
    expect(await ask({ realm_access: { roles: ["ops"] } })).toContain("CONFIRM");
    expect(await ask({ realm_access: { roles: "no-ops" } })).toBeUndefined();
  });

  it("by a pattern stand for its characters, and a long claim does not stop the process", async () => {
    const patterns = ["a.c", "[ab]*", "*(x)*", "*.+*", "**-end", "team-*-*-*-*-*-z", "*"];
    await using own = await startSignIn({
      change: (rules) => ({
        ...rules,
        workspaces: Object.fromEntries(
          patterns.map((_, index) => [`w${index}`, { apiKeyFile: "production.key" }]),
        ),
        grants: patterns.map((matches, index) => ({
          claim: "team",
          matches,
          role: "viewer",
          workspace: `w${index}`,
        })),
      }),
    });
    /** Return the patterns that a claim fits, apart from the last one. */
    const listFitting = async (team: unknown) => {
      const { errors } = await own.ask(await own.provider.sign("tina", { team }), viewer);
      const [, names = "w6."] = /Name one of your workspaces: (.*)$/.exec(errors?.[0]?.message ?? "") ?? [];
      return patterns.filter((_, index) => index < 6 && names.includes(`w${index}`));
    };
    expect(await listFitting("a.c")).toEqual(["a.c"]);
    expect(await listFitting("abc")).toEqual([]);
    expect(await listFitting("[ab]c")).toEqual(["[ab]*"]);
    expect(await listFitting("f(x)")).toEqual(["*(x)*"]);
    expect(await listFitting("1.+2")).toEqual(["*.+*"]);
    expect(await listFitting("-end")).toEqual(["**-end"]);
    expect(await listFitting("the-end ")).toEqual([]);
    expect(await listFitting(["x", "team-1-2-3-4-5-z"])).toEqual(["team-*-*-*-*-*-z"]);
    expect(await listFitting("team------z")).toEqual(["team-*-*-*-*-*-z"]);
    expect(await listFitting("team-----z")).toEqual([]);
    const begin = performance.now();
    expect(await listFitting(`team-${"-".repeat(6_000)}y`)).toEqual([]);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it("in no workspace are refused, and nothing is sent", async () => {
    const { errors } = await gateway.ask(await sign("nobody"), viewer);
    expect(errors?.[0]).toMatchObject({
      message: "You have no role in any workspace of this gateway.",
      extensions: { code: "FORBIDDEN" },
    });
  });
});

describe("a caller with several workspaces", () => {
  const read = "{ viewer { workspace permissions } cvms(first: 1) { totalCount } }";
  const token = () => sign("wendy", "planners", "testers");

  it("names one with X-Workspace, and only its key and its slug are sent", async () => {
    gateway.takeCalls();
    const production = await gateway.ask(await token(), read, {}, { "x-workspace": "production" });
    expect(production.data.viewer).toEqual({ workspace: "production", permissions: ["READ", "PLAN"] });
    const staging = await gateway.ask(await token(), read, {}, { "x-workspace": "staging" });
    expect(staging.data.viewer.workspace).toBe("staging");
    const [first, second] = gateway.takeCalls();
    expect(first?.headers["x-api-key"]).toBe(SERVER_KEYS.production);
    expect(first?.headers).not.toHaveProperty("x-phala-workspace");
    expect(second?.headers).toMatchObject({
      "x-api-key": SERVER_KEYS.staging,
      "x-phala-workspace": "staging-slug",
    });
  });

  it("has to name one: the error lists them", async () => {
    const { errors } = await gateway.ask(await token(), read);
    expect(errors).toMatchObject([
      {
        message: "X-Workspace: Name one of your workspaces: production, staging.",
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
    expect(gateway.takeCalls()).toEqual([]);
  });

  it.each(["development", "Production", ""])("has no role in another one (%j)", async (workspace) => {
    const { errors } = await gateway.ask(await token(), read, {}, { "x-workspace": workspace });
    expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    expect(gateway.takeCalls()).toEqual([]);
  });

  it("names one in connectionParams over WebSocket", async () => {
    const authorization = `Bearer ${await token()}`;
    const sender = openTransport("WebSocket", gateway.url, { authorization, workspace: "staging" });
    const [result] = await sender.send(read);
    expect(result?.data.viewer.workspace).toBe("staging");
    sender.close();
  });
});

describe("the header of an access proxy", () => {
  it("carries a token whose signature is verified", async () => {
    await using own = await startSignIn({
      change: (rules) => ({
        ...rules,
        issuers: rules.issuers.map((issuer) => ({ ...issuer, header: "Cf-Access-Jwt-Assertion" })),
      }),
    });
    const token = await own.provider.sign("vera", { groups: ["programs"] });
    const ask = (headers: Record<string, string>) =>
      own.ask(null, "{ viewer { subject } cvms(first: 1) { totalCount } }", {}, headers);
    const accepted = await ask({ "cf-access-jwt-assertion": token, authorization: "Bearer client-token" });
    expect(accepted.data.viewer).toEqual({ subject: "vera" });
    expect(own.takeCalls()[0]?.headers).not.toHaveProperty("authorization");
    const [head, payload] = token.split(".");
    for (const forged of [`${head}.${payload}.`, `${token.slice(0, -8)}AAAAAAAA`, "vera"]) {
      const { errors } = await ask({ "cf-access-jwt-assertion": forged });
      expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    }
    expect((await ask({ authorization: `Bearer ${token}` })).errors?.[0]?.extensions.code).toBe(
      "UNAUTHENTICATED",
    );
    expect(own.takeCalls()).toEqual([]);
  });
});

describe("the page of GraphiQL", () => {
  it("suggests the header of the mode, also after a reload", async () => {
    await using own = await startSignIn();
    const suggest = async (rules: object) => {
      await own.file.write(rules);
      await own.access.reload();
      const page = await (await fetch(own.url, { headers: { accept: "text/html" } })).text();
      const [, headers = ""] = /"defaultHeaders":("(?:[^"\\]|\\.)*")/.exec(page) ?? [];
      return JSON.parse(JSON.parse(headers));
    };
    const rules = createRules(own.provider.issuer);
    const inProxy = { ...rules, issuers: rules.issuers.map((issuer) => ({ ...issuer, header: "x-proxy" })) };
    const token = { Authorization: "Bearer your token" };
    expect(await suggest(rules)).toEqual(token);
    expect(await suggest({ ...rules, passthrough: true })).toEqual(token);
    expect(await suggest(inProxy)).toEqual({});
    expect(await suggest({ ...inProxy, passthrough: true })).toEqual({ "X-API-Key": "your key" });
  });
});

describe("passthrough: true", () => {
  it("accepts an own credential as well, and a token decides where both are sent", async () => {
    await using own = await startSignIn({ change: (rules) => ({ ...rules, passthrough: true }) });
    const read = "{ viewer { subject workspace permissions } cvms(first: 1) { totalCount } }";
    const ownKey = { "x-api-key": "sandbox-own" };
    const { data } = await own.ask(null, read, {}, ownKey);
    expect(data.viewer).toMatchObject({ subject: null, workspace: null });
    expect(data.viewer.permissions).toHaveLength(6);
    expect(own.takeCalls()[0]?.headers["x-api-key"]).toBe("sandbox-own");
    const bearer = await own.ask("sandbox-bearer", read);
    expect(bearer.data.viewer.subject).toBeNull();
    expect(own.takeCalls()[0]?.headers["authorization"]).toBe("Bearer sandbox-bearer");
    const token = await own.provider.sign("vera", { groups: ["programs"] });
    expect((await own.ask(token, read, {}, ownKey)).data.viewer.subject).toBe("vera");
    expect(own.takeCalls()[0]?.headers["x-api-key"]).toBe(SERVER_KEYS.production);
    const expired = await own.provider.sign("vera", { groups: ["programs"] }, { expiresIn: -1 });
    const refused = await own.ask(expired, read, {}, ownKey);
    expect(refused.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(own.takeCalls()).toEqual([]);
  });
});

describe("in pass-through mode", () => {
  it("`viewer` and `viewerCan` say that everything is up to the REST API", async () => {
    const { startGateway } = await import("../support/gateway.ts");
    await using own = await startGateway();
    const { data } = await own.ask(
      `{ viewer { subject workspace permissions } cvm(id: "web-phala") { ${VIEWER_CAN} } }`,
    );
    expect(data.viewer).toMatchObject({ subject: null, workspace: null });
    expect(data.viewer.permissions).toHaveLength(6);
    expect(data.cvm.viewerCan).toEqual(ALL);
    expect((await own.ask("{ viewer { subject } }", {}, {})).data.viewer).toBeNull();
  });
});
