import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import { createKmsCatalog } from "../../sandbox/catalog/kms.ts";
import { ConfigError, loadConfig } from "../../src/config.ts";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites, UPDATE_ENVS } from "../support/mutations.ts";
import { startRuleProxy } from "../support/upstream/proxy.ts";

const KMS = createKmsCatalog(null);

const KEY_QUERY = `query ($id: ID!) {
  cvm(id: $id) { appId envEncryptionKey { publicKey signature signer verified } }
}`;
const BASE = KMS.base.k256PublicKey;
const OTHER = bytesToHex(secp256k1.getPublicKey(secp256k1.utils.randomSecretKey(), true));
const ENV = [
  { key: "DATABASE_URL", value: "a" },
  { key: "API_TOKEN", value: "b" },
];

describe("Cvm.envEncryptionKey", () => {
  it.each([["web-phala"], ["web-legacy"]])(
    "is the unsigned key of %s itself, without an extra call",
    async (id) => {
      await using gateway = await startGateway({ environment: { TRUSTED_KMS_ROOT_KEYS: BASE } });
      const { data } = await gateway.ask(KEY_QUERY, { id });
      expect(data.cvm.envEncryptionKey).toEqual({
        publicKey: expect.stringMatching(/^[0-9a-f]{64}$/),
        signature: null,
        signer: null,
        verified: false,
      });
      expect(await gateway.calls()).toHaveLength(1);
    },
  );

  it("comes from the on-chain KMS, requested by slug and with the pinned API version", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(KEY_QUERY, { id: "web-base" });
    expect(data.cvm.envEncryptionKey).toMatchObject({
      signature: expect.stringMatching(/^[0-9a-f]{130}$/),
      signer: BASE,
      verified: false,
    });
    const calls = await gateway.calls();
    expect(calls.map(({ path }) => path)).toEqual([
      "/cvms/web-base",
      "/kms",
      `/kms/${KMS.base.slug}/pubkey/${data.cvm.appId}`,
    ]);
    for (const { headers } of calls) expect(headers["x-phala-version"]).toBe("2026-05-22");
  });

  it("fetches the list of KMS nodes once for all CVMs of a page", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(`{ cvms(first: 6) { nodes { envEncryptionKey { publicKey } } } }`);
    expect(data.cvms.nodes).toHaveLength(6);
    const paths = (await gateway.calls()).map(({ path }) => path);
    expect(paths.filter((path) => path === "/kms")).toHaveLength(1);
    expect(paths.filter((path) => path.includes("/pubkey/"))).toHaveLength(4);
  });

  it.each([
    ["compressed", BASE],
    ["uncompressed", secp256k1.Point.fromHex(BASE).toHex(false)],
    ["with 0x, in upper case, in a list", `${OTHER}, 0x${BASE.toUpperCase()}`],
  ])("is verified by a trusted root key (%s)", async (_form, keys) => {
    await using gateway = await startGateway({ environment: { TRUSTED_KMS_ROOT_KEYS: keys } });
    const { data } = await gateway.ask(KEY_QUERY, { id: "web-base" });
    expect(data.cvm.envEncryptionKey).toMatchObject({ signer: BASE, verified: true });
    const other = await gateway.ask(KEY_QUERY, { id: "web-ethereum" });
    expect(other.data.cvm.envEncryptionKey).toMatchObject({
      signer: KMS.ethereum.k256PublicKey,
      verified: false,
    });
  });
});

describe("sealing of a plain-text environment", () => {
  const seal = { input: { env: { plain: ENV } } };
  const cases: readonly [string, string, Record<string, string>, boolean][] = [
    ["accepts an unsigned key", "web-phala", {}, true],
    [
      "rejects an unsigned key when a verified key is required",
      "web-phala",
      { REQUIRE_VERIFIED_KMS_KEY: "true" },
      false,
    ],
    ["accepts a signed key when no root key is configured", "web-base", {}, true],
    [
      "rejects a signed key when no root key is configured but a verified key is required",
      "web-base",
      { REQUIRE_VERIFIED_KMS_KEY: "true" },
      false,
    ],
    [
      "accepts a verified key",
      "web-base",
      { TRUSTED_KMS_ROOT_KEYS: BASE, REQUIRE_VERIFIED_KMS_KEY: "true" },
      true,
    ],
    ["rejects a key that an unknown root key signed", "web-base", { TRUSTED_KMS_ROOT_KEYS: OTHER }, false],
  ];
  it.each(cases)("%s", async (_what, id, environment, allowed) => {
    await using gateway = await startGateway({ environment });
    for (const query of [CONFIGURE, UPDATE_ENVS]) {
      const { errors } = await gateway.ask(query, { input: { id, ...seal.input } });
      expect(errors?.[0]?.extensions.code).toBe(allowed ? undefined : "KMS_KEY_NOT_TRUSTED");
      const writes = listWrites(await gateway.calls());
      expect(writes).toHaveLength(allowed ? 1 : 0);
      await gateway.advance(20_000);
    }
  });

  it("accepts an environment that the client sealed, without a verified key", async () => {
    await using gateway = await startGateway({ environment: { REQUIRE_VERIFIED_KMS_KEY: "true" } });
    const { errors } = await gateway.ask(UPDATE_ENVS, {
      input: { id: "web-phala", env: { encrypted: { encryptedEnv: "ab".repeat(60) } } },
    });
    expect(errors).toBeUndefined();
  });
});

/** Start a sandbox behind a proxy that changes some of its responses. */
async function startTamperer(change: (path: string, body: Record<string, unknown>) => unknown) {
  const gateway = await startGateway();
  const { proxy, ...server } = await startRuleProxy(gateway.sandbox.url);
  proxy.rule = ({ method, path }, json) => (method === "GET" ? { body: change(path, json) } : null);
  return {
    url: server.url,
    calls: () => gateway.calls(),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

describe("a manipulated response of the KMS", () => {
  const signature = (edit: (hex: string) => string) => (path: string, body: Record<string, unknown>) =>
    path.includes("/pubkey/") ? { ...body, signature: edit(String(body["signature"])) } : body;
  const flip = (hex: string) => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);
  const cases: readonly [string, (path: string, body: Record<string, unknown>) => unknown, string | null][] =
    [
      [
        "a changed key",
        (path, body) => (path.includes("/pubkey/") ? { ...body, public_key: "42".repeat(32) } : body),
        BASE,
      ],
      ["a changed signature", signature(flip), BASE],
      ["a signature of zeros", signature(() => "00".repeat(65)), null],
      ["a signature with an Ethereum recovery id", signature((hex) => `${hex.slice(0, 128)}1b`), null],
      ["a signature that is too short", signature((hex) => hex.slice(2)), null],
      ["an empty signature", signature(() => ""), null],
    ];
  it.each(cases)("nothing is sealed with %s", async (_what, change, trusted) => {
    await using tamperer = await startTamperer(change);
    const environment: Record<string, string> = trusted === null ? {} : { TRUSTED_KMS_ROOT_KEYS: trusted };
    const { app, close } = createGateway(tamperer.url, { environment });
    const { data } = await ask(app, KEY_QUERY, { id: "web-base" });
    expect(data.cvm.envEncryptionKey.verified).toBe(false);
    const { errors } = await ask(app, UPDATE_ENVS, { input: { id: "web-base", env: { plain: ENV } } });
    await close();
    expect(errors?.[0]?.extensions.code).toBe("KMS_KEY_NOT_TRUSTED");
    expect(listWrites(await tamperer.calls())).toEqual([]);
  });

  it("nothing is sealed with a public key of low order", async () => {
    await using tamperer = await startTamperer((path, body) =>
      path.endsWith("/web-phala") ? { ...body, kms_info: { encrypted_env_pubkey: "00".repeat(32) } } : body,
    );
    const { app, close } = createGateway(tamperer.url);
    const { errors } = await ask(app, UPDATE_ENVS, { input: { id: "web-phala", env: { plain: ENV } } });
    await close();
    expect(errors?.[0]?.extensions.code).toBe("KMS_KEY_NOT_TRUSTED");
    expect(listWrites(await tamperer.calls())).toEqual([]);
  });

  it("the key is requested from a node with a slug, or by id when no node of the contract has a slug", async () => {
    const nodes = (slugs: (string | null)[]) => (path: string, body: Record<string, unknown>) => {
      if (!path.startsWith("/kms?")) return body;
      const base = (body["items"] as { slug: string }[]).find(({ slug }) => slug === KMS.base.slug);
      return {
        ...body,
        items: [
          ...slugs.map((slug) => ({ ...base, slug })),
          { ...base, id: "kms_x", kms_contract_address: `0x${"9".repeat(40)}` },
        ],
      };
    };
    for (const [slugs, expected] of [
      [[null, KMS.base.slug], KMS.base.slug],
      [[null, null], KMS.base.id],
    ] as const) {
      await using tamperer = await startTamperer(nodes([...slugs]));
      const { app, close } = createGateway(tamperer.url);
      const { errors } = await ask(app, KEY_QUERY, { id: "web-base" });
      await close();
      expect(errors).toBeUndefined();
      expect((await tamperer.calls()).at(-1)?.path).toContain(`/kms/${expected}/pubkey/`);
    }
  });

  it("without a node of the CVM's contract only the field fails, and nothing is sealed", async () => {
    await using tamperer = await startTamperer((path, body) =>
      path.startsWith("/kms?") ? { ...body, items: [] } : body,
    );
    const { app, close } = createGateway(tamperer.url);
    const { data, errors } = await ask(app, KEY_QUERY, { id: "web-base" });
    expect(data.cvm).toMatchObject({ envEncryptionKey: null });
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
    const refused = await ask(app, UPDATE_ENVS, { input: { id: "web-base", env: { plain: ENV } } });
    await close();
    expect(refused.errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
    expect(listWrites(await tamperer.calls())).toEqual([]);
  });
});

describe("TRUSTED_KMS_ROOT_KEYS", () => {
  it.each([
    ["a value that is not hex", "zz"],
    ["a key that is too short", BASE.slice(2)],
    ["a value that is not a curve point", `02${"ff".repeat(32)}`],
    ["one invalid key of two", `${BASE},1234`],
    ["an empty entry", `${BASE},`],
  ])("rejects %s at startup with a message that contains no key", (_what, value) => {
    expect(() => loadConfig({ TRUSTED_KMS_ROOT_KEYS: value })).toThrow(ConfigError);
    expect(() => loadConfig({ TRUSTED_KMS_ROOT_KEYS: value })).toThrow(/TRUSTED_KMS_ROOT_KEYS: must be/);
    expect(() => loadConfig({ TRUSTED_KMS_ROOT_KEYS: value })).not.toThrow(new RegExp(BASE));
  });
});
