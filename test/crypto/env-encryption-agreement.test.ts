import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { encryptEnvVars } from "@phala/cloud";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decryptEnv, encryptEnv } from "../../src/crypto/env-encryption.ts";

// A second implementation of the same format, with WebCrypto only.
const { subtle } = globalThis.crypto;
const PKCS8_PREFIX = hexToBytes("302e020100300506032b656e04220420");

async function deriveAesKey(privateKey: Uint8Array, publicKey: Uint8Array): Promise<CryptoKey> {
  const pkcs8 = Uint8Array.from(concatBytes(PKCS8_PREFIX, privateKey));
  const own = await subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]);
  const other = await subtle.importKey("raw", Uint8Array.from(publicKey), "X25519", false, []);
  const secret = await subtle.deriveBits({ name: "X25519", public: other }, own, 256);
  return subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function openWithWebCrypto(sealed: Uint8Array, privateKey: Uint8Array): Promise<string> {
  const key = await deriveAesKey(privateKey, sealed.subarray(0, 32));
  const algorithm = { name: "AES-GCM", iv: Uint8Array.from(sealed.subarray(32, 44)) };
  const plaintext = await subtle.decrypt(algorithm, key, Uint8Array.from(sealed.subarray(44)));
  return new TextDecoder("utf-8", { fatal: true }).decode(plaintext);
}

async function sealWithWebCrypto(plaintext: string, publicKey: Uint8Array): Promise<Uint8Array> {
  const ephemeral = x25519.keygen();
  const key = await deriveAesKey(ephemeral.secretKey, publicKey);
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(12));
  const data = Uint8Array.from(utf8ToBytes(plaintext));
  const ciphertext = await subtle.encrypt({ name: "AES-GCM", iv }, key, data);
  return concatBytes(ephemeral.publicKey, iv, new Uint8Array(ciphertext));
}

const text = fc.string({ unit: "binary", maxLength: 200 });
const envs = fc.array(fc.record({ key: text, value: text }, { noNullPrototype: true }), { maxLength: 8 });

it("WebCrypto decrypts the result of encryptEnv to compact JSON", async () => {
  await fc.assert(
    fc.asyncProperty(envs, async (env) => {
      const recipient = x25519.keygen();
      const opened = await openWithWebCrypto(encryptEnv(env, recipient.publicKey), recipient.secretKey);
      expect(opened).toBe(JSON.stringify({ env: env.map(({ key, value }) => ({ key, value })) }));
    }),
    { numRuns: 40 },
  );
});

it("decryptEnv decrypts what WebCrypto encrypted", async () => {
  await fc.assert(
    fc.asyncProperty(envs, async (env) => {
      const recipient = x25519.keygen();
      const sealed = await sealWithWebCrypto(JSON.stringify({ env }), recipient.publicKey);
      expect(decryptEnv(sealed, recipient.secretKey)).toEqual(env);
    }),
    { numRuns: 40 },
  );
});

it("decryptEnv decrypts what the Phala Cloud SDK encrypted", async () => {
  await fc.assert(
    fc.asyncProperty(envs, async (env) => {
      const recipient = x25519.keygen();
      const sealed = await encryptEnvVars(env, bytesToHex(recipient.publicKey));
      expect(decryptEnv(hexToBytes(sealed), recipient.secretKey)).toEqual(env);
    }),
    { numRuns: 40 },
  );
});
