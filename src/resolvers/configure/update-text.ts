import type { Context } from "../../context.ts";
import { updateDockerCompose as sendDockerCompose } from "../../upstream/configuration/docker-compose.ts";
import { updatePreLaunchScript as sendPreLaunchScript } from "../../upstream/configuration/pre-launch-script.ts";
import { ensureApprovedHash } from "../compose/approved-hash.ts";
import { assertComposeText, findSizeProblems } from "../compose/compose-document.ts";
import { awaitTransaction, type WaitInput } from "../write/await-transaction.ts";
import { type OptionalProofInput, readOptionalProof } from "../write/hash-proof.ts";
import { assertNoProblems, describeInvalid, type InputProblem } from "../write/input-problem.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import { type ConfigureCvmResult, finishWrite } from "../write/write-result.ts";

/** The input of `updateDockerCompose`. */
export type UpdateDockerComposeInput = OptionalProofInput &
  WaitInput &
  WriteInput & {
    readonly dockerComposeFile: string;
  };

/** The input of `updatePreLaunchScript`. */
export type UpdatePreLaunchScriptInput = OptionalProofInput &
  WaitInput &
  WriteInput & {
    readonly preLaunchScript: string;
  };

/** Replaces the Docker Compose file, in either phase. */
export function updateDockerCompose(
  ctx: Context,
  input: UpdateDockerComposeInput,
): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "updateDockerCompose", input, (ref) => {
    const { dockerComposeFile, waitForTransactionSeconds } = input;
    assertComposeText(dockerComposeFile, "input.dockerComposeFile");
    const proof = readOptionalProof(input);
    return async () => {
      if (proof !== null) await ensureApprovedHash(ctx, ref, { dockerComposeFile }, proof.composeHash);
      const send = () => sendDockerCompose(ctx.upstream, ref, dockerComposeFile, proof);
      return finishWrite(ctx, ref, await awaitTransaction(ctx, waitForTransactionSeconds, send));
    };
  });
}

/**
 * Replaces the pre-launch script, in either phase. An empty one is refused: its endpoint takes none, and
 * going over another endpoint in silence would not be what was asked.
 */
export function updatePreLaunchScript(
  ctx: Context,
  input: UpdatePreLaunchScriptInput,
): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "updatePreLaunchScript", input, (ref) => {
    const { preLaunchScript, waitForTransactionSeconds } = input;
    assertNoProblems(findScriptProblems(preLaunchScript, "input.preLaunchScript"));
    const proof = readOptionalProof(input);
    return async () => {
      if (proof !== null) await ensureApprovedHash(ctx, ref, { preLaunchScript }, proof.composeHash);
      const send = () => sendPreLaunchScript(ctx.upstream, ref, preLaunchScript, proof);
      return finishWrite(ctx, ref, await awaitTransaction(ctx, waitForTransactionSeconds, send));
    };
  });
}

function findScriptProblems(script: string, path: string): InputProblem[] {
  if (script !== "") return findSizeProblems(path, null, path, script);
  const message = 'Must not be empty here. To remove the script, use configureCvm with preLaunchScript: "".';
  return [describeInvalid(path, message)];
}
