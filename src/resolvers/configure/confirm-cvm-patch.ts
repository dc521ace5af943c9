import type { ConfirmCvmPatchInput } from "../../schema/input/configure-cvm.ts";
import { sendConfirmation } from "../../upstream/configuration/cvm-patch.ts";
import type { HashProof } from "../../upstream/configuration/hash-proof.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import { assertDeviceAllowed } from "../registration/assert-allowed.ts";
import { findProofProblems, toProof } from "../registration/hash-proof.ts";
import type { Write } from "../write/types.ts";

/** Apply the change that the REST API keeps under a compose hash, once the hash is registered. */
export const confirmCvmPatch: Write<ConfirmCvmPatchInput, HashProof, InProgress> = {
  name: "confirmCvmPatch",
  check: findProofProblems,
  async prepare(ctx, ref, input) {
    await assertDeviceAllowed(ctx, ref, input.composeHash);
    return toProof(input);
  },
  send: (ctx, ref, proof) => sendConfirmation(ctx.upstream, ref, proof),
};
