import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { type AcceptedUpdate, parseAcceptedUpdate, TAKEN_STATUSES } from "./write-outcome.ts";

/** `PATCH /cvms/{id}/os-image`; takes a name or a slug. */
export async function updateOsImage(
  upstream: Upstream,
  ref: CvmRef,
  osImageName: string,
): Promise<AcceptedUpdate> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "os-image"],
    body: { json: { os_image_name: osImageName } },
    accept: TAKEN_STATUSES,
    effect: "write",
    inputPaths: { image: "osImageName" },
  });
  return parseAcceptedUpdate(reply);
}
