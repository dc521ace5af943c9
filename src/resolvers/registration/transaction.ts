import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { encodeAddComposeHash, encodeAddDevice } from "../../crypto/app-contract.ts";
import { GatewayError, type TransactionRequest } from "../../errors.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { OnChainHashRequired } from "../write/types.ts";

/**
 * Build the call of `addComposeHash(bytes32)` that registers a compose hash on the contract of an app. The
 * address of that contract is the app id.
 *
 * @param appId - 20 bytes, bare hex
 * @param composeHash - 32 bytes, bare hex
 */
export function createTransaction(chainId: number, appId: string, composeHash: string): TransactionRequest {
  return {
    chainId,
    to: `0x${appId}`,
    data: `0x${bytesToHex(encodeAddComposeHash(hexToBytes(composeHash)))}`,
    value: "0x0",
  };
}

/**
 * Build the call of `addDevice(bytes32)` that lets a device run an app.
 *
 * @param to - address of the app contract
 * @param deviceId - 32 bytes, bare hex
 */
export function createDeviceTransaction(chainId: number, to: string, deviceId: string): TransactionRequest {
  return { chainId, to, data: `0x${bytesToHex(encodeAddDevice(hexToBytes(deviceId)))}`, value: "0x0" };
}

const GO_ON =
  "Nothing was applied, and the REST API keeps the change. Send the same request again: with the same idempotencyKey it returns the same commit token, without one prepareOnly returns a new token that ends the earlier one. The same change has the same compose hash (extensions.composeHash), so signatures for it stay valid. Without transaction, prerequisites, safeTransaction and appId in the selection, the answer does not need this.";

/**
 * Return the id of the app, bare hex. Costs one read of the CVM if the answer does not name it and nothing has read
 * the CVM before the write.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` if neither the answer nor the CVM names it; the codes of reading the CVM
 */
export async function fetchAppId(ctx: Context, required: OnChainHashRequired): Promise<string> {
  const id = required.appId ?? (await fetchNamedCvm(ctx, required)).appId;
  if (id?.length === 40) return id;
  throw createUnnamed("app", required);
}

/**
 * Build the transaction that registers the compose hash of a change. Costs one read of the CVM if the answer does
 * not name the chain or the app and nothing has read the CVM before the write.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` if neither the answer nor the CVM names the chain and the app; the codes
 *   of reading the CVM
 */
export async function buildTransaction(
  ctx: Context,
  required: OnChainHashRequired,
): Promise<TransactionRequest> {
  const appId = await fetchAppId(ctx, required);
  const chainId = required.kms?.chainId ?? (await fetchNamedCvm(ctx, required)).kms.chainId;
  if (chainId === null) throw createUnnamed("chain", required);
  return createTransaction(chainId, appId, required.composeHash);
}

/**
 * Return the CVM of a change. App and chain of a CVM never change, so what was read before the write is as good.
 * A failure takes the whole answer with it, so the error says how to get what it had.
 */
async function fetchNamedCvm(
  ctx: Context,
  { cvmBefore, cvmRef, composeHash }: OnChainHashRequired,
): Promise<Cvm> {
  if (cvmBefore !== null) return cvmBefore;
  try {
    return await ctx.loaders.cvm(cvmRef);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { code, message, retryable, retryAfterMs, upstream } = error;
    throw new GatewayError(code, `The CVM cannot be read: ${message} ${GO_ON}`, {
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(upstream === undefined ? {} : { upstream }),
      composeHash,
      cause: error,
    });
  }
}

function createUnnamed(what: string, { composeHash }: OnChainHashRequired): GatewayError {
  const message = `The REST API asks for an on-chain compose hash but does not name the ${what}. ${GO_ON}`;
  return new GatewayError("UPSTREAM_MALFORMED", message, { composeHash });
}
