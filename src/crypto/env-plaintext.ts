import { assertText, hasLoneSurrogate } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import { encodeUtf8 } from "./platform.ts";
import type { EnvVar } from "./types.ts";

/**
 * Encode an environment as the plaintext that the guest expects: compact JSON, UTF-8,
 * `{"env":[{"key":"K","value":"V"},…]}`.
 *
 * @throws CryptoError `bad-text`, `missing-platform-api`
 */
export function encodeEnvPlaintext(env: readonly EnvVar[]): Uint8Array {
  const pairs = env.map(({ key, value }, index) => {
    // JSON.stringify writes a lone surrogate as an escape such as `\ud800`, which the guest's JSON parser rejects. The
    // API would accept the update, and then the CVM would not boot.
    assertText(`env[${index}].key`, key);
    assertText(`env[${index}].value`, value);
    return { key, value };
  });
  return encodeUtf8(JSON.stringify({ env: pairs }));
}

/**
 * Parse the plaintext of an environment as strictly as the guest does: valid UTF-8, no lone surrogates.
 * Unknown members are ignored.
 *
 * @throws CryptoError `bad-plaintext`. Its message does not contain any of the plaintext.
 */
export function parseEnvPlaintext(plaintext: Uint8Array): EnvVar[] {
  const parsed = parseJson(plaintext);
  const { env } = isObject(parsed) ? parsed : {};
  if (!Array.isArray(env)) throw createPlaintextError('must be {"env": […]}.');
  return env.map(parseEnvVar);
}

function parseEnvVar(entry: unknown): EnvVar {
  if (!isObject(entry)) throw createPlaintextError("has an entry that is not an object.");
  const { key, value } = entry;
  if (!isWellFormed(key) || !isWellFormed(value)) {
    throw createPlaintextError("has an entry whose key or value is not text.");
  }
  return { key, value };
}

function parseJson(plaintext: Uint8Array): unknown {
  try {
    // ignoreBOM keeps a byte order mark in the text, so that JSON.parse rejects it as the guest does.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plaintext));
  } catch {
    throw createPlaintextError("is not UTF-8 JSON.");
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWellFormed(value: unknown): value is string {
  return typeof value === "string" && !hasLoneSurrogate(value);
}

function createPlaintextError(rule: string): CryptoError {
  return new CryptoError("bad-plaintext", "plaintext", rule);
}
