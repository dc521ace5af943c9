import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireOptionalAddress, wireOptionalHex } from "../transport/wire-scalars.ts";
import { wireOptional } from "../transport/wire-tolerance.ts";

const flag = wireOptional(z.boolean());

const isAllowedWire = z
  .object({
    compose_hash_allowed: flag,
    allow_any_device: flag,
    device_id_allowed: flag,
    is_allowed: flag,
    device_id: wireOptionalHex,
    app_contract_address: wireOptionalAddress,
    error: z.unknown().optional(),
  })
  .transform((wire) => {
    // The REST API reports a failure of the chain in a 200. Its flags then have no meaning.
    const known = wire.error === undefined || wire.error === null || wire.error === "";
    return {
      composeHashAllowed: known ? wire.compose_hash_allowed : null,
      allowAnyDevice: known ? wire.allow_any_device : null,
      deviceIdAllowed: known ? wire.device_id_allowed : null,
      isAllowed: known ? wire.is_allowed : null,
      deviceId: wire.device_id,
      appContractAddress: wire.app_contract_address,
    };
  });

/** What the app contract allows. A flag is null when it is not known. */
export type IsAllowed = z.output<typeof isAllowedWire>;

/** Ask whether the contract allows a compose hash: `POST /cvms/{id}/is-allowed`, which changes nothing. */
export async function fetchIsAllowed(
  upstream: Upstream,
  ref: CvmRef,
  composeHash: string,
): Promise<IsAllowed> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "is-allowed"],
    body: { json: { compose_hash: composeHash } },
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, isAllowedWire);
}
