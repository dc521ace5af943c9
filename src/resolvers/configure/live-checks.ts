import type { Context } from "../../context.ts";
import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import { listAllowedKeys } from "../../upstream/configuration/compose-file.ts";
import type { AvailableOsImage } from "../../upstream/configuration/os-images.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { listMeasuredChanges } from "../compose/measured-changes.ts";
import { chooseAllowedKeys } from "../environment/environment-change.ts";
import { findLostKeyProblems } from "../environment/lost-keys.ts";
import type { InputProblem } from "../write/input-problem.ts";
import { bestEffort } from "./best-effort.ts";

/** Find everything that the present CVM has against a change. Makes only the reads that the change needs, in parallel. */
export async function findLiveProblems(
  ctx: Context,
  ref: CvmRef,
  input: ConfigureCvmInput,
): Promise<InputProblem[]> {
  const found = await Promise.all([
    input.env === undefined ? [] : findLostKeyProblems(ctx, ref, input),
    findDiskProblems(ctx, ref, input.diskSizeGb),
    findImageProblems(ctx, ref, input.image, "input.image"),
    findPrepareOnlyProblems(ctx, ref, input),
  ]);
  return found.flat();
}

/** Find a disk that would shrink. Costs one upstream call if a size is given. */
export async function findDiskProblems(
  ctx: Context,
  ref: CvmRef,
  diskSizeGb: number | undefined,
): Promise<InputProblem[]> {
  if (diskSizeGb === undefined) return [];
  const present = (await bestEffort(ctx.loaders.cvm(ref)))?.resources.diskSizeGb ?? null;
  if (present === null || diskSizeGb >= present) return [];
  const message = `A disk can only grow. The disk of this CVM has ${present} GB.`;
  return [{ code: "DISK_SHRINKS", path: "input.diskSizeGb", message }];
}

/** Find an OS image that the CVM cannot have. Costs one upstream call if one is given. */
export async function findImageProblems(
  ctx: Context,
  ref: CvmRef,
  image: string | undefined,
  path: string,
): Promise<InputProblem[]> {
  if (image === undefined) return [];
  const available = await bestEffort(ctx.loaders.availableOsImages(ref));
  // An image that is missing in a list with unreadable parts may be available: the REST API decides.
  const message = available?.complete ? describeImageProblem(available.images, image) : null;
  return message === null ? [] : [{ code: "IMAGE_UNAVAILABLE", path, message }];
}

function describeImageProblem(images: readonly AvailableOsImage[], image: string): string | null {
  const named = images
    .flatMap(({ prod, dev }) => [prod, dev])
    .filter((variant) => variant !== null && (variant.slug === image || variant.name === image));
  if (named.some((variant) => variant?.enabled)) return null;
  return named.length > 0
    ? "This OS image is no longer enabled. Choose an enabled one from Cvm.availableOsImages."
    : "This OS image is not available for the CVM. Choose a slug or name from Cvm.availableOsImages.";
}

/**
 * Find a prepare-only change that needs no registered compose hash: the REST API would apply it immediately.
 * Fails without the reads that it needs, so that nothing is applied by mistake.
 */
async function findPrepareOnlyProblems(
  ctx: Context,
  ref: CvmRef,
  input: ConfigureCvmInput,
): Promise<InputProblem[]> {
  if (!input.prepareOnly) return [];
  const onChain = (await ctx.loaders.cvm(ref)).kms.requiresOnChainHash;
  if (onChain && (await changesAppCompose(ctx, ref, input))) return [];
  const reason = onChain
    ? "This change does not touch the app-compose, so it needs no registered compose hash"
    : "The KMS of this CVM is not on chain, so there is nothing to prepare";
  const message = `${reason}. The REST API would apply the change immediately. To do that, leave prepareOnly out.`;
  return [{ code: "NOTHING_TO_PREPARE", path: "input.prepareOnly", message }];
}

async function changesAppCompose(ctx: Context, ref: CvmRef, input: ConfigureCvmInput): Promise<boolean> {
  const file = await ctx.loaders.composeFile(ref);
  const allowedEnvs = chooseAllowedKeys(input, listAllowedKeys(file)) ?? undefined;
  return listMeasuredChanges(file, { ...input, allowedEnvs }).length > 0;
}
