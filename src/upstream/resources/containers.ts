import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireList, wireOptional } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());

/** Largest number of seconds since 1970 that a `Date` can hold. */
const MAX_SECONDS = 8.64e12;

const containerWire = z
  .object({
    id: z.string(),
    names: wireOptional(wireList(z.string())),
    image: text,
    image_id: text,
    command: text,
    created: wireOptional(z.number()),
    state: text,
    status: text,
    log_endpoint: text,
  })
  .transform((wire) => ({
    id: wire.id,
    names: wire.names ?? [],
    image: wire.image,
    imageId: wire.image_id,
    command: wire.command,
    createdAt:
      wire.created === null || Math.abs(wire.created) > MAX_SECONDS ? null : new Date(wire.created * 1000),
    state: wire.state,
    status: wire.status,
    logEndpoint: wire.log_endpoint,
  }));

const compositionWire = z.object({ containers: wireOptional(wireList(containerWire)) });

/** Container that runs or ran in a CVM. */
export type CvmContainer = z.output<typeof containerWire>;

/** Fetch the containers: `GET /cvms/{id}/composition`. @returns null when the CVM is offline or hides them */
export async function fetchContainers(upstream: Upstream, ref: CvmRef): Promise<CvmContainer[] | null> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "composition"],
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, compositionWire).containers;
}
