import type { UpdateDockerComposeInput } from "../../schema/input/update-docker-compose.ts";
import { sendDockerCompose } from "../../upstream/configuration/docker-compose.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import { type Approval, prepareApproval, sendApproved } from "../compose/approved-hash.ts";
import { findTextProblems } from "../compose/compose-text.ts";
import { findOptionalProofProblems, toOptionalProof } from "../registration/hash-proof.ts";
import type { Write } from "../write/types.ts";

type Payload = { readonly dockerComposeFile: string; readonly approval: Approval };

/** Replace the Docker Compose file, in either phase. */
export const updateDockerCompose: Write<UpdateDockerComposeInput, Payload, WriteOutcome> = {
  name: "updateDockerCompose",
  check: async (input, ctx) => [
    ...(await findTextProblems(
      ctx,
      { path: "input.dockerComposeFile", text: input.dockerComposeFile },
      { path: "input.preLaunchScript", text: undefined },
    )),
    ...findOptionalProofProblems(input),
  ],
  async prepare(ctx, ref, input) {
    const { dockerComposeFile } = input;
    const proof = toOptionalProof(input);
    return {
      dockerComposeFile,
      approval: await prepareApproval(ctx, ref, input, proof, { dockerComposeFile }),
    };
  },
  send: (ctx, ref, { dockerComposeFile, approval }) =>
    sendApproved(approval, (proof) => sendDockerCompose(ctx.upstream, ref, dockerComposeFile, proof)),
  listMeasured: ({ dockerComposeFile }) => ({ dockerComposeFile }),
};
