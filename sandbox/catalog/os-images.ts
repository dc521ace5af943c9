import { deriveHex } from "../identity.ts";

/** An OS image: a build of the guest's operating system. */
export type OsImage = {
  /** For example `dstack-0.5.5` or `dstack-dev-0.5.5`. Not unique across builds. */
  readonly name: string;
  /** The name and the first digits of the hash. Unique. */
  readonly slug: string;
  readonly version: readonly number[];
  /** 64 hex digits. */
  readonly hash: string;
  readonly isDev: boolean;
  readonly requiresGpu: boolean;
  /** False for an image that is listed but cannot be chosen. */
  readonly enabled: boolean;
};

function createImage(version: readonly number[], kind: "" | "dev-" | "nvidia-", enabled = true): OsImage {
  const name = `dstack-${kind}${version.join(".")}`;
  const hash = deriveHex(64, "os-image", name);
  const slug = `${name}-${hash.slice(0, 8)}`;
  return { name, slug, version, hash, isDev: kind === "dev-", requiresGpu: kind === "nvidia-", enabled };
}

/** Every image, newest version first. */
export const OS_IMAGES: readonly OsImage[] = [
  createImage([0, 5, 6], ""),
  createImage([0, 5, 6], "dev-"),
  createImage([0, 5, 6], "nvidia-"),
  createImage([0, 5, 5], ""),
  createImage([0, 5, 5], "dev-"),
  createImage([0, 5, 4, 1], ""),
  createImage([0, 5, 4], "", false),
  createImage([0, 5, 4], "dev-", false),
  createImage([0, 5, 3], ""),
];

/** The image of a new CVM when the client names none. */
export const DEFAULT_OS_IMAGE = findOsImage("dstack-0.5.5");

/** Return an image that the seed uses. */
function findOsImage(name: string): OsImage {
  const image = OS_IMAGES.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`The OS image ${name} is not in the catalog.`);
  return image;
}

/** List the images for a CVM. Images that require a GPU are for GPU machines only. */
export function listImagesFor(hasGpu: boolean): readonly OsImage[] {
  return OS_IMAGES.filter((image) => hasGpu || !image.requiresGpu);
}

/** Find an image for a CVM by its slug or name; undefined if there is none. */
export function findImageFor(nameOrSlug: string, hasGpu: boolean): OsImage | undefined {
  const images = listImagesFor(hasGpu);
  return (
    images.find((image) => image.slug === nameOrSlug) ?? images.find((image) => image.name === nameOrSlug)
  );
}
