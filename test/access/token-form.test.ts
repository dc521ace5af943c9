import { CompactSign } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AUDIENCE } from "../support/sign-in/access-file.ts";
import { type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";
import { serve } from "../support/upstream/listen.ts";

const READ = "{ viewer { subject } cvms(first: 1) { totalCount } }";
const viewer = { groups: ["programs"] };
const refused = {
  message: "This token is not accepted. Sign in again.",
  extensions: { code: "UNAUTHENTICATED" },
};

let gateway: SignInGateway;
beforeAll(async () => {
  gateway = await startSignIn();
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Sign a payload that is written by hand. */
async function signText(payload: string): Promise<string> {
  const { key, alg, kid } = gateway.provider.key;
  return new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg, kid }).sign(key);
}

describe("a token", () => {
  it("whose end is no finite number is not accepted, because it would never end", async () => {
    const claims = JSON.stringify({ ...viewer, sub: "eve", iss: gateway.provider.issuer, aud: AUDIENCE });
    const sign = (exp: string) => signText(`${claims.slice(0, -1)},"exp":${exp}}`);
    expect((await gateway.ask(await sign("4e9"), READ)).data.viewer.subject).toBe("eve");
    gateway.takeCalls();
    for (const exp of ["1e400", "1e308"]) {
      expect((await gateway.ask(await sign(exp), READ)).errors).toMatchObject([refused]);
    }
    expect(gateway.takeCalls()).toEqual([]);
  });

  it("has one form: padding is not accepted", async () => {
    const [header, payload, signature] = (await gateway.provider.sign("vera", viewer)).split(".");
    expect((await gateway.ask(`${header}.${payload}.${signature}`, READ)).errors).toBeUndefined();
    gateway.takeCalls();
    for (const token of [`${header}.${payload}.${signature}==`, `${header}=.${payload}.${signature}`]) {
      expect((await gateway.ask(token, READ)).errors).toMatchObject([refused]);
    }
    expect(gateway.takeCalls()).toEqual([]);
  });
});

describe("a token for this gateway with passthrough: true", () => {
  const PROXY_HEADER = "x-proxy-token";

  it("in a header that its issuer does not use is refused, and never reaches the REST API", async () => {
    await using own = await startSignIn({
      change: (rules) => ({
        ...rules,
        passthrough: true,
        issuers: [{ ...rules.issuers[0], header: PROXY_HEADER }],
      }),
    });
    const token = await own.provider.sign("vera", viewer, { audience: ["another-service", AUDIENCE] });
    const expired = await own.provider.sign("vera", viewer, { expiresIn: -1 });
    for (const secret of [token, expired]) {
      for (const headers of [{ authorization: `Bearer ${secret}` }, { "x-api-key": secret }]) {
        expect((await own.ask(null, READ, {}, headers)).errors).toMatchObject([refused]);
      }
    }
    expect(own.takeCalls()).toEqual([]);
    expect((await own.ask(null, READ, {}, { [PROXY_HEADER]: token })).data.viewer.subject).toBe("vera");
    own.takeCalls();
    // A token of the same issuer for the REST API is the caller's own credential there.
    const other = `Bearer ${await own.provider.sign("vera", viewer, { audience: "phala" })}`;
    await own.ask(null, READ, {}, { authorization: other });
    expect(own.takeCalls()).toMatchObject([{ headers: { authorization: other } }]);
  });
});

describe("a key set", () => {
  const publish = async (keys: (jwk: object) => readonly unknown[], forge = false) => {
    await using server = await serve((_request, response) => {
      const { d: _private, ...jwk } = own.provider.key.jwk;
      response.end(JSON.stringify({ keys: keys(jwk) }));
    });
    await using own = await startSignIn({
      change: (rules) => ({
        ...rules,
        issuers: [{ ...rules.issuers[0], jwksUrl: `${server.url}/jwks` }],
      }),
    });
    const token = await own.provider.sign("vera", viewer, forge ? { kid: "no-such-key" } : {});
    return (await own.ask(token, READ)).errors?.[0]?.extensions.code;
  };
  const odd = [{}, null, "x", 1, { kty: 7 }, { kty: "oct", k: "AA" }, { kty: "RSA", kid: "no-modulus" }];

  it("with members that are no keys has its other keys", async () => {
    expect(await publish((jwk) => [...odd, jwk])).toBeUndefined();
    expect(await publish((jwk) => [...odd, jwk], true)).toBe("UNAUTHENTICATED");
  });

  it("with nothing but such members counts as one that cannot be fetched", async () => {
    expect(await publish(() => [{}, null])).toBe("SIGN_IN_UNAVAILABLE");
  });
});
