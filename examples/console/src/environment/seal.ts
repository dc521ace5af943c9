import type { EnvironmentEffect } from "./variables.ts";

/** Key of a CVM to which its environment is sealed, as the gateway reports it. */
export type SealingKey = {
  readonly appId: string | null;
  readonly publicKey: string;
  readonly signature: string | null;
};

/** What is known about a key. */
export type KeyTrust =
  | { readonly kind: "verified"; readonly signer: string }
  /** Nobody has signed it, or this console knows no root key that could have. */
  | { readonly kind: "unsigned"; readonly reason: string }
  /** Its signature is wrong. Nothing is ever sealed to it. */
  | { readonly kind: "wrong"; readonly reason: string };

/** Check who has signed a key. The code for it is loaded only when it is needed. */
export async function checkKey(
  { appId, publicKey, signature }: SealingKey,
  trustedRootKeys: readonly string[],
): Promise<KeyTrust> {
  if (signature === null || appId === null) {
    return { kind: "unsigned", reason: "The key management service of this CVM does not sign its keys." };
  }
  const { verifyEnvKey } = await import("@cvm-gateway/client/seal");
  const result = verifyEnvKey({ appId, publicKey, signature, trustedRootKeys });
  if (result.verified) return { kind: "verified", signer: result.signer };
  if (result.reason === "no-trusted-root-keys") {
    return {
      kind: "unsigned",
      reason: "This console has no list of trusted root keys, so it cannot check who signed the key.",
    };
  }
  return { kind: "wrong", reason: result.reason };
}

/** Find what the guest would reject, in words. No message contains a value. */
export async function listEnvironmentProblems(effect: EnvironmentEffect): Promise<string[]> {
  if (effect.kind === "names") return [];
  const { findEnvProblems } = await import("@cvm-gateway/client/seal");
  const problems = findEnvProblems(effect.variables).map(({ key, message }) =>
    key === null || key === "" ? message : `${key}: ${message}`,
  );
  return [...new Set(problems)];
}

/** Seal variables in the browser. @returns what the API accepts as `env` */
export async function sealVariables(
  variables: readonly { readonly key: string; readonly value: string }[],
  publicKey: string,
) {
  const { sealEnv } = await import("@cvm-gateway/client/seal");
  const keys = variables.map(({ key }) => key);
  return { encrypted: { encryptedEnv: sealEnv(variables, publicKey), keys } };
}
