import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { decryptEnv, encryptEnv, MIN_SEALED_BYTES } from "../../src/crypto/env-encryption.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";
import { flipBytes } from "../support/flip-bytes.ts";
import vectors from "../vectors/env-encryption.json" with { type: "json" };

const recipient = x25519.keygen();
const env = [{ key: "SECRET", value: "correct horse battery staple" }];

/** Seal any plaintext, because `encryptEnv` writes only well-formed ones. */
function sealRaw(plaintext: Uint8Array): Uint8Array {
  const ephemeral = x25519.keygen();
  const iv = new Uint8Array(12).fill(7);
  const key = x25519.getSharedSecret(ephemeral.secretKey, recipient.publicKey);
  return concatBytes(ephemeral.publicKey, iv, gcm(key, iv).encrypt(plaintext));
}

describe("the vectors of the Phala Cloud SDK", () => {
  it("exist", () => expect(vectors.length).toBeGreaterThan(3));

  test.each(vectors)("$name: decryptEnv opens it", (vector) => {
    const sealed = hexToBytes(vector.encryptedEnv);
    expect(decryptEnv(sealed, hexToBytes(vector.recipientPrivateKey))).toEqual(vector.env);
  });

  test.each(vectors)("$name: encryptEnv gives the same length, and decryptEnv opens the result", (vector) => {
    const sealed = encryptEnv(vector.env, hexToBytes(vector.recipientPublicKey));
    expect(sealed.length).toBe(vector.encryptedEnv.length / 2);
    expect(sealed.length).toBe(MIN_SEALED_BYTES + utf8ToBytes(vector.plaintext).length);
    expect(decryptEnv(sealed, hexToBytes(vector.recipientPrivateKey))).toEqual(vector.env);
  });
});

describe("encryptEnv", () => {
  it("round-trips any text", () => {
    const text = fc.string({ unit: "binary" });
    const envs = fc.array(fc.record({ key: text, value: text }), { maxLength: 8 });
    fc.assert(
      fc.property(envs, (variables) => {
        expect(decryptEnv(encryptEnv(variables, recipient.publicKey), recipient.secretKey)).toEqual(
          variables,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("uses a new ephemeral key and IV every time", () => {
    const seals = Array.from({ length: 20 }, () => bytesToHex(encryptEnv(env, recipient.publicKey)));
    const parts = [seals.map((hex) => hex.slice(0, 64)), seals.map((hex) => hex.slice(64, 88)), seals];
    for (const part of parts) expect(new Set(part).size).toBe(20);
  });

  it("encrypts only key and value, in that order", () => {
    const odd = [{ value: "v", note: "n", key: "K" }];
    const sealed = encryptEnv(odd, recipient.publicKey);
    expect(sealed.length).toBe(MIN_SEALED_BYTES + '{"env":[{"key":"K","value":"v"}]}'.length);
  });

  it("does not change its arguments", () => {
    const publicKey = recipient.publicKey.slice();
    encryptEnv(env, publicKey);
    expect(publicKey).toEqual(recipient.publicKey);
  });

  test.each([0, 31, 33, 64])("throws on a public key of %i bytes", (length) => {
    const error = expectCryptoError(() => encryptEnv(env, new Uint8Array(length)), "bad-length");
    expect(error.argument).toBe("publicKey");
  });

  // https://cr.yp.to/ecdh.html#validate, for an implementation that masks the top bit.
  const lowOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];

  test.each(lowOrder)("throws on the low-order point %s, with and without the top bit", (hex) => {
    const point = hexToBytes(hex);
    const masked = point.with(31, (point[31] ?? 0) | 0x80);
    expectCryptoError(() => encryptEnv(env, point), "low-order-key");
    expectCryptoError(() => encryptEnv(env, masked), "low-order-key");
  });

  it("throws on a lone surrogate in a key or a value, without quoting it", () => {
    const value = expectCryptoError(
      () => encryptEnv([...env, { key: "K", value: "canary\ud800" }], recipient.publicKey),
      "bad-text",
    );
    expect(value.argument).toBe("env[1].value");
    expect(value.message).not.toContain("canary");
    const key = expectCryptoError(
      () => encryptEnv([{ key: "canary\udc00", value: "" }], recipient.publicKey),
      "bad-text",
    );
    expect(`${key.argument} ${key.message}`).not.toContain("canary");
  });
});

describe("decryptEnv", () => {
  const sealed = encryptEnv(env, recipient.publicKey);

  it("decrypts an unchanged environment", () => expect(decryptEnv(sealed, recipient.secretKey)).toEqual(env));

  it("throws when any byte was changed", () => {
    for (const { at, flipped } of flipBytes(sealed)) {
      const error = expectCryptoError(() => decryptEnv(flipped, recipient.secretKey), "unopenable");
      expect(error.message, at).not.toContain("horse");
    }
  });

  it("throws on every truncation at either end, and on appended bytes", () => {
    for (let length = 0; length < sealed.length; length += 1) {
      const reason = length < MIN_SEALED_BYTES ? "bad-length" : "unopenable";
      expectCryptoError(() => decryptEnv(sealed.slice(0, length), recipient.secretKey), reason);
      expectCryptoError(() => decryptEnv(sealed.slice(sealed.length - length), recipient.secretKey), reason);
    }
    expectCryptoError(
      () => decryptEnv(concatBytes(sealed, new Uint8Array(1)), recipient.secretKey),
      "unopenable",
    );
  });

  it("throws on another app's key and on a key of the wrong length", () => {
    expectCryptoError(() => decryptEnv(sealed, x25519.keygen().secretKey), "unopenable");
    expectCryptoError(() => decryptEnv(sealed, new Uint8Array(31)), "bad-length");
  });

  it("throws on an ephemeral key of low order", () => {
    const blob = concatBytes(new Uint8Array(32), sealed.subarray(32));
    expectCryptoError(() => decryptEnv(blob, recipient.secretKey), "low-order-key");
  });

  it("throws on a non-canonical ephemeral key that gives the same shared secret", () => {
    // The base point u = 9 as ephemeral key: the shared secret is the recipient's public key.
    const iv = new Uint8Array(12);
    const rest = concatBytes(iv, gcm(recipient.publicKey, iv).encrypt(utf8ToBytes('{"env":[]}')));
    const nine = new Uint8Array(32).with(0, 9);
    const ninePlusP = new Uint8Array(32).fill(0xff).with(0, 0xf6).with(31, 0x7f);
    expect(decryptEnv(concatBytes(nine, rest), recipient.secretKey)).toEqual([]);
    expectCryptoError(() => decryptEnv(concatBytes(ninePlusP, rest), recipient.secretKey), "unopenable");
    expectCryptoError(
      () => decryptEnv(concatBytes(nine.with(31, 0x80), rest), recipient.secretKey),
      "unopenable",
    );
  });

  test.each([
    "",
    "canary",
    "[]",
    "null",
    "{}",
    '{"env":{}}',
    '{"env":["canary"]}',
    '{"env":[null]}',
    '{"env":[{"key":"canary"}]}',
    '{"env":[{"key":"canary","value":1}]}',
    '{"env":[{"key":"K","value":"canary\\ud800"}]}',
    '\ufeff{"env":[]}',
  ])("throws on the plaintext %j without quoting it", (text) => {
    const plaintext = utf8ToBytes(text);
    const error = expectCryptoError(
      () => decryptEnv(sealRaw(plaintext), recipient.secretKey),
      "bad-plaintext",
    );
    expect(error.message).not.toContain("canary");
  });

  it("throws on a plaintext that is not UTF-8", () => {
    const plaintext = utf8ToBytes('{"env":[{"key":"K","value":"?"}]}');
    const broken = plaintext.with(plaintext.indexOf(0x3f), 0xff);
    expectCryptoError(() => decryptEnv(sealRaw(broken), recipient.secretKey), "bad-plaintext");
  });
});
