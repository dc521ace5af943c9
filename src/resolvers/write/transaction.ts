import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { encodeAddComposeHash, encodeAddDevice } from "../../crypto/app-contract.ts";
import { GatewayError, type TransactionRequest } from "../../errors.ts";
import type { OnChainHashRequired } from "./types.ts";

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

/**
 * Return the id of the app, bare hex. Costs one read of the CVM if the answer does not name it.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` if neither the answer nor the CVM names it
 */
export async function fetchAppId(ctx: Context, { appId, cvmRef }: OnChainHashRequired): Promise<string> {
  const id = appId ?? (await ctx.loaders.cvm(cvmRef)).appId;
  if (id?.length === 40) return id;
  throw createUnnamed("app");
}

/**
 * Build the transaction that registers the compose hash of a change. Costs one read of the CVM if the answer
 * does not name the chain or the app.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` if neither the answer nor the CVM names the chain and the app
 */
export async function buildTransaction(
  ctx: Context,
  required: OnChainHashRequired,
): Promise<TransactionRequest> {
  const appId = await fetchAppId(ctx, required);
  const chainId = required.kms?.chainId ?? (await ctx.loaders.cvm(required.cvmRef)).kms.chainId;
  if (chainId === null) throw createUnnamed("chain");
  return createTransaction(chainId, appId, required.composeHash);
}

function createUnnamed(what: string): GatewayError {
  const message = `The REST API asks for an on-chain compose hash but does not name the ${what}.`;
  return new GatewayError("UPSTREAM_MALFORMED", message);
}
