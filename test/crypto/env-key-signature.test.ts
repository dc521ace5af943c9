import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { verifyEnvEncryptPublicKey } from "@phala/cloud";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeEnvKeyMessage, recoverEnvKeySigner } from "../../src/crypto/env-key-signature.ts";
import vectors from "../vectors/kms-signature.json" with { type: "json" };

const { generated } = vectors;
const statement = { appId: hexToBytes(generated.appId), publicKey: hexToBytes(generated.publicKey) };

describe("encodeEnvKeyMessage", () => {
  const domain = bytesToHex(new TextEncoder().encode("dstack-env-encrypt-pubkey:"));

  it("writes domain, app id and public key in the legacy layout", () => {
    expect(bytesToHex(encodeEnvKeyMessage(statement))).toBe(domain + generated.appId + generated.publicKey);
  });

  it("writes eight big-endian bytes of time after the app id in the timestamped layout", () => {
    const expected = `${domain}${generated.appId}000000006955b900${generated.publicKey}`;
    expect(generated.timestamp.toString(16)).toBe("6955b900");
    expect(bytesToHex(encodeEnvKeyMessage({ ...statement, timestamp: generated.timestamp }))).toBe(expected);
    expect(bytesToHex(encodeEnvKeyMessage({ ...statement, timestamp: 2n ** 64n - 1n }))).toContain(
      "f".repeat(16),
    );
    expect(encodeEnvKeyMessage({ ...statement, timestamp: 0 })).toHaveLength(26 + 20 + 8 + 32);
  });
});

it("recovers the same signer as the Phala Cloud SDK", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(32), bytes(20), bytes(32), (seed, appId, publicKey) => {
      const secretKey = secp256k1.utils.randomSecretKey(concatBytes(seed, seed.subarray(0, 16)));
      const digest = keccak_256(encodeEnvKeyMessage({ appId, publicKey }));
      const recovered = secp256k1.sign(digest, secretKey, { prehash: false, format: "recovered" });
      const signature = concatBytes(recovered.subarray(1), recovered.subarray(0, 1));
      const signer = bytesToHex(recoverEnvKeySigner({ appId, publicKey, signature }));
      expect(signer).toBe(bytesToHex(secp256k1.getPublicKey(secretKey)));
      expect(`0x${signer}`).toBe(verifyEnvEncryptPublicKey(publicKey, signature, bytesToHex(appId)));
    }),
    { numRuns: 30 },
  );
});
