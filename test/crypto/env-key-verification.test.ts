import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { verifyEnvEncryptPublicKey } from "@phala/cloud";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  type EnvKeyClaim,
  envKeyMessage,
  recoverEnvKeySigner,
  verifyEnvKey,
} from "../../src/crypto/env-key-verification.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";
import { flipBytes } from "../support/flip-bytes.ts";
import vectors from "../vectors/kms-signature.json" with { type: "json" };

const { published, generated } = vectors;
const uncompressedRoot = hexToBytes(generated.k256PublicKeyUncompressed);
const otherRoot = secp256k1.getPublicKey(new Uint8Array(32).fill(5));

const publishedLegacy = {
  appId: hexToBytes(published.appId),
  publicKey: hexToBytes(published.publicKey),
  signature: hexToBytes(published.legacySignature),
  trustedRootKeys: [hexToBytes(published.k256PublicKeyCompressed)],
};
const legacy = {
  appId: hexToBytes(generated.appId),
  publicKey: hexToBytes(generated.publicKey),
  signature: hexToBytes(generated.legacySignature),
  trustedRootKeys: [hexToBytes(generated.k256PublicKeyCompressed)],
};
const timestamped = {
  ...legacy,
  signature: hexToBytes(generated.timestampedSignature),
  timestamp: generated.timestamp,
  now: generated.timestamp + 10,
};
const claims: { name: string; claim: EnvKeyClaim }[] = [
  { name: "published legacy", claim: publishedLegacy },
  { name: "generated legacy", claim: legacy },
  { name: "generated timestamped", claim: timestamped },
];

describe.each(claims)("the $name signature", ({ claim }) => {
  it("is verified against its root key and no other", () => {
    expect(verifyEnvKey(claim)).toEqual({ verified: true, signer: claim.trustedRootKeys[0] });
    const other = verifyEnvKey({ ...claim, trustedRootKeys: [otherRoot] });
    expect(other).toEqual({ verified: false, signer: claim.trustedRootKeys[0], reason: "untrusted-signer" });
    expect(verifyEnvKey({ ...claim, trustedRootKeys: [otherRoot, ...claim.trustedRootKeys] }).verified).toBe(
      true,
    );
  });

  it("never is verified with nothing to trust", () => {
    const verdict = verifyEnvKey({ ...claim, trustedRootKeys: [] });
    expect(verdict).toMatchObject({ verified: false, reason: "no-trusted-root-keys" });
  });

  it("is not verified with any byte of signature, public key or app id changed", () => {
    for (const field of ["signature", "publicKey", "appId"] as const) {
      for (const { at, flipped } of flipBytes(claim[field])) {
        expect(verifyEnvKey({ ...claim, [field]: flipped }).verified, `${field} ${at}`).toBe(false);
      }
    }
  });

  test.each(["signature", "publicKey", "appId"] as const)(
    "is refused with %s a byte too short or long",
    (field) => {
      for (const bytes of [
        claim[field].slice(1),
        concatBytes(claim[field], new Uint8Array(1)),
        new Uint8Array(),
      ]) {
        const error = expectCryptoError(() => verifyEnvKey({ ...claim, [field]: bytes }), "bad-length");
        expect(error.argument).toBe(field);
      }
    },
  );
});

describe("verifyEnvKey", () => {
  it("takes an uncompressed root key", () => {
    const trustedRootKeys = [otherRoot, uncompressedRoot];
    expect(verifyEnvKey({ ...legacy, trustedRootKeys }).verified).toBe(true);
    expect(verifyEnvKey({ ...timestamped, trustedRootKeys }).verified).toBe(true);
  });

  it("has no default for the root keys", () => {
    const { trustedRootKeys: _, ...rest } = legacy;
    // @ts-expect-error the list is required
    expectCryptoError(() => verifyEnvKey(rest), "bad-root-key");
  });

  it("refuses root keys that are none, and says which", () => {
    const offCurve = uncompressedRoot.with(64, (uncompressedRoot[64] ?? 0) ^ 1);
    const bad = [offCurve, new Uint8Array(33), new Uint8Array(65), otherRoot.with(0, 5)];
    for (const key of bad) {
      const error = expectCryptoError(
        () => verifyEnvKey({ ...legacy, trustedRootKeys: [uncompressedRoot, key] }),
        "bad-root-key",
      );
      expect(error.argument).toBe("trustedRootKeys[1]");
    }
    expectCryptoError(() => verifyEnvKey({ ...legacy, trustedRootKeys: [otherRoot.slice(1)] }), "bad-length");
  });

  it("does not take one layout for the other", () => {
    const { timestamp, now } = timestamped;
    expect(verifyEnvKey({ ...legacy, timestamp, now }).verified).toBe(false);
    expect(verifyEnvKey({ ...legacy, signature: timestamped.signature }).verified).toBe(false);
  });

  test.each([
    [0, true],
    [300, true],
    [301, false],
    [-60, true],
    [-61, false],
  ])("with a signature %i s old: verified is %s", (age, verified) => {
    const now = timestamped.timestamp + age;
    for (const claim of [
      { ...timestamped, now },
      { ...timestamped, now: BigInt(now) },
    ]) {
      const verdict = verifyEnvKey(claim);
      expect(verdict.verified).toBe(verified);
      if (!verdict.verified) expect(verdict.reason).toBe(age > 0 ? "too-old" : "from-the-future");
    }
  });

  it("is not verified with another timestamp than the signed one", () => {
    expect(verifyEnvKey({ ...timestamped, timestamp: timestamped.timestamp + 1 })).toMatchObject({
      verified: false,
      reason: "untrusted-signer",
    });
  });

  it("refuses a timestamp without a time to compare it with", () => {
    const error = expectCryptoError(() => verifyEnvKey({ ...timestamped, now: undefined }), "bad-number");
    expect(error.argument).toBe("now");
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n])("refuses the timestamp %s", (timestamp) => {
    expectCryptoError(() => verifyEnvKey({ ...timestamped, timestamp }), "bad-number");
    expectCryptoError(() => verifyEnvKey({ ...timestamped, now: timestamp }), "bad-number");
  });

  it("finds the malleated twin of a signature malformed: s in the upper half", () => {
    const { Fn } = secp256k1.Point;
    const twin = concatBytes(
      legacy.signature.subarray(0, 32),
      Fn.toBytes(Fn.neg(Fn.fromBytes(legacy.signature.subarray(32, 64)))),
      Uint8Array.of((legacy.signature[64] ?? 0) ^ 1),
    );
    const verdict = verifyEnvKey({ ...legacy, signature: twin });
    expect(verdict).toEqual({ verified: false, signer: null, reason: "malformed-signature" });
  });

  test.each([2, 3, 4, 27, 28, 255])("finds a recovery id of %i malformed", (id) => {
    const verdict = verifyEnvKey({ ...legacy, signature: legacy.signature.with(64, id) });
    expect(verdict).toEqual({ verified: false, signer: null, reason: "malformed-signature" });
  });

  it("finds recovery ids 2 and 3 malformed even where a key could be recovered with them", () => {
    // They mean that r overflowed the group order, which a signer meets once in 2^127 signatures; a
    // forger picks a small r, and half of those are the x of a point when the order is added.
    for (const id of [2, 3]) {
      for (let r = 1; r <= 10; r += 1) {
        const signature = new Uint8Array(65).with(31, r).with(63, 1).with(64, id);
        expect(verifyEnvKey({ ...legacy, signature })).toMatchObject({ reason: "malformed-signature" });
      }
    }
  });

  test.each([
    ["zero", new Uint8Array(65)],
    ["all ones", new Uint8Array(65).fill(255).with(64, 0)],
    ["r without a point", new Uint8Array(65).with(31, 5).with(63, 1)],
  ])("finds a signature that is %s malformed", (_, signature) => {
    expect(verifyEnvKey({ ...legacy, signature })).toMatchObject({ reason: "malformed-signature" });
    expectCryptoError(() => recoverEnvKeySigner({ ...legacy, signature }), "bad-signature");
  });

  it("never throws and never verifies on random signatures", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 65, maxLength: 65 }),
        fc.integer({ min: 0, max: 1 }),
        (bytes, id) => {
          expect(verifyEnvKey({ ...legacy, signature: bytes.with(64, id) }).verified).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("envKeyMessage", () => {
  const domain = bytesToHex(new TextEncoder().encode("dstack-env-encrypt-pubkey:"));

  it("lays the legacy form out as domain, app id, public key", () => {
    expect(bytesToHex(envKeyMessage(legacy))).toBe(domain + generated.appId + generated.publicKey);
  });

  it("puts eight big-endian bytes of time between them in the timestamped form", () => {
    const { appId, publicKey } = legacy;
    const expected = `${domain}${generated.appId}000000006955b900${generated.publicKey}`;
    expect(generated.timestamp.toString(16)).toBe("6955b900");
    expect(bytesToHex(envKeyMessage(timestamped))).toBe(expected);
    expect(bytesToHex(envKeyMessage({ appId, publicKey, timestamp: 2n ** 64n - 1n }))).toContain(
      "f".repeat(16),
    );
    expect(envKeyMessage({ appId, publicKey, timestamp: 0 })).toHaveLength(26 + 20 + 8 + 32);
  });
});

it("recovers the same signer as the Phala Cloud SDK", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(32), bytes(20), bytes(32), (seed, appId, publicKey) => {
      const secretKey = secp256k1.utils.randomSecretKey(concatBytes(seed, seed.subarray(0, 16)));
      const digest = keccak_256(envKeyMessage({ appId, publicKey }));
      const recovered = secp256k1.sign(digest, secretKey, { prehash: false, format: "recovered" });
      const signature = concatBytes(recovered.subarray(1), recovered.subarray(0, 1));
      const signer = bytesToHex(recoverEnvKeySigner({ appId, publicKey, signature }));
      expect(signer).toBe(bytesToHex(secp256k1.getPublicKey(secretKey)));
      expect(`0x${signer}`).toBe(verifyEnvEncryptPublicKey(publicKey, signature, bytesToHex(appId)));
    }),
    { numRuns: 30 },
  );
});
