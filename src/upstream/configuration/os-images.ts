import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireDefault, wireOptional, wireOptionalHex } from "../transport/wire-scalars.ts";

const variantWire = z
  .object({
    name: z.string(),
    slug: wireOptional(z.string()),
    os_image_hash: wireOptionalHex,
    is_current: wireDefault(z.boolean(), false),
    enabled: wireDefault(z.boolean(), true),
    requires_gpu: wireOptional(z.boolean()),
  })
  .transform((wire) => ({
    name: wire.name,
    slug: wire.slug,
    osImageHash: wire.os_image_hash,
    isCurrent: wire.is_current,
    enabled: wire.enabled,
    requiresGpu: wire.requires_gpu,
  }));

const imagesWire = z.array(
  z
    .object({
      version: z.union([z.array(z.number().int()), z.string()]),
      prod: wireOptional(variantWire),
      dev: wireOptional(variantWire),
    })
    .transform(({ version, prod, dev }) => ({
      version: typeof version === "string" ? version : version.join("."),
      prod,
      dev,
    })),
);

/** One OS version with its production and development builds. */
export type AvailableOsImage = z.output<typeof imagesWire>[number];

/** One build of an OS version. Only an `enabled` one may be chosen. */
export type OsImageVariant = NonNullable<AvailableOsImage["prod"]>;

/** `GET /cvms/{id}/available-os-images`, newest version first. */
export async function listAvailableOsImages(upstream: Upstream, ref: CvmRef): Promise<AvailableOsImage[]> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "available-os-images"],
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, imagesWire);
}
