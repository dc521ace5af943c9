import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { recoverEnvKeySigner } from "../../src/crypto/env-key-signature.ts";
import { verifyEnvKey } from "../../src/crypto/env-key-verification.ts";
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
const claims = [
  { name: "published legacy", claim: publishedLegacy },
  { name: "generated legacy", claim: legacy },
  { name: "generated timestamped", claim: timestamped },
];

describe.each(claims)("the $name signature", ({ claim }) => {
  const signer = claim.trustedRootKeys.map(bytesToHex)[0];

  it("is verified against its own root key only", () => {
    expect(verifyEnvKey(claim)).toEqual({ verified: true, signer });
    const other = verifyEnvKey({ ...claim, trustedRootKeys: [otherRoot] });
    expect(other).toEqual({ verified: false, signer, reason: "untrusted-signer" });
    expect(verifyEnvKey({ ...claim, trustedRootKeys: [otherRoot, ...claim.trustedRootKeys] }).verified).toBe(
      true,
    );
  });

  it("is never verified with an empty list of root keys", () => {
    const verdict = verifyEnvKey({ ...claim, trustedRootKeys: [] });
    expect(verdict).toMatchObject({ verified: false, reason: "no-trusted-root-keys" });
  });

  it("is not verified after a change to any byte of signature, public key or app id", () => {
    for (const field of ["signature", "publicKey", "appId"] as const) {
      for (const { at, flipped } of flipBytes(claim[field])) {
        expect(verifyEnvKey({ ...claim, [field]: flipped }).verified, `${field} ${at}`).toBe(false);
      }
    }
  });

  test.each(["signature", "publicKey", "appId"] as const)(
    "throws when %s is one byte too short or too long",
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
  it("accepts an uncompressed root key", () => {
    const trustedRootKeys = [otherRoot, uncompressedRoot];
    expect(verifyEnvKey({ ...legacy, trustedRootKeys }).verified).toBe(true);
    expect(verifyEnvKey({ ...timestamped, trustedRootKeys }).verified).toBe(true);
  });

  it("requires the list of root keys", () => {
    const { trustedRootKeys: _, ...rest } = legacy;
    // @ts-expect-error the list is required
    expectCryptoError(() => verifyEnvKey(rest), "bad-root-key");
  });

  it("throws on root keys that are not points of the curve, and names the position", () => {
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

  it("does not accept a signature of the other layout", () => {
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
  ])("given a signature that is %i s old, verified is %s", (age, verified) => {
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

  it("does not verify a timestamp other than the signed one", () => {
    expect(verifyEnvKey({ ...timestamped, timestamp: timestamped.timestamp + 1 })).toMatchObject({
      verified: false,
      reason: "untrusted-signer",
    });
  });

  it("throws when a timestamp comes without the current time", () => {
    const error = expectCryptoError(() => verifyEnvKey({ ...timestamped, now: undefined }), "bad-number");
    expect(error.argument).toBe("now");
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n])("throws on the timestamp %s", (timestamp) => {
    expectCryptoError(() => verifyEnvKey({ ...timestamped, timestamp }), "bad-number");
    expectCryptoError(() => verifyEnvKey({ ...timestamped, now: timestamp }), "bad-number");
  });

  it("reports a signature with s in the upper half as malformed", () => {
    const { Fn } = secp256k1.Point;
    const twin = concatBytes(
      legacy.signature.subarray(0, 32),
      Fn.toBytes(Fn.neg(Fn.fromBytes(legacy.signature.subarray(32, 64)))),
      Uint8Array.of((legacy.signature[64] ?? 0) ^ 1),
    );
    const verdict = verifyEnvKey({ ...legacy, signature: twin });
    expect(verdict).toEqual({ verified: false, signer: null, reason: "malformed-signature" });
  });

  test.each([2, 3, 4, 27, 28, 255])("reports recovery id %i as malformed", (id) => {
    const verdict = verifyEnvKey({ ...legacy, signature: legacy.signature.with(64, id) });
    expect(verdict).toEqual({ verified: false, signer: null, reason: "malformed-signature" });
  });

  it("reports recovery ids 2 and 3 as malformed even when a key could be recovered", () => {
    // They mean that r exceeded the group order, which happens to a signer once in 2^127 signatures. A forger
    // can choose a small r. Adding the order to it gives the x coordinate of a point in half of the cases.
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
  ])("reports a signature as malformed: %s", (_, signature) => {
    expect(verifyEnvKey({ ...legacy, signature })).toMatchObject({ reason: "malformed-signature" });
    expectCryptoError(() => recoverEnvKeySigner({ ...legacy, signature }), "bad-signature");
  });

  it("neither verifies random signatures nor throws on them", () => {
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
