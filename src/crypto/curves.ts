import { pow } from "@noble/curves/abstract/modular.js";
import { montgomery } from "@noble/curves/abstract/montgomery.js";
import { ecdsa, weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { sha256 } from "@noble/hashes/sha2.js";

/*
 * The two curves that sealing needs, made with @noble/curves from their published parameters. The modules ed25519.js
 * and secp256k1.js of the package export the same curves. They also load signature schemes that use `TextEncoder`
 * immediately, so that an app on a platform without it could not even import this folder. Bundlers without tree
 * shaking, such as that of React Native, would include all of it.
 */

const X25519_PRIME = 2n ** 255n - 19n;

/** X25519 (RFC 7748). */
export const x25519 = /* @__PURE__ */ montgomery({
  P: X25519_PRIME,
  type: "x25519",
  powPminus2: (x) => pow(x, X25519_PRIME - 2n, X25519_PRIME),
  adjustScalarBytes,
});

/** Clamp a private key (RFC 7748 §5). */
function adjustScalarBytes(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  bytes[0] = (bytes[0] ?? 0) & 248;
  bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
  return bytes;
}

/** ECDSA over secp256k1 (SEC 2 §2.4.1). */
export const secp256k1 = /* @__PURE__ */ ecdsa(
  /* @__PURE__ */ weierstrass({
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    h: 1n,
    a: 0n,
    b: 7n,
    Gx: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
    Gy: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
  }),
  sha256,
);
