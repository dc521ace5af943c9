import type { CommitCvmComposeFileUpdateInput } from "../../schema/input/compose-file-update.ts";
import { type ComposeFileCommit, commitComposeFile } from "../../upstream/configuration/compose-file.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import { findEncryptedProblems } from "../environment/environment-change.ts";
import { findComposeHashProblems } from "../write/hash-proof.ts";
import type { Write } from "../write/types.ts";

/** Apply a provisioned app-compose. */
export const commitComposeFileUpdate: Write<CommitCvmComposeFileUpdateInput, ComposeFileCommit, InProgress> =
  {
    name: "commitCvmComposeFileUpdate",
    check: ({ composeHash, env }) => [
      ...(env === undefined ? [] : findEncryptedProblems(env, "input.env")),
      ...findComposeHashProblems(composeHash),
    ],
    prepare: async (_ctx, _ref, { composeHash, env, updateEnvVars }) => ({
      compose_hash: composeHash,
      ...(env === undefined ? {} : { encrypted_env: env.encryptedEnv }),
      ...(env?.keys === undefined ? {} : { env_keys: env.keys }),
      ...(updateEnvVars === undefined ? {} : { update_env_vars: updateEnvVars }),
    }),
    send: (ctx, ref, commit) => commitComposeFile(ctx.upstream, ref, commit),
  };
