import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createClient as createWsClient } from "graphql-ws";
import { CompactSign } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
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

describe("an Authorization header", () => {
  it.each(["Bearer", "Bearer TOKEN x", "Bearer TOKEN, Bearer TOKEN", "bearer\tTOKEN", "Bearer x TOKEN"])(
    "that has the word Bearer and not one token is refused, also next to a key: %s",
    async (form) => {
      await using own = await startSignIn({ change: (rules) => ({ ...rules, passthrough: true }) });
      const authorization = form.replaceAll("TOKEN", await own.provider.sign("vera", viewer));
      for (const headers of [{ authorization }, { authorization, "x-api-key": "sandbox-own" }]) {
        expect((await own.ask(null, READ, {}, headers)).errors).toMatchObject([refused]);
      }
      expect(own.takeCalls()).toEqual([]);
    },
  );

  it("of another scheme is for a proxy in front, and changes nothing", async () => {
    await using own = await startSignIn({ change: (rules) => ({ ...rules, passthrough: true }) });
    const headers = { authorization: "Basic dXNlcjpwYXNz", "x-api-key": "sandbox-own" };
    expect((await own.ask(null, READ, {}, headers)).errors).toBeUndefined();
    expect(own.takeCalls()[0]?.headers).not.toHaveProperty("authorization");
  });

  it("that is sent twice must have the tokens of one caller", async () => {
    const vera = await gateway.provider.sign("vera", viewer);
    const expired = await gateway.provider.sign("vera", viewer, { expiresIn: -1 });
    const bob = await gateway.provider.sign("bob", viewer);
    const ask = async (...tokens: string[]) => {
      const { hostname, port } = new URL(gateway.url);
      const body = JSON.stringify({ query: READ });
      const lines = tokens.map((token) => `authorization: Bearer ${token}\r\n`).join("");
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-type: application/json\r\n${lines}content-length: ${body.length}\r\n\r\n${body}`,
      );
      const answer = await text(socket);
      return /"code":"(\w+)"/.exec(answer)?.[1] ?? /"subject":"(\w+)"/.exec(answer)?.[1];
    };
    expect(await ask(vera)).toBe("vera");
    expect(await ask(vera, vera)).toBe("vera");
    for (const other of [bob, expired, "junk"]) {
      expect(await ask(vera, other)).toBe("UNAUTHENTICATED");
      expect(await ask(other, vera)).toBe("UNAUTHENTICATED");
    }
  });
});

describe("a WebSocket through an access proxy", () => {
  /** Open a socket. @returns the subject that an operation sees, its error, or why the socket was closed */
  const open = async (upgrade: Record<string, string>, connectionParams: Record<string, unknown>) => {
    const client = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: class extends WebSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols, { headers: upgrade });
        }
      },
      connectionParams,
      retryAttempts: 0,
    });
    try {
      for await (const { data, errors } of client.iterate({ query: READ })) {
        return errors?.[0]?.extensions?.["code"] ?? Object(data?.["viewer"]).subject;
      }
    } catch (error) {
      return Object(error).reason ?? Object(error)[0].extensions.code;
    } finally {
      await client.dispose();
    }
  };

  it("cannot replace the token that the proxy set", async () => {
    const vera = await gateway.provider.sign("vera", viewer);
    const bob = await gateway.provider.sign("bob", viewer);
    const expired = await gateway.provider.sign("vera", viewer, { expiresIn: -1 });
    expect(await open({ [PROXY_HEADER]: vera }, {})).toBe("vera");
    expect(await open({ [PROXY_HEADER]: vera }, { [PROXY_HEADER]: vera })).toBe("vera");
    for (const other of [bob, expired, "junk"]) {
      const params = [{ [PROXY_HEADER]: other }, { headers: { [PROXY_HEADER.toUpperCase()]: other } }];
      for (const given of [...params, { authorization: `Bearer ${other}` }]) {
        expect(await open({ [PROXY_HEADER]: vera }, given)).toBe(refused.message);
      }
    }
    // What the proxy set is not replaced by nothing either.
    expect(await open({ [PROXY_HEADER]: vera }, { [PROXY_HEADER]: "" })).toBe("vera");
  });

  it("has one caller, wherever its tokens are", async () => {
    const vera = await gateway.provider.sign("vera", viewer);
    const bob = await gateway.provider.sign("bob", viewer);
    expect(await open({ authorization: `Bearer ${vera}` }, { authorization: `Bearer ${vera}` })).toBe("vera");
    expect(await open({ authorization: `Bearer ${vera}` }, { Authorization: `Bearer ${bob}` })).toBe(
      refused.message,
    );
    expect(await open({ authorization: "Basic dXNlcjpwYXNz" }, { authorization: `Bearer ${bob}` })).toBe(
      "bob",
    );
  });

  it("names one workspace", async () => {
    const wendy = await gateway.provider.sign("wendy", { groups: ["planners", "testers"] });
    const params = { authorization: `Bearer ${wendy}`, workspace: "staging" };
    expect(await open({}, params)).toBe("wendy");
    expect(await open({ "x-workspace": "staging" }, params)).toBe("wendy");
    expect(await open({ "x-workspace": "production" }, params)).toBe("BAD_USER_INPUT");
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
