import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeCounted } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireOptionalHex } from "../transport/wire-scalars.ts";
import { wireDefault, wireList, wireOptional } from "../transport/wire-tolerance.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";

const variantWire = z
  .object({
    name: wireOptional(z.string()),
    slug: wireOptional(z.string()),
    os_image_hash: wireOptionalHex,
    is_current: wireDefault(z.boolean(), false),
    enabled: wireDefault(z.boolean(), true),
    requires_gpu: wireOptional(z.boolean()),
  })
  .transform((wire, context) => {
    const name = wire.name ?? wire.slug;
    if (name === null) {
      context.addIssue("no name");
      return z.NEVER;
    }
    return {
      name,
      slug: wire.slug,
      osImageHash: wire.os_image_hash,
      isCurrent: wire.is_current,
      enabled: wire.enabled,
      requiresGpu: wire.requires_gpu,
    };
  });

const imagesWire = wireList(
  z
    .object({
      version: wireOptional(z.union([z.array(z.int()).transform((parts) => parts.join(".")), z.string()])),
      prod: wireOptional(variantWire),
      dev: wireOptional(variantWire),
    })
    .transform(({ version, prod, dev }) => ({
      version: version ?? prod?.name ?? dev?.name ?? "unknown",
      prod,
      dev,
    })),
);

/** One OS version with its production and development builds. */
export type AvailableOsImage = z.output<typeof imagesWire>[number];

/** One build of an OS version. Only an enabled build may be chosen. */
export type OsImageVariant = NonNullable<AvailableOsImage["prod"]>;

/** OS images that a CVM can change to, newest version first. */
export type AvailableOsImages = {
  readonly images: readonly AvailableOsImage[];
  /** False if a part of the list could not be read. An image that is not in it may then be available. */
  readonly complete: boolean;
};

/** `GET /cvms/{id}/available-os-images` */
export async function fetchAvailableOsImages(upstream: Upstream, ref: CvmRef): Promise<AvailableOsImages> {
  const path = ["cvms", ref, "available-os-images"];
  const reply = await upstream.send({ method: "GET", path, accept: [200], effect: "read" });
  const { value, unexpectedParts } = decodeCounted(reply, imagesWire);
  return { images: value, complete: unexpectedParts === 0 };
}

/** `PATCH /cvms/{id}/os-image`; accepts a name or a slug. */
export async function sendOsImage(upstream: Upstream, ref: CvmRef, osImageName: string): Promise<InProgress> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "os-image"],
    body: { json: { os_image_name: osImageName } },
    accept: ACCEPTED_STATUSES,
    effect: "write",
    inputPaths: { image: "osImageName" },
  });
  return parseInProgress(reply);
}
