import { z } from "zod";
import { kmsNodeWire } from "../resources/kms.ts";
import { decodeJson } from "../transport/decode.ts";
import type { UpstreamReply } from "../transport/types.ts";
import { wireHex, wireOptionalHex } from "../transport/wire-scalars.ts";
import { wireOptional } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());
const flag = wireOptional(z.boolean());

const hashWire = wireHex.pipe(z.string().regex(/^[0-9a-f]{64}$/));

const requiredWire = z.object({
  message: text,
  compose_hash: hashWire,
  app_id: wireOptionalHex,
  device_id: wireOptionalHex,
  kms_info: wireOptional(kmsNodeWire),
  commit_token: text,
  commit_url: text,
  api_commit_url: text,
  onchain_status: wireOptional(
    z.object({ compose_hash_allowed: flag, device_id_allowed: flag, is_allowed: flag }),
  ),
});

const record = z.record(z.string(), z.unknown());

const detailEntries = z
  .array(z.object({ field: wireOptional(z.string()), value: z.unknown().optional() }).catch({ field: null }))
  .catch([]);

/**
 * The fields arrive as members or as a list of field and value pairs, at the top level or under `detail`. A
 * pair without a field describes the whole answer.
 */
const membersWire = record
  .transform((body) => record.catch(body).parse(body["detail"]))
  .transform((body): unknown => ({
    ...body,
    ...Object.fromEntries(
      detailEntries.parse(body["details"]).flatMap(({ field, value }) => (field ? [[field, value]] : [])),
    ),
    message: body["message"],
  }));

const requiredForms = membersWire.pipe(requiredWire);

const namedHashWire = membersWire.pipe(z.object({ compose_hash: hashWire }));

/** Find the compose hash that an HTTP 465 names, bare hex. @returns null if it names none */
export function findRequiredHash(body: string): string | null {
  try {
    return namedHashWire.parse(JSON.parse(body)).compose_hash;
  } catch {
    return null;
  }
}

/** A change that waits until its compose hash is registered on chain (HTTP 465). */
export type OnChainHashRequired = ReturnType<typeof parseOnChainHashRequired>;

/**
 * Parse an HTTP 465 in any of its forms. Nothing was applied and nothing is locked.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED`
 */
export function parseOnChainHashRequired(reply: UpstreamReply) {
  const wire = decodeJson(reply, requiredForms);
  return {
    kind: "OnChainHashRequired" as const,
    message: wire.message ? reply.redact(wire.message) : "Register the new compose hash on chain first.",
    composeHash: wire.compose_hash,
    /** 20 bytes; null if the answer does not name it. */
    appId: wire.app_id?.length === 40 ? wire.app_id : null,
    deviceId: wire.device_id,
    kms: wire.kms_info,
    commitToken: wire.commit_token,
    commitUrl: wire.commit_url,
    apiCommitUrl: wire.api_commit_url,
    onChainStatus: wire.onchain_status && {
      composeHashAllowed: wire.onchain_status.compose_hash_allowed,
      deviceIdAllowed: wire.onchain_status.device_id_allowed,
      isAllowed: wire.onchain_status.is_allowed,
    },
  };
}
