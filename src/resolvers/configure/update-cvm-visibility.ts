import type { Context } from "../../context.ts";
import { updateVisibility } from "../../upstream/configuration/visibility.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import { type ConfigureCvmResult, finishWrite } from "../write/write-result.ts";
import { readIfPossible } from "./pre-write-checks.ts";

/** The input of `updateCvmVisibility`. */
export type UpdateCvmVisibilityInput = WriteInput & {
  readonly publicSysinfo: boolean;
  readonly publicLogs: boolean;
  readonly publicTcbinfo?: boolean | null | undefined;
};

function isAsAsked({ visibility }: Cvm, input: UpdateCvmVisibilityInput): boolean {
  return (
    visibility.publicSysinfo === input.publicSysinfo &&
    visibility.publicLogs === input.publicLogs &&
    visibility.publicTcbinfo === (input.publicTcbinfo ?? visibility.publicTcbinfo)
  );
}

/**
 * Sets what anyone may see. The answer does not say whether anything changed, so the flags are read before:
 * where they were as asked, and no operation runs after the write was taken, nothing did.
 */
export function updateCvmVisibility(
  ctx: Context,
  input: UpdateCvmVisibilityInput,
): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "updateCvmVisibility", input, (ref) => () => sendVisibility(ctx, ref, input));
}

async function sendVisibility(
  ctx: Context,
  ref: CvmRef,
  input: UpdateCvmVisibilityInput,
): Promise<ConfigureCvmResult> {
  const before = await readIfPossible(ctx.loaders.cvm(ref));
  const asAsked = before !== null && isAsAsked(before, input);
  const outcome = await updateVisibility(ctx.upstream, ref, {
    public_sysinfo: input.publicSysinfo,
    public_logs: input.publicLogs,
    ...(input.publicTcbinfo == null ? {} : { public_tcbinfo: input.publicTcbinfo }),
  });
  const result = finishWrite(ctx, ref, outcome);
  if (result.kind !== "accepted" || !asAsked) return result;
  const after = await readIfPossible(ctx.loaders.cvm(ref));
  return { ...result, changed: after?.inProgress ?? true };
}
