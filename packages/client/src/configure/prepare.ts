import { assertNotAborted } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { type ReadBaselineData, ReadBaselineDocument } from "../generated/internal-documents.ts";
import type { EncryptedEnvInput } from "../generated/types.ts";
import { createMissingCvmError } from "../live/follow.ts";
import { persist } from "./persist.ts";
import type { Run } from "./run.ts";
import type { Baseline, ConfigureState } from "./state.ts";
import type { ConfigureInput, ConfigureOptions } from "./types.ts";

/** A short wait, so that an owner soon learns that another transaction is missing. */
const WAIT_FOR_TRANSACTION_SECONDS = 15;

type BaselineCvm = NonNullable<ReadBaselineData["cvm"]>;

type EnvKeyTrust = Pick<ConfigureOptions, "trustedRootKeys" | "appId" | "allowUnverifiedKey">;

/** Read the CVM before a write. @throws {CvmGatewayError} `NOT_FOUND`, and the codes of reading it */
export async function readBaseline(
  { sender, signal, maxOfflineMs }: Run,
  id: string,
  withKey: boolean,
): Promise<BaselineCvm> {
  const cvm = await persist(signal, maxOfflineMs, async () => {
    const { data, error } = await sender.queryPartly(ReadBaselineDocument, { id, withKey }, { signal });
    if (
      data.cvm !== null &&
      !(withKey && error?.errors.some(({ path }) => path.includes("envEncryptionKey")))
    )
      return data.cvm;
    throw error ?? createMissingCvmError();
  });
  return cvm;
}

/** Return what later reads are compared with. */
export function toBaseline({ configVersion, progress, operations }: BaselineCvm): Baseline {
  if (operations === null) return { configVersion, operationIds: null };
  const running = progress?.correlationId ?? null;
  const listed = operations.nodes.map(({ correlationId }) => correlationId);
  return { configVersion, operationIds: running === null ? listed : [...listed, running] };
}

/** Read the CVM, seal the environment, and create the state that everything else continues from. */
export async function prepare(
  run: Run,
  input: ConfigureInput,
  options: ConfigureOptions,
): Promise<ConfigureState> {
  run.report("preparing");
  assertNotAborted(run.signal);
  assertInput(input);
  // A copy: the caller may change the input while this waits.
  const { env, idempotencyKey: inputKey, ...settings }: ConfigureInput = JSON.parse(JSON.stringify(input));
  if ("prepareOnly" in settings) {
    throw new TypeError("configure applies the change. Send configureCvm with query for prepareOnly.");
  }
  const isPlain = Array.isArray(env) || (env !== null && env !== undefined && "plain" in env);
  const cvm = await readBaseline(run, settings.id, isPlain);
  const encrypted = env === null || env === undefined ? null : await seal(cvm, env, options);
  const idempotencyKey = options.idempotencyKey ?? inputKey ?? createKey();
  return {
    version: 1,
    stage: "prepared",
    cvmId: cvm.id,
    idempotencyKey,
    input: { ...settings, id: cvm.id, ...(encrypted && { env: { encrypted } }), idempotencyKey },
    baseline: toBaseline(cvm),
    waitForTransactionSeconds: options.waitForTransactionSeconds ?? WAIT_FOR_TRANSACTION_SECONDS,
  };
}

/** Assert what the types say, for callers without types. @throws {TypeError} */
function assertInput(input: unknown): void {
  if (typeof input !== "object" || input === null) {
    throw new TypeError("configure needs an input: the id of a CVM, and the settings to change.");
  }
  if ("env" in input && input.env !== undefined && typeof input.env !== "object") {
    throw new TypeError("env must be a list of variables with key and value, or the result of sealEnv.");
  }
}

/** Seal variables with a verified key. What is sealed already is returned as it is. */
async function seal(
  { appId, envEncryptionKey }: BaselineCvm,
  env: NonNullable<ConfigureInput["env"]>,
  { trustedRootKeys = [], appId: expectedAppId, allowUnverifiedKey = false }: EnvKeyTrust,
): Promise<EncryptedEnvInput> {
  if ("encrypted" in env) return env.encrypted;
  const variables = listVariables(env);
  // The cryptography is loaded only by clients that seal.
  const { sealEnv, verifyEnvKey } = await import("../seal.ts");
  if (!envEncryptionKey || appId === null) {
    throw createTrustError("The CVM has no key to encrypt its environment to yet.");
  }
  if (expectedAppId !== undefined && toBareHex(expectedAppId) !== toBareHex(appId)) {
    throw createTrustError("The CVM runs another app than the one in appId.");
  }
  const { publicKey, signature } = envEncryptionKey;
  if (signature === null || trustedRootKeys.length === 0) {
    if (!allowUnverifiedKey) throw createTrustError(describeUnverified(signature));
  }
  if (signature !== null) {
    const result = verifyEnvKey({ appId, publicKey, signature, trustedRootKeys });
    const isUnknown = !result.verified && result.reason === "no-trusted-root-keys" && allowUnverifiedKey;
    if (!result.verified && !isUnknown) {
      throw createTrustError(
        `The key of the CVM is not verified: ${result.reason}. Nothing was sealed or sent.`,
      );
    }
  }
  return { encryptedEnv: sealEnv(variables, publicKey), keys: variables.map(({ key }) => key) };
}

type Variables = readonly { readonly key: string; readonly value: string }[];

/** `env.plain` is what the API calls variables that the gateway would seal. Here they are sealed on the client. */
function listVariables(env: Variables | { readonly plain?: Variables }): Variables {
  return "length" in env ? env : (env.plain ?? []);
}

function describeUnverified(signature: string | null): string {
  return signature === null
    ? "The KMS of this CVM does not sign its keys, so the key cannot be verified. Set allowUnverifiedKey to seal to it all the same."
    : "No trusted root key is given, so the key of the CVM cannot be verified. Set trustedRootKeys, or allowUnverifiedKey to seal to it all the same.";
}

function createTrustError(message: string): CvmGatewayError {
  return new CvmGatewayError("KMS_KEY_NOT_TRUSTED", message);
}

function toBareHex(hex: string): string {
  return hex.toLowerCase().replace(/^0x/, "");
}

/** Create an idempotency key. It must be unique, not secret, so it needs no secure source of random numbers. */
function createKey(): string {
  const { crypto } = globalThis;
  if (typeof crypto?.randomUUID === "function") return crypto.randomUUID();
  const random = () => Math.random().toString(36).slice(2);
  return `${Date.now().toString(36)}-${random()}${random()}`;
}
