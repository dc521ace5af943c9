import { errorCatalog } from "../../error-catalog.ts";
import { GatewayError } from "../../errors.ts";
import { parseErrorBody } from "../errors/error-body.ts";
import { toUpstreamFailure } from "../errors/http-error.ts";
import type { UpstreamReply } from "../transport/types.ts";
import { findRequiredHash } from "./on-chain-hash-required.ts";

/**
 * Create the error for an HTTP 465 in the second phase. It means that the hash is not on the contract yet, and
 * nothing was applied: the same proof is good later. Advice of the REST API is left out, because to start again
 * would make a multisig collect its signatures twice. Only if the REST API names another hash, the given one
 * belongs to another change.
 *
 * @param composeHash - the hash that the client sent, bare hex
 */
export function createUnregisteredError(reply: UpstreamReply, composeHash: string): GatewayError {
  const required = findRequiredHash(reply.body);
  const other = required !== null && required !== composeHash ? required : null;
  const code = other === null ? "HASH_NOT_ALLOWED" : "HASH_INVALID_OR_EXPIRED";
  const { message, nextSteps } = errorCatalog[code];
  const body = { ...parseErrorBody(reply.body), suggestions: [] };
  const upstream = toUpstreamFailure(reply, body, code);
  if (other === null) return new GatewayError(code, `${message} ${nextSteps[0]}`, { upstream });
  const text = `This change has another compose hash than the one in composeHash. The REST API requires ${other} now. Nothing was applied. ${nextSteps[0]}`;
  return new GatewayError(code, text, { upstream, composeHash: other });
}
