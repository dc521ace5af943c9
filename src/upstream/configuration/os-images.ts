import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireDefault, wireOptional, wireOptionalHex } from "../transport/wire-scalars.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";

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

/** One build of an OS version. Only an enabled build may be chosen. */
export type OsImageVariant = NonNullable<AvailableOsImage["prod"]>;

/** `GET /cvms/{id}/available-os-images`, newest version first. */
export async function fetchAvailableOsImages(upstream: Upstream, ref: CvmRef): Promise<AvailableOsImage[]> {
  const path = ["cvms", ref, "available-os-images"];
  const reply = await upstream.send({ method: "GET", path, accept: [200], effect: "read" });
  return decodeJson(reply, imagesWire);
}

/** `PATCH /cvms/{id}/os-image`; accepts a name or a slug. */
export async function updateOsImage(
  upstream: Upstream,
  ref: CvmRef,
  osImageName: string,
): Promise<InProgress> {
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
