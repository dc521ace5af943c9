import type { Context } from "../../context.ts";
import type { SafeBatch } from "../../crypto/safe-batch.ts";
import type { TransactionRequest } from "../../errors.ts";
import type {
  AppComposeInput,
  ProvisionCvmComposeFileUpdateInput,
} from "../../schema/input/compose-file-update.ts";
import {
  type AppCompose,
  type ComposeFileProvision,
  listAllowedKeys,
  type ProvisionBody,
  provisionComposeFile,
} from "../../upstream/configuration/compose-file.ts";
import { cvmSettings, toMeasuredSettings } from "../../upstream/configuration/settings.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { findKeptKeys, findKeyProblems } from "../environment/environment-change.ts";
import { findLostKeys } from "../environment/lost-keys.ts";
import { buildSafeTransaction, listPrerequisites } from "../registration/registration.ts";
import { createTransaction } from "../registration/transaction.ts";
import { assertNoProblems, describeInvalid, type InputProblem } from "../write/input-problem.ts";
import type { Write } from "../write/types.ts";
import { writeChangedText } from "./changed-text.ts";
import { findTextProblems } from "./compose-text.ts";

/** An app-compose that waits for its commit, and the CVM it belongs to. */
export type Provision = ProvisionOutcome & { readonly cvmRef: CvmRef };

/** `updateEnvVars` is the flag that was sent; null if none was. */
type ProvisionOutcome = ComposeFileProvision & { readonly updateEnvVars: boolean | null };

type Json = Readonly<Record<string, unknown>>;

type Payload = {
  readonly body: ProvisionBody;
  /** The list of allowed names that the REST API stores. */
  readonly allowedKeys: readonly string[];
  readonly updateEnvVars: boolean | null;
};

/**
 * Let the REST API hash a changed app-compose and keep it, without applying it. The REST API resets missing
 * members to its own defaults, so the whole present app-compose is sent with the given settings.
 */
export const provisionComposeFileUpdate: Write<
  ProvisionCvmComposeFileUpdateInput,
  Payload,
  ProvisionOutcome
> = {
  name: "provisionCvmComposeFileUpdate",
  check: findProvisionProblems,
  async prepare(ctx, ref, { appCompose, removeKeys, updateEnvVars }) {
    const present = await ctx.loaders.composeFile(ref);
    const { allowedEnvs } = appCompose;
    const presentKeys = listAllowedKeys(present);
    assertNoProblems(
      allowedEnvs === undefined
        ? []
        : findLostKeys(allowedEnvs, removeKeys, presentKeys, "appCompose.allowedEnvs"),
    );
    // Without the flag the REST API keeps the present list of names without an error.
    const flag = updateEnvVars ?? (allowedEnvs === undefined ? null : true);
    return {
      body: buildBody(present, appCompose, flag),
      allowedKeys: allowedEnvs ?? presentKeys,
      updateEnvVars: flag,
    };
  },
  async send(ctx, ref, { body, allowedKeys, updateEnvVars }) {
    const provision = await provisionComposeFile(ctx.upstream, ref, body);
    if (ctx.credential !== null) {
      await ctx.provisions.remember(ctx.credential, provision.composeHash, { allowedKeys, updateEnvVars });
    }
    return { ...provision, updateEnvVars };
  },
};

async function findProvisionProblems(
  input: ProvisionCvmComposeFileUpdateInput,
  ctx: Context,
): Promise<InputProblem[]> {
  const { dockerComposeFile, preLaunchScript, allowedEnvs } = input.appCompose;
  const at = (field: keyof AppComposeInput) => `input.appCompose.${field}`;
  const problems = [
    ...(await findTextProblems(
      ctx,
      { path: at("dockerComposeFile"), text: dockerComposeFile },
      { path: at("preLaunchScript"), text: preLaunchScript },
    )),
    ...findKeyProblems(allowedEnvs, at("allowedEnvs")),
  ];
  problems.push(...findRemovedKeyProblems(input));
  if (allowedEnvs !== undefined && input.updateEnvVars === false) {
    const message = "It has no effect unless updateEnvVars is true. Leave updateEnvVars out.";
    problems.push(describeInvalid(at("allowedEnvs"), message));
  }
  return problems;
}

function findRemovedKeyProblems({
  appCompose,
  removeKeys = [],
}: ProvisionCvmComposeFileUpdateInput): InputProblem[] {
  if (removeKeys.length === 0) return [];
  const { allowedEnvs } = appCompose;
  if (allowedEnvs !== undefined) return findKeptKeys(allowedEnvs, removeKeys);
  return [describeInvalid("input.removeKeys", "It needs the new list. Send appCompose.allowedEnvs as well.")];
}

/** Apply settings to the app-compose as the REST API sent it. An empty script is removed. */
function buildBody(
  { json, source }: AppCompose,
  settings: AppComposeInput,
  updateEnvVars: boolean | null,
): ProvisionBody {
  const name = cvmSettings.name.wire;
  const changes = {
    // The name is measured and often empty. The REST API requires one, so a missing one is sent empty.
    [name]: json[name] ?? "",
    ...toMeasuredSettings(settings),
    ...(updateEnvVars === null ? {} : { update_env_vars: updateEnvVars }),
  };
  return { json: overlay(json, changes), text: writeChangedText(source, changes) };
}

function overlay(present: Json, changes: Json): Json {
  const script = cvmSettings.preLaunchScript.wire;
  const changed = { ...present, ...changes };
  if (changes[script] !== "") return changed;
  const { [script]: _removed, ...rest } = changed;
  return rest;
}

/**
 * Build the transaction that registers a provisioned hash.
 *
 * @returns null if the KMS of the CVM is not on chain
 */
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
 * List the transactions to send before the one that registers a provisioned hash.
 *
 * @returns an empty list if no transaction comes before it, also with an off-chain KMS; null if that is unknown
 */
export async function listProvisionPrerequisites(
  ctx: Context,
  provision: Provision,
): Promise<readonly TransactionRequest[] | null> {
  const transaction = await buildProvisionTransaction(ctx, provision);
  return transaction === null ? [] : listPrerequisites(ctx, provision, transaction);
}

/**
 * Build the Safe file that registers a provisioned hash.
 *
 * @returns null if the KMS of the CVM is not on chain
 */
export async function buildProvisionSafeTransaction(
  ctx: Context,
  provision: Provision,
): Promise<SafeBatch | null> {
  const transaction = await buildProvisionTransaction(ctx, provision);
  return transaction === null ? null : buildSafeTransaction(ctx, provision, transaction);
}
