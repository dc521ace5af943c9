import type { Context } from "../../context.ts";
import type { CommitCvmComposeFileUpdateInput } from "../../schema/input/compose-file-update.ts";
import { type ComposeFileCommit, commitComposeFile } from "../../upstream/configuration/compose-file.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import { findEncryptedProblems } from "../environment/environment-change.ts";
import { assertBootAllowed } from "../write/assert-allowed.ts";
import { findComposeHashProblems } from "../write/hash-proof.ts";
import { assertNoProblems, describeInvalid } from "../write/input-problem.ts";
import type { Write } from "../write/types.ts";

/** Apply a provisioned app-compose. */
export const commitComposeFileUpdate: Write<CommitCvmComposeFileUpdateInput, ComposeFileCommit, InProgress> =
  {
    name: "commitCvmComposeFileUpdate",
    check: ({ composeHash, env }) => [
      ...(env === undefined ? [] : findEncryptedProblems(env, "input.env")),
      ...findComposeHashProblems(composeHash),
    ],
    async prepare(ctx, ref, { composeHash, env, updateEnvVars }) {
      assertProvisionedKeys(ctx, composeHash, env?.keys);
      await assertBootAllowed(ctx, ref, composeHash);
      return {
        compose_hash: composeHash,
        ...(env === undefined ? {} : { encrypted_env: env.encryptedEnv }),
        ...(env?.keys === undefined ? {} : { env_keys: env.keys }),
        ...(updateEnvVars === undefined ? {} : { update_env_vars: updateEnvVars }),
      };
    },
    send: (ctx, ref, commit) => commitComposeFile(ctx.upstream, ref, commit),
  };

/**
 * Assert that the names of a commit are those of the provision, in the same order. The commit would write them
 * into the app-compose: it then has another hash than the registered one, and does not boot. Nothing is checked
 * if this process does not know the provision.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`
 */
function assertProvisionedKeys(ctx: Context, composeHash: string, keys: readonly string[] | undefined): void {
  const provisioned = ctx.provisionedKeys.find(ctx.caller, composeHash);
  if (keys === undefined || provisioned === null) return;
  if (JSON.stringify(keys) === JSON.stringify(provisioned)) return;
  const message =
    "They differ from the allowed names of the provisioned app-compose, in name or order, so the compose hash would change. Send the same list in appCompose.allowedEnvs of provisionCvmComposeFileUpdate, then commit the new hash with it.";
  assertNoProblems([describeInvalid("input.env.keys", message)]);
}
