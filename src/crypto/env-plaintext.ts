import { hasLoneSurrogate } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import type { EnvVar } from "./env-encryption.ts";

/**
 * Reads `{"env":[{"key","value"},…]}` as strictly as the guest does: UTF-8 without replacement, strings
 * without lone surrogates. Members that the format does not know are ignored.
 *
 * @throws CryptoError `bad-plaintext`, without a word of the plaintext
 */
export function parseEnvPlaintext(plaintext: Uint8Array): EnvVar[] {
  const parsed = parseJson(plaintext);
  const { env } = isObject(parsed) ? parsed : {};
  if (!Array.isArray(env)) throw refuse('must be {"env": […]}');
  return env.map(readEnvVar);
}

function readEnvVar(entry: unknown): EnvVar {
  if (!isObject(entry)) throw refuse("has an entry that is not an object");
  const { key, value } = entry;
  if (!isWellFormed(key) || !isWellFormed(value)) {
    throw refuse("has an entry whose key or value is not text");
  }
  return { key, value };
}

function parseJson(plaintext: Uint8Array): unknown {
  try {
    // ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it as the guest does.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plaintext));
  } catch {
    throw refuse("is not UTF-8 JSON");
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWellFormed(value: unknown): value is string {
  return typeof value === "string" && !hasLoneSurrogate(value);
}

function refuse(rule: string): CryptoError {
  return new CryptoError("bad-plaintext", "plaintext", rule);
}
