import type { Context } from "../context.ts";
import { updateDockerCompose as sendDockerCompose } from "../upstream/docker-compose.ts";
import { updatePreLaunchScript as sendPreLaunchScript } from "../upstream/pre-launch-script.ts";
import { ensureApprovedHash } from "./approved-hash.ts";
import { awaitTransaction, type WaitInput } from "./await-transaction.ts";
import { assertComposeText, findSizeProblems } from "./compose-document.ts";
import { readCvmRef } from "./cvm-input.ts";
import { assertNoProblems, describeInvalid } from "./input-problem.ts";
import { type OptionalProofInput, readOptionalProof } from "./proof-input.ts";
import { type ConfigureCvmResult, finishWrite } from "./update-result.ts";

/** The input of `updateDockerCompose`. */
export type UpdateDockerComposeInput = OptionalProofInput &
  WaitInput & {
    readonly id: string;
    readonly dockerComposeFile: string;
  };

/** The input of `updatePreLaunchScript`. */
export type UpdatePreLaunchScriptInput = OptionalProofInput &
  WaitInput & {
    readonly id: string;
    readonly preLaunchScript: string;
  };

/** Replaces the Docker Compose file, in either phase. */
export async function updateDockerCompose(
  ctx: Context,
  input: UpdateDockerComposeInput,
): Promise<ConfigureCvmResult> {
  const ref = readCvmRef(input.id, "input.id");
  assertComposeText(input.dockerComposeFile, "input.dockerComposeFile");
  const proof = readOptionalProof(input);
  const { dockerComposeFile, waitForTransactionSeconds } = input;
  if (proof !== null) await ensureApprovedHash(ctx, ref, { dockerComposeFile }, proof.composeHash);
  const send = () => sendDockerCompose(ctx.upstream, ref, dockerComposeFile, proof);
  return finishWrite(ctx, ref, await awaitTransaction(ctx, waitForTransactionSeconds, send));
}

/**
 * Replaces the pre-launch script, in either phase. An empty one is refused: its endpoint takes none, and
 * going over another endpoint in silence would not be what was asked.
 */
export async function updatePreLaunchScript(
  ctx: Context,
  input: UpdatePreLaunchScriptInput,
): Promise<ConfigureCvmResult> {
  const ref = readCvmRef(input.id, "input.id");
  const path = "input.preLaunchScript";
  assertNoProblems(
    input.preLaunchScript === ""
      ? [
          describeInvalid(
            path,
            'Must not be empty here. To remove the script, use configureCvm with preLaunchScript: "".',
          ),
        ]
      : findSizeProblems(path, null, path, input.preLaunchScript),
  );
  const proof = readOptionalProof(input);
  const { preLaunchScript, waitForTransactionSeconds } = input;
  if (proof !== null) await ensureApprovedHash(ctx, ref, { preLaunchScript }, proof.composeHash);
  const send = () => sendPreLaunchScript(ctx.upstream, ref, preLaunchScript, proof);
  return finishWrite(ctx, ref, await awaitTransaction(ctx, waitForTransactionSeconds, send));
}
