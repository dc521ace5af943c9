import { CompactSign } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AUDIENCE } from "../support/sign-in/access-file.ts";
import { listWrites, type SentCall, type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";

const READ = "{ viewer { subject } cvms(first: 1) { totalCount } }";
const PROXY_HEADER = "x-proxy-token";
const viewer = { groups: ["programs"] };
const refused = {
  message: "This token is not accepted. Sign in again.",
  extensions: { code: "UNAUTHENTICATED" },
};

let gateway: SignInGateway;
beforeAll(async () => {
  gateway = await startSignIn({
    change: (rules) => ({
      ...rules,
      issuers: [...rules.issuers, { ...rules.issuers[0], header: PROXY_HEADER }],
    }),
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe("the tokens of a request", () => {
  const ask = async (bearer: string, proxy: string) =>
    gateway.ask(bearer, READ, {}, { [PROXY_HEADER]: proxy });

  it("in two headers must all be accepted, in whichever header the good one is", async () => {
    const good = await gateway.provider.sign("vera", viewer);
    const expired = await gateway.provider.sign("vera", viewer, { expiresIn: -1 });
    expect((await ask(good, good)).data.viewer.subject).toBe("vera");
    gateway.takeCalls();
    for (const bad of [expired, `${good.slice(0, -8)}AAAAAAAA`, "junk"]) {
      expect((await ask(good, bad)).errors).toMatchObject([refused]);
      expect((await ask(bad, good)).errors).toMatchObject([refused]);
    }
    expect(gateway.takeCalls()).toEqual([]);
  });

  it("of two callers are refused", async () => {
    const vera = await gateway.provider.sign("vera", viewer);
    const bob = await gateway.provider.sign("bob", viewer);
    expect((await ask(vera, bob)).errors).toMatchObject([refused]);
  });
});

describe("a token whose subject is no text", () => {
  it.each([[{ a: 1 }], [["eve"]], [7], [true]])("is not accepted: %j", async (sub) => {
    const { key, alg, kid } = gateway.provider.key;
    const claims = { ...viewer, sub, iss: gateway.provider.issuer, aud: AUDIENCE, exp: 4e9 };
    const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg, kid })
      .sign(key);
    const write = 'mutation { stopCvm(input: { id: "web-phala" }) { status } }';
    expect((await gateway.ask(token, write)).errors).toMatchObject([refused]);
    expect(listWrites(gateway.takeCalls())).toEqual([]);
  });
});

describe("while the keys of an issuer cannot be fetched", () => {
  it("a token that has expired is not accepted, and any other one may be good", async () => {
    await using own = await startSignIn();
    own.provider.interrupt();
    const ask = async (options: object) => {
      const token = await own.provider.sign("vera", viewer, options);
      return (await own.ask(token, READ)).errors?.[0]?.extensions.code;
    };
    expect(await ask({ expiresIn: -1 })).toBe("UNAUTHENTICATED");
    expect(own.provider.requests).toEqual([]);
    expect(await ask({})).toBe("SIGN_IN_UNAVAILABLE");
    expect(await ask({ audience: "another", kid: "nobody" })).toBe("SIGN_IN_UNAVAILABLE");
  });
});

const hash = "ab".repeat(32);
const commit = (id: string) =>
  `mutation { commitCvmUpdate(input: { id: "${id}", token: "t", composeHash: "${hash}", transactionHash: "${hash}" }) { status } }`;

describe("a commit token of a CVM in another workspace", () => {
  const READ_ID = '{ cvm(id: "web-base") { id } }';
  const listCommits = (calls: readonly SentCall[]) =>
    listWrites(calls).flatMap(({ path }) => /\/cvms\/([^/]+)\/commit-update$/.exec(path)?.[1] ?? []);

  it("is never sent for a caller that may confirm in its own workspace only", async () => {
    await using own = await startSignIn();
    const production = await own.provider.sign("rita", { groups: ["releasers"] });
    const staging = await own.provider.sign("tess", { groups: ["testers"] });
    const { id } = (await own.ask(production, READ_ID)).data.cvm;
    own.takeCalls();
    const { errors } = await own.ask(staging, commit(id));
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(listCommits(own.takeCalls())).toEqual([]);
    await own.ask(production, commit(id));
    expect(listCommits(own.takeCalls())).toEqual([id]);
  });

  it("goes to the id of the CVM that was read, and not to a CVM of the same name", async () => {
    await using own = await startSignIn({ change: (rules) => ({ ...rules, passthrough: true }) });
    const staging = await own.provider.sign("tess", { groups: ["testers"] });
    const { id: inStaging } = (await own.ask(staging, READ_ID)).data.cvm;
    const ownKey = { "x-api-key": "sandbox-own" };
    const { id: inOwn } = (await own.ask(null, READ_ID, {}, ownKey)).data.cvm;
    own.takeCalls();
    await own.ask(staging, commit("web-base"));
    expect(listCommits(own.takeCalls())).toEqual([inStaging]);
    await own.ask(null, commit("web-base"), {}, ownKey);
    expect(listCommits(own.takeCalls())).toEqual([inOwn]);
  });
});

describe("a commit token with passthrough: true", () => {
  it("is sent only for a credential that the REST API lets read the CVM", async () => {
    await using own = await startSignIn({ change: (rules) => ({ ...rules, passthrough: true }) });
    const send = async (id: string, headers: Record<string, string>) => {
      const { errors } = await own.ask(null, commit(id), {}, headers);
      return { code: errors?.[0]?.extensions.code, writes: listWrites(own.takeCalls()).length };
    };
    expect(await send("web-base", {})).toEqual({ code: "UNAUTHENTICATED", writes: 0 });
    for (const headers of [{ "x-api-key": "junk" }, { authorization: "Bearer junk" }]) {
      expect(await send("web-base", headers)).toEqual({ code: "UNAUTHENTICATED", writes: 0 });
    }
    const ownKey = { "x-api-key": "sandbox-own" };
    expect(await send("no-such-cvm", ownKey)).toEqual({ code: "NOT_FOUND", writes: 0 });
    expect((await send("fails-503", ownKey)).writes).toBe(0);
    expect((await send("fails-403", ownKey)).writes).toBe(0);
    expect((await send("web-base", ownKey)).writes).toBe(1);
  });
});
