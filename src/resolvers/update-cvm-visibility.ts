import type { Context } from "../context.ts";
import type { Cvm } from "../upstream/cvms.ts";
import { updateVisibility } from "../upstream/visibility.ts";
import { readCvmRef } from "./cvm-input.ts";
import { readIfPossible } from "./pre-write-checks.ts";
import { type ConfigureCvmResult, finishWrite } from "./update-result.ts";

/** The input of `updateCvmVisibility`. */
export type UpdateCvmVisibilityInput = {
  readonly id: string;
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
 * where they were as asked and the write was taken, nothing did.
 */
export async function updateCvmVisibility(
  ctx: Context,
  input: UpdateCvmVisibilityInput,
): Promise<ConfigureCvmResult> {
  const ref = readCvmRef(input.id, "input.id");
  const before = await readIfPossible(ctx.loaders.cvm(ref));
  const asAsked = before !== null && isAsAsked(before, input);
  const outcome = await updateVisibility(ctx.upstream, ref, {
    public_sysinfo: input.publicSysinfo,
    public_logs: input.publicLogs,
    ...(input.publicTcbinfo == null ? {} : { public_tcbinfo: input.publicTcbinfo }),
  });
  return finishWrite(
    ctx,
    ref,
    outcome.kind === "accepted" && asAsked ? { ...outcome, changed: false } : outcome,
  );
}
