import type { Context } from "../../context.ts";
import { hasCode, optionalReadMayFailWith } from "../../errors.ts";
import type { AvailableOsImage } from "../../upstream/configuration/os-images.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { InputProblem } from "../write/input-problem.ts";
import type { ConfigureCvmInput } from "./configure-input.ts";

/**
 * Reads something for a check that only makes an error clearer, since the REST API checks the same. Where
 * the read fails, the write is sent all the same and the REST API decides. Checks that keep something from
 * being lost must not use this.
 *
 * @returns null where it could not be read.
 */
export async function readIfPossible<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (hasCode(error, optionalReadMayFailWith)) return null;
    throw error;
  }
}

/** Finds a disk that would shrink. Costs one upstream call where a size is given. */
export async function findDiskProblems(
  ctx: Context,
  ref: CvmRef,
  diskSizeGb: number | null | undefined,
): Promise<InputProblem[]> {
  if (diskSizeGb === null || diskSizeGb === undefined) return [];
  const now = (await readIfPossible(ctx.loaders.cvm(ref)))?.resources.diskSizeGb ?? null;
  if (now === null || diskSizeGb >= now) return [];
  const message = `A disk can only grow; this CVM's has ${now} GB.`;
  return [{ code: "DISK_SHRINKS", path: "input.diskSizeGb", message }];
}

/** Whether an image may be chosen, by its name or slug. */
function findImageProblem(images: readonly AvailableOsImage[], image: string): string | null {
  const named = images
    .flatMap(({ prod, dev }) => [prod, dev])
    .filter((variant) => variant !== null && (variant.slug === image || variant.name === image));
  if (named.some((variant) => variant?.enabled)) return null;
  return named.length > 0
    ? "This OS image is listed but must not be chosen any more: take an enabled one of Cvm.availableOsImages."
    : "This CVM has no such OS image: take a slug or name out of Cvm.availableOsImages.";
}

/** Finds an OS image that the CVM cannot have. Costs one upstream call where one is given. */
export async function findImageProblems(
  ctx: Context,
  ref: CvmRef,
  image: string | null | undefined,
  path: string,
): Promise<InputProblem[]> {
  if (image === null || image === undefined) return [];
  const images = await readIfPossible(ctx.loaders.availableOsImages(ref));
  const message = images && findImageProblem(images, image);
  return message === null ? [] : [{ code: "IMAGE_UNAVAILABLE", path, message }];
}

/** The fields of the app-compose that a change gives. Keys of a plain environment keep the CVM's order. */
function listComposeFields(input: ConfigureCvmInput, present: readonly string[]) {
  const plainKeys = input.env?.plain?.map(({ key }) => key);
  const sameKeys = plainKeys !== undefined && [...plainKeys].sort().join() === [...present].sort().join();
  return {
    docker_compose_file: input.dockerComposeFile,
    pre_launch_script: input.preLaunchScript,
    allowed_envs: sameKeys ? present : (plainKeys ?? input.env?.encrypted?.keys ?? input.allowedEnvs),
    public_logs: input.publicLogs,
    public_sysinfo: input.publicSysinfo,
    public_tcbinfo: input.publicTcbinfo,
  };
}

async function changesCompose(ctx: Context, ref: CvmRef, input: ConfigureCvmInput): Promise<boolean> {
  const { json, settings } = await ctx.loaders.composeFile(ref);
  return Object.entries(listComposeFields(input, settings.allowed_envs ?? [])).some(
    ([name, value]) =>
      value !== null && value !== undefined && JSON.stringify(value) !== JSON.stringify(json[name] ?? ""),
  );
}

/**
 * Finds a prepare-only change that needs no registered hash: the REST API would apply it at once. This is
 * no mere clarity, so without the reads nothing is sent.
 */
export async function findPrepareProblems(
  ctx: Context,
  ref: CvmRef,
  input: ConfigureCvmInput,
): Promise<InputProblem[]> {
  const onChain = (await ctx.loaders.cvm(ref)).kms.requiresOnChainHash;
  if (onChain && (await changesCompose(ctx, ref, input))) return [];
  const reason = onChain
    ? "Nothing of this change is part of the app-compose, so no hash is needed"
    : "This CVM's KMS is not on chain, so there is nothing to prepare";
  const message = `${reason}: the REST API would apply it at once. Leave prepareOnly out to do so.`;
  return [{ code: "NOTHING_TO_PREPARE", path: "input.prepareOnly", message }];
}
