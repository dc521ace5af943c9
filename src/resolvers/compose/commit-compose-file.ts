import type { Context } from "../../context.ts";
import { assertCredential } from "../../credential.ts";
import { GatewayError } from "../../errors.ts";
import type { KnownProvision } from "../../provisions/types.ts";
import type { CommitCvmComposeFileUpdateInput } from "../../schema/input/compose-file-update.ts";
import { type ComposeFileCommit, commitComposeFile } from "../../upstream/configuration/compose-file.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { orUnknown } from "../cvm/change-flags.ts";
import { findEncryptedProblems } from "../environment/environment-change.ts";
import { assertBootAllowed } from "../registration/assert-allowed.ts";
import { findComposeHashProblems } from "../registration/hash-proof.ts";
import { assertNoProblems, describeInvalid, type InputProblem } from "../write/input-problem.ts";
import { joinSentences } from "../write/join-sentences.ts";
import type { Write } from "../write/types.ts";

type Payload = {
  readonly commit: ComposeFileCommit;
  /** Added to the message of an accepted commit; null if there is nothing to add. */
  readonly note: string | null;
};

const NOT_COMPARED =
  "This gateway does not know the provision, so it has not compared env.keys and updateEnvVars with it.";
const UNKNOWN_PROVISION =
  "This gateway does not know the provision of this compose hash, so it cannot compare env.keys with it. Another list, or another order, would change the compose hash, and the CVM would stop and not boot again. Nothing was sent. Send the same provisionCvmComposeFileUpdate again through this gateway: it changes nothing on the CVM and gives the same composeHash, so no new registration is needed. Then send this commit again. Several gateways share provisions through REDIS_URL.";
const NO_EFFECT = "Without updateEnvVars: true, env.keys have no effect.";
const OTHER_KEYS =
  "They differ from the allowed names of the provisioned app-compose, in name or order, so the compose hash would change. Send the same list in appCompose.allowedEnvs of provisionCvmComposeFileUpdate, then commit the new hash with it.";

/** Apply a provisioned app-compose. */
export const commitComposeFileUpdate: Write<CommitCvmComposeFileUpdateInput, Payload, InProgress> = {
  name: "commitCvmComposeFileUpdate",
  check: ({ composeHash, env }) => [
    ...(env === undefined ? [] : findEncryptedProblems(env, "input.env")),
    ...findComposeHashProblems(composeHash),
  ],
  async prepare(ctx, ref, input) {
    const { composeHash, env } = input;
    const provision = await findProvision(ctx, composeHash);
    if (provision !== null) assertNoProblems(findProvisionProblems(provision, input));
    else if (env?.keys !== undefined) await assertOffChain(ctx, ref);
    await assertBootAllowed(ctx, ref, composeHash);
    const updateEnvVars = chooseFlag(provision, input);
    return {
      commit: {
        compose_hash: composeHash,
        ...(env === undefined ? {} : { encrypted_env: env.encryptedEnv }),
        ...(env?.keys === undefined ? {} : { env_keys: env.keys }),
        ...(updateEnvVars === undefined ? {} : { update_env_vars: updateEnvVars }),
      },
      note: provision === null ? describeUnchecked(input) : null,
    };
  },
  async send(ctx, ref, { commit, note }) {
    const outcome = await commitComposeFile(ctx.upstream, ref, commit);
    return note === null ? outcome : { ...outcome, message: joinSentences(outcome.message, note) };
  },
};

function findProvision({ credential, provisions }: Context, composeHash: string) {
  assertCredential(credential);
  return provisions.find(credential, composeHash);
}

/**
 * Assert that the KMS of a CVM is no contract. Otherwise a list that is not the one of the provision gives the CVM
 * a compose hash that is not registered. A CVM that cannot be read counts as one with a contract.
 *
 * @throws {GatewayError} `HASH_INVALID_OR_EXPIRED` that says how to make the provision known
 */
async function assertOffChain(ctx: Context, ref: CvmRef): Promise<void> {
  const cvm = await orUnknown(ctx.loaders.cvm(ref));
  if (cvm?.kms.requiresOnChainHash === false) return;
  throw new GatewayError("HASH_INVALID_OR_EXPIRED", UNKNOWN_PROVISION);
}

/**
 * Find a list or a flag that is not that of the provision. With the flag, the commit writes its names into the
 * app-compose: another list has another hash than the registered one, and does not boot. Without it, the REST API
 * ignores a list that the provision counts on.
 */
function findProvisionProblems(
  provision: KnownProvision,
  { env, updateEnvVars }: CommitCvmComposeFileUpdateInput,
): InputProblem[] {
  const problems: InputProblem[] = [];
  if (env?.keys !== undefined && !provision.hasKeys(env.keys)) {
    problems.push(describeInvalid("input.env.keys", OTHER_KEYS));
  }
  const provisioned = provision.updateEnvVars ?? false;
  if (updateEnvVars !== undefined && updateEnvVars !== provisioned) {
    const message = `The app-compose was provisioned with ${provisioned}. Send the same value, or leave it out.`;
    problems.push(describeInvalid("input.updateEnvVars", message));
  }
  return problems;
}

/** Names take effect only with the flag, so it comes from the provision if it is left out. */
function chooseFlag(
  provision: KnownProvision | null,
  { env, updateEnvVars }: CommitCvmComposeFileUpdateInput,
): boolean | undefined {
  return updateEnvVars ?? (env?.keys === undefined ? undefined : (provision?.updateEnvVars ?? undefined));
}

/** Say what was not checked. @returns null if there was nothing to check */
function describeUnchecked({ env, updateEnvVars }: CommitCvmComposeFileUpdateInput): string | null {
  if (env?.keys === undefined) return updateEnvVars === undefined ? null : NOT_COMPARED;
  return updateEnvVars ? NOT_COMPARED : `${NOT_COMPARED} ${NO_EFFECT}`;
}
