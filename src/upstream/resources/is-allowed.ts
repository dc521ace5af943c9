import type { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { parseAddress, parseHexBytes, wireFlag, wireText, wireUnknown } from "../transport/wire-scalars.ts";
import { wireObject } from "../transport/wire-tolerance.ts";

const isAllowedWire = wireObject(
  {
    compose_hash_allowed: wireFlag,
    allow_any_device: wireFlag,
    device_id_allowed: wireFlag,
    is_allowed: wireFlag,
    device_id: wireText,
    app_contract_address: wireText,
    error: wireUnknown,
  },
  (wire) => {
    // The REST API reports a failure of the chain in a 200. Its flags then have no meaning.
    const known = wire.error === undefined || wire.error === null || wire.error === "";
    const toFlag = (flag: boolean | null | undefined) => (known ? (flag ?? null) : null);
    return {
      composeHashAllowed: toFlag(wire.compose_hash_allowed),
      allowAnyDevice: toFlag(wire.allow_any_device),
      deviceIdAllowed: toFlag(wire.device_id_allowed),
      isAllowed: toFlag(wire.is_allowed),
      deviceId: parseHexBytes(wire.device_id),
      appContractAddress: parseAddress(wire.app_contract_address),
    };
  },
);

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
