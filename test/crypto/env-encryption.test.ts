import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { MIN_SEALED_BYTES, openEnv, sealEnv } from "../../src/crypto/env-encryption.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";
import { flipBytes } from "../support/flip-bytes.ts";
import vectors from "../vectors/env-encryption.json" with { type: "json" };

const recipient = x25519.keygen();
const env = [{ key: "SECRET", value: "correct horse battery staple" }];

/** Seals any plaintext at all, where `sealEnv` writes well-formed ones only. */
function sealRaw(plaintext: Uint8Array): Uint8Array {
  const ephemeral = x25519.keygen();
  const iv = new Uint8Array(12).fill(7);
  const key = x25519.getSharedSecret(ephemeral.secretKey, recipient.publicKey);
  return concatBytes(ephemeral.publicKey, iv, gcm(key, iv).encrypt(plaintext));
}

describe("the vectors of the Phala Cloud SDK", () => {
  it("are not an empty file", () => expect(vectors.length).toBeGreaterThan(3));

  test.each(vectors)("$name: opens", (vector) => {
    const sealed = hexToBytes(vector.encryptedEnv);
    expect(openEnv(sealed, hexToBytes(vector.recipientPrivateKey))).toEqual(vector.env);
  });

  test.each(vectors)("$name: what is sealed to the same key opens, byte for byte as long", (vector) => {
    const sealed = sealEnv(vector.env, hexToBytes(vector.recipientPublicKey));
    expect(sealed.length).toBe(vector.encryptedEnv.length / 2);
    expect(sealed.length).toBe(MIN_SEALED_BYTES + utf8ToBytes(vector.plaintext).length);
    expect(openEnv(sealed, hexToBytes(vector.recipientPrivateKey))).toEqual(vector.env);
  });
});

describe("sealEnv", () => {
  it("round-trips any text", () => {
    const text = fc.string({ unit: "binary" });
    const envs = fc.array(fc.record({ key: text, value: text }), { maxLength: 8 });
    fc.assert(
      fc.property(envs, (variables) => {
        expect(openEnv(sealEnv(variables, recipient.publicKey), recipient.secretKey)).toEqual(variables);
      }),
      { numRuns: 60 },
    );
  });

  it("gives another key, IV and ciphertext every time", () => {
    const seals = Array.from({ length: 20 }, () => bytesToHex(sealEnv(env, recipient.publicKey)));
    const parts = [seals.map((hex) => hex.slice(0, 64)), seals.map((hex) => hex.slice(64, 88)), seals];
    for (const part of parts) expect(new Set(part).size).toBe(20);
  });

  it("seals only the key and the value, in that order", () => {
    const odd = [{ value: "v", note: "n", key: "K" }];
    const sealed = sealEnv(odd, recipient.publicKey);
    expect(sealed.length).toBe(MIN_SEALED_BYTES + '{"env":[{"key":"K","value":"v"}]}'.length);
  });

  it("does not touch its arguments", () => {
    const publicKey = recipient.publicKey.slice();
    sealEnv(env, publicKey);
    expect(publicKey).toEqual(recipient.publicKey);
  });

  test.each([0, 31, 33, 64])("refuses a public key of %i bytes", (length) => {
    const error = expectCryptoError(() => sealEnv(env, new Uint8Array(length)), "bad-length");
    expect(error.argument).toBe("publicKey");
  });

  // https://cr.yp.to/ecdh.html#validate, as an implementation sees them that masks the top bit.
  const lowOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];

  test.each(lowOrder)("refuses the low-order point %s, top bit set or not", (hex) => {
    const point = hexToBytes(hex);
    const masked = point.with(31, (point[31] ?? 0) | 0x80);
    expectCryptoError(() => sealEnv(env, point), "low-order-key");
    expectCryptoError(() => sealEnv(env, masked), "low-order-key");
  });

  it("refuses a lone surrogate in key or value, and does not say the value", () => {
    const value = expectCryptoError(
      () => sealEnv([...env, { key: "K", value: "canary\ud800" }], recipient.publicKey),
      "bad-text",
    );
    expect(value.argument).toBe("env[1].value");
    expect(value.message).not.toContain("canary");
    const key = expectCryptoError(
      () => sealEnv([{ key: "canary\udc00", value: "" }], recipient.publicKey),
      "bad-text",
    );
    expect(`${key.argument} ${key.message}`).not.toContain("canary");
  });
});

describe("openEnv", () => {
  const sealed = sealEnv(env, recipient.publicKey);

  it("opens what was not changed", () => expect(openEnv(sealed, recipient.secretKey)).toEqual(env));

  it("refuses every changed byte", () => {
    for (const { at, flipped } of flipBytes(sealed)) {
      const error = expectCryptoError(() => openEnv(flipped, recipient.secretKey), "unopenable");
      expect(error.message, at).not.toContain("horse");
    }
  });

  it("refuses every truncation, at either end, and anything appended", () => {
    for (let length = 0; length < sealed.length; length += 1) {
      const reason = length < MIN_SEALED_BYTES ? "bad-length" : "unopenable";
      expectCryptoError(() => openEnv(sealed.slice(0, length), recipient.secretKey), reason);
      expectCryptoError(() => openEnv(sealed.slice(sealed.length - length), recipient.secretKey), reason);
    }
    expectCryptoError(
      () => openEnv(concatBytes(sealed, new Uint8Array(1)), recipient.secretKey),
      "unopenable",
    );
  });

  it("refuses another app's key and a key of the wrong length", () => {
    expectCryptoError(() => openEnv(sealed, x25519.keygen().secretKey), "unopenable");
    expectCryptoError(() => openEnv(sealed, new Uint8Array(31)), "bad-length");
  });

  it("refuses an ephemeral key of low order", () => {
    const blob = concatBytes(new Uint8Array(32), sealed.subarray(32));
    expectCryptoError(() => openEnv(blob, recipient.secretKey), "low-order-key");
  });

  it("refuses a second spelling of the ephemeral key, which would give the same shared secret", () => {
    // The base point u = 9 as ephemeral key: the shared secret is the recipient's public key.
    const iv = new Uint8Array(12);
    const rest = concatBytes(iv, gcm(recipient.publicKey, iv).encrypt(utf8ToBytes('{"env":[]}')));
    const nine = new Uint8Array(32).with(0, 9);
    const ninePlusP = new Uint8Array(32).fill(0xff).with(0, 0xf6).with(31, 0x7f);
    expect(openEnv(concatBytes(nine, rest), recipient.secretKey)).toEqual([]);
    expectCryptoError(() => openEnv(concatBytes(ninePlusP, rest), recipient.secretKey), "unopenable");
    expectCryptoError(
      () => openEnv(concatBytes(nine.with(31, 0x80), rest), recipient.secretKey),
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
  ])("refuses the plaintext %j without quoting it", (text) => {
    const plaintext = utf8ToBytes(text);
    const error = expectCryptoError(() => openEnv(sealRaw(plaintext), recipient.secretKey), "bad-plaintext");
    expect(error.message).not.toContain("canary");
  });

  it("refuses a plaintext that is not UTF-8", () => {
    const plaintext = utf8ToBytes('{"env":[{"key":"K","value":"?"}]}');
    const broken = plaintext.with(plaintext.indexOf(0x3f), 0xff);
    expectCryptoError(() => openEnv(sealRaw(broken), recipient.secretKey), "bad-plaintext");
  });
});
