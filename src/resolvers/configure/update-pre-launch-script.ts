import type { UpdatePreLaunchScriptInput } from "../../schema/input/update-pre-launch-script.ts";
import { sendPreLaunchScript } from "../../upstream/configuration/pre-launch-script.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import { type Approval, prepareApproval, sendApproved } from "../compose/approved-hash.ts";
import { findSizeProblems } from "../compose/compose-text.ts";
import { findOptionalProofProblems, toOptionalProof } from "../registration/hash-proof.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";
import type { Write } from "../write/types.ts";

type Payload = { readonly preLaunchScript: string; readonly approval: Approval };

/** Replace the pre-launch script, in either phase. The endpoint cannot remove it, so "" is rejected. */
export const updatePreLaunchScript: Write<UpdatePreLaunchScriptInput, Payload, WriteOutcome> = {
  name: "updatePreLaunchScript",
  check: (input) => [...findScriptProblems(input.preLaunchScript), ...findOptionalProofProblems(input)],
  async prepare(ctx, ref, input) {
    const { preLaunchScript } = input;
    const proof = toOptionalProof(input);
    return {
      preLaunchScript,
      approval: await prepareApproval(ctx, ref, input, proof, { preLaunchScript }),
    };
  },
  send: (ctx, ref, { preLaunchScript, approval }) =>
    sendApproved(approval, (proof) => sendPreLaunchScript(ctx.upstream, ref, preLaunchScript, proof)),
  listMeasured: ({ preLaunchScript }) => ({ preLaunchScript }),
};

function findScriptProblems(text: string): InputProblem[] {
  const path = "input.preLaunchScript";
  if (text !== "") {
    return findSizeProblems({ path: "input.dockerComposeFile", text: undefined }, { path, text });
  }
  const message =
    'It must not be empty here. To remove the script, use configureCvm with preLaunchScript: "".';
  return [describeInvalid(path, message)];
}
