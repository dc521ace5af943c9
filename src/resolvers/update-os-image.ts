import type { Context } from "../context.ts";
import { updateOsImage as sendOsImage } from "../upstream/os-image.ts";
import { assertNoProblems, describeInvalid } from "./input-problem.ts";
import { findImageProblems } from "./pre-write-checks.ts";
import { runWrite, type WriteInput } from "./run-write.ts";
import { type ConfigureCvmResult, finishWrite } from "./update-result.ts";

/** The input of `updateOsImage`. */
export type UpdateOsImageInput = WriteInput & { readonly osImageName: string };

/** Moves a CVM to another OS image. */
export function updateOsImage(ctx: Context, input: UpdateOsImageInput): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "updateOsImage", input, (ref) => {
    const path = "input.osImageName";
    if (input.osImageName.trim() === "") assertNoProblems([describeInvalid(path, "Must not be empty.")]);
    return async () => {
      assertNoProblems(await findImageProblems(ctx, ref, input.osImageName, path));
      return finishWrite(ctx, ref, await sendOsImage(ctx.upstream, ref, input.osImageName));
    };
  });
}
