import type { Context } from "../../context.ts";
import {
  type ComposeFileProvision,
  commitComposeFile,
  provisionComposeFile,
} from "../../upstream/configuration/compose-file-update.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { type EncryptedEnvInput, findKeyProblems, findSealedProblems } from "../environment/env-input.ts";
import { assertNoProblems, describeInvalid, type InputProblem } from "../write/input-problem.ts";
import { listPrerequisites } from "../write/prerequisites.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import {
  createTransaction,
  finishWrite,
  type InProgress,
  type TransactionRequest,
} from "../write/write-result.ts";
import { findComposeProblems, findSizeProblems } from "./compose-document.ts";

/** The settings that are laid over the CVM's app-compose; null stands for "not given". */
type AppComposeInput = {
  readonly dockerComposeFile: string;
  readonly preLaunchScript?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly allowedEnvs?: readonly string[] | null | undefined;
  readonly features?: readonly string[] | null | undefined;
  readonly publicLogs?: boolean | null | undefined;
  readonly publicSysinfo?: boolean | null | undefined;
  readonly publicTcbinfo?: boolean | null | undefined;
  readonly kmsEnabled?: boolean | null | undefined;
  readonly gatewayEnabled?: boolean | null | undefined;
  readonly storageFs?: string | null | undefined;
};

/** The input of `provisionCvmComposeFileUpdate`. */
export type ProvisionInput = WriteInput & {
  readonly appCompose: AppComposeInput;
  readonly updateEnvVars?: boolean | null | undefined;
};

/** The input of `commitCvmComposeFileUpdate`. */
export type CommitInput = WriteInput & {
  readonly composeHash: string;
  readonly env?: EncryptedEnvInput | null | undefined;
  readonly updateEnvVars?: boolean | null | undefined;
};

/** An app-compose that waits for its commit, and the CVM it is for. */
export type Provision = ComposeFileProvision & { readonly cvmRef: CvmRef };

type Json = Readonly<Record<string, unknown>>;

function findAppComposeProblems({ appCompose, updateEnvVars }: ProvisionInput): InputProblem[] {
  const at = (name: keyof AppComposeInput) => `input.appCompose.${name}`;
  const { dockerComposeFile: compose, preLaunchScript: script, allowedEnvs } = appCompose;
  const problems = [
    ...findSizeProblems(at("dockerComposeFile"), compose, at("preLaunchScript"), script),
    ...findComposeProblems(compose, at("dockerComposeFile")),
    ...findKeyProblems(allowedEnvs, at("allowedEnvs")),
  ];
  if (appCompose.name?.trim() === "") problems.push(describeInvalid(at("name"), "Must not be empty."));
  if (allowedEnvs && updateEnvVars === false) {
    const message = "The REST API leaves the list of keys as it is unless updateEnvVars is true.";
    problems.push(describeInvalid(at("allowedEnvs"), message));
  }
  return problems;
}

/** Lays the given settings over the app-compose as the REST API sent it. An empty script takes it out. */
function overlay(current: Json, input: AppComposeInput): Json {
  const given = {
    docker_compose_file: input.dockerComposeFile,
    pre_launch_script: input.preLaunchScript,
    name: input.name,
    allowed_envs: input.allowedEnvs,
    features: input.features,
    public_logs: input.publicLogs,
    public_sysinfo: input.publicSysinfo,
    public_tcbinfo: input.publicTcbinfo,
    kms_enabled: input.kmsEnabled,
    gateway_enabled: input.gatewayEnabled,
    storage_fs: input.storageFs,
  };
  const merged: Json = {
    ...current,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined)),
  };
  if (input.preLaunchScript !== "") return merged;
  const { pre_launch_script: _removed, ...rest } = merged;
  return rest;
}

async function withName(ctx: Context, ref: CvmRef, appCompose: Json): Promise<Json> {
  if (typeof appCompose["name"] === "string" && appCompose["name"] !== "") return appCompose;
  return { ...appCompose, name: (await ctx.loaders.cvm(ref)).name };
}

/**
 * Has the REST API compute the hash of a changed app-compose and keep it. It fills what is missing with its
 * own defaults, so the whole of the present file is sent with the given settings over it.
 */
export function provisionComposeFileUpdate(ctx: Context, input: ProvisionInput): Promise<Provision> {
  return runWrite(ctx, "provisionCvmComposeFileUpdate", input, (ref) => {
    assertNoProblems(findAppComposeProblems(input));
    return () => sendProvision(ctx, ref, input);
  });
}

async function sendProvision(ctx: Context, ref: CvmRef, input: ProvisionInput): Promise<Provision> {
  const current = await ctx.loaders.composeFile(ref);
  const { allowedEnvs } = input.appCompose;
  // Without the flag the REST API would keep the present list and say nothing.
  const updateEnvVars = input.updateEnvVars ?? (allowedEnvs ? true : null);
  const appCompose = await withName(ctx, ref, overlay(current.json, input.appCompose));
  const provision = await provisionComposeFile(ctx.upstream, ref, appCompose, updateEnvVars);
  return { ...provision, cvmRef: ref };
}

/** The transaction that registers a provisioned hash. @returns null where the CVM's KMS is not on chain. */
export async function buildProvisionTransaction(
  ctx: Context,
  { kms, appId, composeHash, cvmRef }: Provision,
): Promise<TransactionRequest | null> {
  if (kms?.chainId && appId !== null) return createTransaction(kms.chainId, appId, composeHash);
  const cvm = await ctx.loaders.cvm(cvmRef);
  const chainId = kms?.chainId || cvm.kms.chainId;
  const app = appId ?? cvm.appId;
  return chainId && app !== null ? createTransaction(chainId, app, composeHash) : null;
}

/**
 * What has to be sent before that transaction.
 *
 * @returns empty where nothing has, the CVMs of an off-chain KMS among them; null where it cannot be known.
 */
export async function listProvisionPrerequisites(
  ctx: Context,
  provision: Provision,
): Promise<readonly TransactionRequest[] | null> {
  const transaction = await buildProvisionTransaction(ctx, provision);
  return transaction === null ? [] : listPrerequisites(ctx, provision, transaction);
}

/** Applies a provisioned app-compose. */
export function commitComposeFileUpdate(ctx: Context, input: CommitInput): Promise<InProgress> {
  return runWrite(ctx, "commitCvmComposeFileUpdate", input, (ref) => {
    const problems = input.env ? findSealedProblems(input.env, "input.env") : [];
    if (input.composeHash.length !== 64) {
      problems.push(describeInvalid("input.composeHash", "Expected 32 bytes in hex."));
    }
    assertNoProblems(problems);
    return () => sendCommit(ctx, ref, input);
  });
}

async function sendCommit(ctx: Context, ref: CvmRef, input: CommitInput): Promise<InProgress> {
  const outcome = await commitComposeFile(ctx.upstream, ref, {
    compose_hash: input.composeHash,
    ...(input.env ? { encrypted_env: input.env.encryptedEnv } : {}),
    ...(input.env?.keys ? { env_keys: input.env.keys } : {}),
    ...(input.updateEnvVars == null ? {} : { update_env_vars: input.updateEnvVars }),
  });
  return finishWrite(ctx, ref, outcome);
}
