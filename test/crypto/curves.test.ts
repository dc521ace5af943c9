import { x25519 as nobleX25519 } from "@noble/curves/ed25519.js";
import { secp256k1 as nobleSecp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import { secp256k1, x25519 } from "../../src/crypto/curves.ts";

describe("the curves", () => {
  it("have the parameters of the curves that @noble publishes", () => {
    expect(secp256k1.Point.CURVE()).toEqual(nobleSecp256k1.Point.CURVE());
    expect(secp256k1.Point.BASE.toHex()).toBe(nobleSecp256k1.Point.BASE.toHex());
  });

  it("agree on the shared secrets of @noble and on the iterated vector of RFC 7748 (§5.2)", () => {
    const alice = hexToBytes("7".repeat(64));
    const { secretKey, publicKey } = nobleX25519.keygen();
    expect(x25519.getPublicKey(alice)).toEqual(nobleX25519.getPublicKey(alice));
    expect(x25519.getSharedSecret(alice, publicKey)).toEqual(nobleX25519.getSharedSecret(alice, publicKey));
    expect(x25519.getSharedSecret(secretKey, x25519.getPublicKey(alice))).toEqual(
      nobleX25519.getSharedSecret(alice, publicKey),
    );
    const iterated = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079";
    const base = hexToBytes("09".padEnd(64, "0"));
    expect(bytesToHex(x25519.scalarMult(base, base))).toBe(iterated);
  });

  it("recover the signer of a random signature as @noble does", () => {
    const message = new Uint8Array(32).fill(7);
    for (let round = 0; round < 8; round += 1) {
      const secretKey = nobleSecp256k1.utils.randomSecretKey();
      const signature = nobleSecp256k1.sign(message, secretKey, { prehash: false, format: "recovered" });
      const parsed = secp256k1.Signature.fromBytes(signature, "recovered");
      expect(parsed.recoverPublicKey(message).toBytes(true)).toEqual(
        nobleSecp256k1.getPublicKey(secretKey, true),
      );
    }
  });
});
