import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireNumber, wireText } from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireList, wireObject } from "../transport/wire-tolerance.ts";

/** Largest number of seconds since 1970 that a `Date` can hold. */
const MAX_SECONDS = 8.64e12;

function toDate(seconds: number | null | undefined): Date | null {
  const isTime = typeof seconds === "number" && Math.abs(seconds) <= MAX_SECONDS;
  return isTime ? new Date(seconds * 1000) : null;
}

const containerWire = wireObject(
  {
    id: z.string(),
    names: wireItems(z.string()).nullish(),
    image: wireText,
    image_id: wireText,
    command: wireText,
    created: wireNumber,
    state: wireText,
    status: wireText,
    log_endpoint: wireText,
  },
  (wire) => ({
    id: wire.id,
    names: listKnown(wire.names),
    image: wire.image ?? null,
    imageId: wire.image_id ?? null,
    command: wire.command ?? null,
    createdAt: toDate(wire.created),
    state: wire.state ?? null,
    status: wire.status ?? null,
    logEndpoint: wire.log_endpoint ?? null,
  }),
);

const compositionWire = wireObject(
  { containers: wireList(containerWire).nullish() },
  ({ containers = null }) => ({ containers }),
);

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
