import type { CommitToken } from "../../credential.ts";
import type { CommitCvmUpdateInput } from "../../schema/input/configure-cvm.ts";
import { commitUpdate } from "../../upstream/configuration/commit-update.ts";
import type { HashProof } from "../../upstream/configuration/hash-proof.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import { isCvmName } from "../../upstream/cvm-ref.ts";
import { assertDeviceAllowed, assertNamedDeviceAllowed } from "../registration/assert-allowed.ts";
import { findProofProblems, toProof } from "../registration/hash-proof.ts";
import { describeInvalid } from "../write/input-problem.ts";
import type { Write } from "../write/types.ts";

type Payload = { readonly token: CommitToken; readonly proof: HashProof };

function toCommitToken({ token }: CommitCvmUpdateInput): CommitToken {
  return { scheme: "commitToken", secret: token, workspace: null };
}

/** Apply a prepared change by its commit token. The token is the credential; the caller needs no other. */
export const commitCvmUpdate: Write<CommitCvmUpdateInput, Payload, InProgress> = {
  name: "commitCvmUpdate",
  owner: toCommitToken,
  check: (input) => [
    ...(input.token === "" ? [describeInvalid("input.token", "It must not be empty.")] : []),
    ...findProofProblems(input),
  ],
  async prepare(ctx, ref, input) {
    if (ctx.credential !== null) {
      const assertAllowed = isCvmName(ref) ? assertNamedDeviceAllowed : assertDeviceAllowed;
      await assertAllowed(ctx, ref, input.composeHash);
    }
    return { token: toCommitToken(input), proof: toProof(input) };
  },
  send: (ctx, ref, { token, proof }) => commitUpdate(ctx.upstream, ref, token, proof),
};
