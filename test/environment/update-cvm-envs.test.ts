import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { encryptEnvVars } from "@phala/cloud";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveEnvKey } from "../../sandbox/catalog/env-key.ts";
import { createKmsCatalog } from "../../sandbox/catalog/kms.ts";
import { startGateway } from "../support/gateway.ts";
import { listWrites, UPDATE_ENVS } from "../support/mutations.ts";
import { BOTH, ENV, ENV_MUTATIONS, readGuest, SEALED } from "./env-mutations.ts";

const KMS = createKmsCatalog(null);

/** Decrypt a sealed environment as its format is documented, without the code of the gateway. */
function open(sealed: string, privateKey: Uint8Array): unknown {
  const bytes = hexToBytes(sealed);
  const secret = x25519.getSharedSecret(privateKey, bytes.subarray(0, 32));
  const plaintext = gcm(secret, bytes.subarray(32, 44)).decrypt(bytes.subarray(44));
  return JSON.parse(new TextDecoder().decode(plaintext));
}

describe.each(ENV_MUTATIONS)("$name", ({ name, query, keysField, path }) => {
  it("seals a plain-text environment, and the guest can decrypt it", async () => {
    await using gateway = await startGateway();
    const { data, errors } = await gateway.ask(query, { input: { id: "web-phala", env: { plain: ENV } } });
    expect(errors).toBeUndefined();
    expect(data[name]).toMatchObject({ status: "IN_PROGRESS" });
    const calls = await gateway.calls();
    expect(
      calls
        .filter(({ method }) => method === "GET")
        .map((call) => call.path)
        .sort(),
    ).toEqual(["/cvms/web-phala", "/cvms/web-phala/compose_file"]);
    expect(listWrites(calls)).toEqual([`PATCH /cvms/web-phala${path}`]);
    const { body } = calls.at(-1) ?? {};
    expect(Object.keys(body).sort()).toEqual([keysField, "encrypted_env"].sort());
    expect(body[keysField]).toEqual(BOTH);
    expect(body.encrypted_env).toMatch(/^[0-9a-f]+$/);
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-phala")).toMatchObject({ env: ENV, boot_error: null });
  });

  it("sends the new list of keys in the order of the variables", async () => {
    await using gateway = await startGateway();
    const plain = ["Z", "A", "DATABASE_URL"].map((key) => ({ key, value: key }));
    const { data } = await gateway.ask(query, {
      input: { id: "web-phala", env: { plain }, removeKeys: ["API_TOKEN"] },
    });
    expect(data[name].status).toBe("IN_PROGRESS");
    const body = (await gateway.calls()).at(-1)?.body;
    expect(body[keysField]).toEqual(["Z", "A", "DATABASE_URL"]);
  });

  it("keeps the present order of the same keys, because another order changes the compose hash", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(query, {
      input: { id: "web-base", env: { plain: ENV.toReversed() } },
    });
    expect(data[name]).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    expect((await gateway.calls()).at(-1)?.body[keysField]).toEqual(BOTH);
  });

  it("forwards a sealed environment unchanged", async () => {
    await using gateway = await startGateway();
    const { data: found } = await gateway.ask(`{ cvm(id: "web-phala") { envEncryptionKey { publicKey } } }`);
    const sealed = await encryptEnvVars(ENV, found.cvm.envEncryptionKey.publicKey);
    await gateway.calls();
    const { data } = await gateway.ask(query, {
      input: {
        id: "web-phala",
        env: { encrypted: { encryptedEnv: `0x${sealed.toUpperCase()}`, keys: BOTH } },
      },
    });
    expect(data[name].status).toBe("IN_PROGRESS");
    const calls = await gateway.calls();
    expect(calls.map(({ method, path: called }) => `${method} ${called}`)).toEqual([
      "GET /cvms/web-phala",
      "GET /cvms/web-phala/compose_file",
      `PATCH /cvms/web-phala${path}`,
    ]);
    expect(calls.at(-1)?.body).toEqual({ encrypted_env: sealed, [keysField]: BOTH });
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-phala")).toMatchObject({ env: ENV });
  });

  it("sends a sealed environment without keys in one call and keeps the list of keys", async () => {
    await using gateway = await startGateway();
    await gateway.ask(query, {
      input: { id: "web-phala", env: { encrypted: { encryptedEnv: SEALED } } },
    });
    const calls = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toEqual({ encrypted_env: SEALED });
  });

  it("accepts an empty environment only when removeKeys lists every key", async () => {
    await using gateway = await startGateway();
    const refused = await gateway.ask(query, { input: { id: "web-phala", env: { plain: [] } } });
    expect(refused.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    await gateway.ask(query, { input: { id: "web-phala", env: { plain: [] }, removeKeys: BOTH } });
    expect((await gateway.calls()).at(-1)?.body[keysField]).toEqual([]);
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-phala")).toMatchObject({ env: [], boot_error: null });
  });
});

describe("updateCvmEnvs with an on-chain KMS", () => {
  it("returns OnChainHashRequired for other keys, and completes with the same input and the registered hash", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-base", env: { plain: [...ENV, { key: "NEW", value: "n" }] } };
    const first = (await gateway.ask(UPDATE_ENVS, { input })).data.updateCvmEnvs;
    expect(first.__typename).toBe("OnChainHashRequired");
    const transactionHash = await gateway.sendTransaction(first.transaction);
    await gateway.calls();
    const { data } = await gateway.ask(UPDATE_ENVS, {
      input: { ...input, composeHash: first.composeHash, transactionHash },
    });
    expect(data.updateCvmEnvs).toMatchObject({ status: "IN_PROGRESS", allowedEnvsChanged: true });
    const write = (await gateway.calls()).at(-1);
    expect(write?.body).toMatchObject({ compose_hash: first.composeHash, transaction_hash: transactionHash });
    expect(write?.headers).not.toHaveProperty("x-compose-hash");
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-base")).toMatchObject({ env: input.env.plain });
  });

  it("needs no registered hash for other values of the same keys", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_ENVS, { input: { id: "web-base", env: { plain: ENV } } });
    expect(data.updateCvmEnvs).toMatchObject({ __typename: "InProgress", allowedEnvsChanged: false });
  });
});

it("updateCvmEnvs seals any text so that an independent implementation can decrypt it", async () => {
  await using gateway = await startGateway();
  const { data } = await gateway.ask(`{ cvm(id: "no-script") { appId } }`);
  const { privateKey } = deriveEnvKey(KMS.phala, data.cvm.appId);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 50 }), async (value) => {
      const plain = [{ key: "QUEUE_URL", value }];
      await gateway.ask(UPDATE_ENVS, { input: { id: "no-script", env: { plain } } });
      await gateway.advance(20_000);
      const { body } = (await gateway.calls()).at(-1) ?? {};
      expect(open(body.encrypted_env, privateKey)).toEqual({ env: plain });
    }),
    { numRuns: 30 },
  );
});
