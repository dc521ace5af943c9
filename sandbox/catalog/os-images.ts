import { deriveHex } from "../identity.ts";

/** A build of the guest's operating system. */
export type OsImage = {
  /** `dstack-0.5.5` or `dstack-dev-0.5.5`; not unique over builds. */
  readonly name: string;
  /** The name with the start of the hash; unique. */
  readonly slug: string;
  readonly version: readonly number[];
  /** 64 hex digits. */
  readonly hash: string;
  readonly isDev: boolean;
  readonly requiresGpu: boolean;
  /** False for an image that is still listed but must not be chosen. */
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

/** The image of CVMs that name none. */
export const DEFAULT_OS_IMAGE = findOsImage("dstack-0.5.5");

/** Finds an image that the seed names. */
function findOsImage(name: string): OsImage {
  const image = OS_IMAGES.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`no image ${name}`);
  return image;
}

/** The images that a CVM can be given: GPU images go to GPU machines and no others. */
export function listImagesFor(hasGpu: boolean): readonly OsImage[] {
  return OS_IMAGES.filter((image) => hasGpu || !image.requiresGpu);
}

/** Finds the image that a client names by name or slug, among those for this CVM; undefined if there is none. */
export function findImageFor(nameOrSlug: string, hasGpu: boolean): OsImage | undefined {
  const images = listImagesFor(hasGpu);
  return (
    images.find((image) => image.slug === nameOrSlug) ?? images.find((image) => image.name === nameOrSlug)
  );
}
