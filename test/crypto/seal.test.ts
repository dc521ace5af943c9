import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it, test } from "vitest";
import { decryptEnv } from "../../src/crypto/env-encryption.ts";
import { sealEnv, verifyEnvKey } from "../../src/crypto/seal.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";
import vectors from "../vectors/kms-signature.json" with { type: "json" };

const recipient = x25519.keygen();
const publicKeyHex = bytesToHex(recipient.publicKey);
const env = [{ key: "TOKEN", value: "zażółć 🚀" }];

describe("sealEnv", () => {
  test.each([
    ["bare hex", publicKeyHex],
    ["prefixed upper-case hex", `0x${publicKeyHex.toUpperCase()}`],
    ["bytes", recipient.publicKey],
  ])("accepts the key as %s and returns lower-case hex", (_, publicKey) => {
    const sealed = sealEnv(env, publicKey);
    expect(sealed).toMatch(/^(?:[0-9a-f]{2}){60,}$/);
    expect(decryptEnv(hexToBytes(sealed), recipient.secretKey)).toEqual(env);
  });

  test.each([
    ["", "bad-length"],
    ["0x", "bad-length"],
    [publicKeyHex.slice(2), "bad-length"],
    [publicKeyHex.slice(1), "bad-hex"],
    [` ${publicKeyHex}`, "bad-hex"],
    [`${publicKeyHex}\n`, "bad-hex"],
    ["canary", "bad-hex"],
  ] as const)("throws on the key %j without quoting it", (publicKey, reason) => {
    const error = expectCryptoError(() => sealEnv(env, publicKey), reason);
    expect(error.argument).toBe("publicKey");
    expect(error.message).not.toContain("canary");
  });

  it("throws on an environment that the guest would reject, and names the position", () => {
    const bad = [...env, { key: "canary=1", value: "canary" }];
    const error = expectCryptoError(() => sealEnv(bad, publicKeyHex), "bad-env");
    expect(error.argument).toBe("env[1]");
    expect(error.message).not.toContain("canary");
    const twice = expectCryptoError(() => sealEnv([...env, ...env], publicKeyHex), "bad-env");
    expect(twice.message).toContain("given twice");
  });

  it("throws on an object in place of the list", () => {
    // @ts-expect-error plain JavaScript may do this
    expectCryptoError(() => sealEnv({ TOKEN: "x" }, publicKeyHex), "bad-env");
  });
});

describe("verifyEnvKey with hex arguments", () => {
  const { appId, publicKey, legacySignature, timestampedSignature, timestamp } = vectors.generated;
  const root = vectors.generated.k256PublicKeyCompressed;
  const claim = { appId, publicKey, signature: legacySignature, trustedRootKeys: [root] };

  it("accepts hex in either case, with or without 0x, and returns hex", () => {
    expect(verifyEnvKey(claim)).toEqual({ verified: true, signer: root });
    const spelled = {
      appId: `0x${appId.toUpperCase()}`,
      publicKey: hexToBytes(publicKey),
      signature: `0X${timestampedSignature}`,
      trustedRootKeys: [`0x${vectors.generated.k256PublicKeyUncompressed}`],
      timestamp,
      now: timestamp,
    };
    expect(verifyEnvKey(spelled)).toEqual({ verified: true, signer: root });
  });

  it("returns the actual signer, or null for a malformed signature", () => {
    const trustedRootKeys = [vectors.published.k256PublicKeyCompressed];
    const other = verifyEnvKey({ ...claim, trustedRootKeys });
    expect(other).toEqual({ verified: false, signer: root, reason: "untrusted-signer" });
    const malformed = verifyEnvKey({ ...claim, signature: "00".repeat(65) });
    expect(malformed).toEqual({ verified: false, signer: null, reason: "malformed-signature" });
    expect(verifyEnvKey({ ...claim, trustedRootKeys: [] }).verified).toBe(false);
  });

  it("requires the list of root keys", () => {
    const { trustedRootKeys: _, ...rest } = claim;
    // @ts-expect-error the list is required
    expectCryptoError(() => verifyEnvKey(rest), "bad-root-key");
  });

  it("names the position of a root key that is not hex", () => {
    const error = expectCryptoError(
      () => verifyEnvKey({ ...claim, trustedRootKeys: [root, "xyz"] }),
      "bad-hex",
    );
    expect(error.argument).toBe("trustedRootKeys[1]");
  });
});
