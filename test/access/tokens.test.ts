import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SERVER_KEYS } from "../support/sign-in/access-file.ts";
import { type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";
import { createSigningKey } from "../support/sign-in/provider.ts";
import { until } from "../support/streaming-gateway.ts";

const READ = "{ viewer { subject workspace permissions } cvms(first: 1) { totalCount } }";
const REFUSAL = "This token is not accepted. Sign in again.";
const VIEWER = { groups: ["programs"] };

let gateway: SignInGateway;
beforeAll(async () => {
  gateway = await startSignIn();
});
afterAll(() => gateway[Symbol.asyncDispose]());
afterEach(() => void vi.useRealTimers());

/** Return the error code of a read; undefined if it succeeded. */
const read = async (token: string | null) => (await gateway.ask(token, READ)).errors?.[0]?.extensions.code;

describe("a token", () => {
  it("of a certified provider is accepted, and the REST API gets nothing but the key of the gateway", async () => {
    const token = await gateway.provider.fetchProgramToken();
    const { data, errors } = await gateway.ask(
      token,
      READ,
      {},
      {
        "x-api-key": "sandbox-of-the-client",
        "x-phala-workspace": "Not A Slug",
      },
    );
    expect(errors).toBeUndefined();
    expect(data.viewer).toEqual({ subject: "program", workspace: "production", permissions: ["READ"] });
    const calls = gateway.takeCalls();
    expect(calls).toHaveLength(1);
    expect(calls[0]?.headers).toMatchObject({ "x-api-key": SERVER_KEYS.production });
    expect(Object.keys(calls[0]?.headers ?? {})).not.toContain("authorization");
    expect(Object.keys(calls[0]?.headers ?? {})).not.toContain("x-phala-workspace");
  });

  const forgeries: Readonly<Record<string, () => Promise<string> | string>> = {
    "that is no JWT": () => "not-a-token",
    "with three parts that are no JSON": () => "a.b.c",
    "that has expired": () => gateway.provider.sign("eve", VIEWER, { expiresIn: -1 }),
    "that is not valid yet": () => gateway.provider.sign("eve", VIEWER, { notBefore: 60 }),
    "of another issuer": () => gateway.provider.sign("eve", VIEWER, { issuer: "https://evil.example/" }),
    "for another audience": () => gateway.provider.sign("eve", VIEWER, { audience: "another-service" }),
    "that an unknown key signed, under the id of a known one": async () =>
      gateway.provider.sign("eve", VIEWER, { key: await createSigningKey("first") }),
    "whose key id is not there": async () =>
      gateway.provider.sign("eve", VIEWER, { key: await createSigningKey("no-such-key") }),
    "that a known key signed, under an id that is not there": () =>
      gateway.provider.sign("eve", VIEWER, { kid: "no-such-key" }),
    "without a subject": () => gateway.provider.sign("", VIEWER),
    "with alg none": () =>
      new UnsecuredJWT({ ...VIEWER })
        .setSubject("eve")
        .setIssuer(gateway.provider.issuer)
        .setAudience("cvm-gateway")
        .setExpirationTime("5m")
        .encode(),
    "with HMAC over the public key": async () => {
      const { d: _private, ...jwk } = gateway.provider.key.jwk;
      const publicKey = await importJWK(jwk, "ES256", { extractable: true });
      if (publicKey instanceof Uint8Array) throw new TypeError("The key is not public.");
      return new SignJWT({ ...VIEWER })
        .setProtectedHeader({ alg: "HS256", kid: "first" })
        .setSubject("eve")
        .setIssuer(gateway.provider.issuer)
        .setAudience("cvm-gateway")
        .setExpirationTime("5m")
        .sign(new TextEncoder().encode(await exportSPKI(publicKey)));
    },
    "whose payload was changed": async () => {
      const [header, , signature] = (await gateway.provider.sign("eve", VIEWER)).split(".");
      const [, payload] = (await gateway.provider.sign("alice", VIEWER)).split(".");
      return [header, payload, signature].join(".");
    },
    "that brings its own key": async () => {
      const key = await createSigningKey("first");
      const { d: _private, ...jwk } = key.jwk;
      return new SignJWT({ ...VIEWER })
        .setProtectedHeader({ alg: "ES256", jwk, jku: "http://127.0.0.1:9/jwks" })
        .setSubject("eve")
        .setIssuer(gateway.provider.issuer)
        .setAudience("cvm-gateway")
        .setExpirationTime("5m")
        .sign(key.key);
    },
  };

  it.each(Object.entries(forgeries))(
    "%s is refused with the same message, and nothing is sent",
    async (_case, forge) => {
      const { status, data, errors } = await gateway.ask(
        await forge(),
        READ,
        {},
        { "x-api-key": "sandbox-x" },
      );
      expect(status).toBe(200);
      expect(data).toBeUndefined();
      expect(errors).toMatchObject([
        { message: REFUSAL, extensions: { code: "UNAUTHENTICATED", retryable: false } },
      ]);
      expect(gateway.takeCalls()).toEqual([]);
    },
  );

  it("is required: without one, an own credential is not accepted", async () => {
    const { errors } = await gateway.ask(
      null,
      "{ cvms(first: 1) { totalCount } }",
      {},
      { "x-api-key": "sandbox-x" },
    );
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect((await gateway.ask(null, "{ viewer { subject } errorCatalog { code } }")).data.viewer).toBeNull();
    expect(gateway.takeCalls()).toEqual([]);
  });

  it("that is refused has status 401 for clients that accept it", async () => {
    const { status } = await gateway.ask("x.y.z", READ, {}, { accept: "application/graphql-response+json" });
    expect(status).toBe(401);
  });
});

describe("the keys of an issuer", () => {
  it("are fetched once for many tokens that arrive together", async () => {
    await using fresh = await startSignIn();
    const token = await fresh.provider.sign("bob", VIEWER);
    const answers = await Promise.all(Array.from({ length: 20 }, () => fresh.ask(token, READ)));
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    expect(fresh.provider.requests.filter((path) => path === "/jwks")).toHaveLength(1);
    expect((await fresh.ask(token, READ)).errors).toBeUndefined();
    expect(fresh.provider.requests.filter((path) => path === "/jwks")).toHaveLength(1);
  });

  it("are fetched again when the issuer rotates them, and the old ones end", async () => {
    const old = await gateway.provider.sign("bob", VIEWER);
    expect(await read(old)).toBeUndefined();
    await gateway.provider.rotate("second", "RS256");
    expect(await read(await gateway.provider.sign("bob", VIEWER))).toBeUndefined();
    expect(await read(old)).toBe("UNAUTHENTICATED");
  });

  it("are fetched at most once a second for made-up tokens, and each of these is refused", async () => {
    await using own = await startSignIn();
    const ask = async (kid: string) =>
      (await own.ask(await own.provider.sign("eve", VIEWER, { kid }), READ)).errors?.[0]?.extensions.code;
    const begin = performance.now();
    for (let round = 0; round < 2; round += 1) {
      const codes = await Promise.all(Array.from({ length: 40 }, (_item, index) => ask(`${round}-${index}`)));
      expect(new Set(codes)).toEqual(new Set(["UNAUTHENTICATED"]));
    }
    const fetches = own.provider.requests.filter((path) => path === "/jwks").length;
    const seconds = (performance.now() - begin) / 1_000;
    // One at the start, five in a row, and one each second.
    expect(fetches).toBeLessThanOrEqual(1 + 5 + Math.ceil(seconds));
  });

  it("that the issuer replaces while made-up tokens arrive are in use a second later", async () => {
    await using own = await startSignIn();
    const ask = async (token: string) => (await own.ask(token, READ)).errors?.[0]?.extensions.code;
    for (let round = 0; round < 5; round += 1) {
      const kid = `made-up-${round}`;
      expect(await ask(await own.provider.sign("eve", VIEWER, { kid }))).toBe("UNAUTHENTICATED");
    }
    await own.provider.rotate("after-the-junk");
    const begin = performance.now();
    expect(await ask(await own.provider.sign("bob", VIEWER))).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(2_500);
  });

  it("that cannot be fetched when a made-up token has spent the fetches are no reason to sign in again", async () => {
    await using own = await startSignIn();
    const ask = async (token: string) => (await own.ask(token, READ)).errors?.[0]?.extensions;
    const known = await own.provider.sign("bob", VIEWER);
    for (let round = 0; round < 5; round += 1) {
      await ask(await own.provider.sign("eve", VIEWER, { kid: `made-up-${round}` }));
    }
    await own.provider.rotate("second");
    const rotated = await own.provider.sign("bob", VIEWER);
    own.provider.interrupt();
    for (let round = 0; round < 3; round += 1) {
      expect(await ask(rotated)).toMatchObject({
        code: "SIGN_IN_UNAVAILABLE",
        retryable: true,
        retryAfterMs: 1_000,
      });
      expect(await ask(known)).toBeUndefined();
    }
    own.provider.resume();
    await until(async () => (await ask(rotated)) === undefined);
  });

  it("are fetched for a bad signature as for a key id that is not there, so that nothing tells them apart", async () => {
    await using own = await startSignIn();
    const forge = await createSigningKey("forger");
    const count = () => own.provider.requests.filter((path) => path === "/jwks").length;
    await own.ask(await own.provider.sign("bob", VIEWER), READ);
    for (const kid of ["first", "nobody"]) {
      const before = count();
      const token = await own.provider.sign("eve", VIEWER, { key: forge, kid });
      expect((await own.ask(token, READ)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
      expect(count() - before).toBe(1);
    }
  });

  it("stay in use for a day while the issuer cannot be reached, and then the code says so", async () => {
    await using own = await startSignIn();
    const day = 24 * 3_600_000;
    const token = await own.provider.sign("bob", VIEWER, { expiresIn: 7 * 24 * 3_600 });
    const ask = async () => (await own.ask(token, READ)).errors?.[0]?.extensions;
    expect(await ask()).toBeUndefined();
    own.provider.interrupt();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + day - 60_000);
    expect(await ask()).toBeUndefined();
    vi.setSystemTime(Date.now() + 120_000);
    expect(await ask()).toMatchObject({ code: "SIGN_IN_UNAVAILABLE", retryable: true, retryAfterMs: 1_000 });
    own.provider.resume();
    vi.setSystemTime(Date.now() + 2_000);
    expect(await ask()).toBeUndefined();
  });

  it("that cannot be fetched at the first token are an error that the client can repeat", async () => {
    await using own = await startSignIn();
    own.provider.interrupt();
    const token = await own.provider.sign("bob", VIEWER);
    const { errors } = await own.ask(token, READ);
    expect(errors?.[0]?.extensions.code).toBe("SIGN_IN_UNAVAILABLE");
    expect(own.takeCalls()).toEqual([]);
  });
});
