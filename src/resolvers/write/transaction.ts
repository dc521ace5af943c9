import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { encodeAddComposeHash } from "../../crypto/app-contract.ts";
import { GatewayError } from "../../errors.ts";
import type { OnChainHashRequired } from "./types.ts";

/** A transaction in the form that a wallet accepts (`eth_sendTransaction`). Hex starts with `0x`. */
export type TransactionRequest = {
  readonly chainId: number;
  readonly to: string;
  readonly data: string;
  readonly value: string;
};

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
 * Build the transaction that registers the compose hash of a change.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` if neither the answer nor the CVM names the chain
 */
export async function buildTransaction(
  ctx: Context,
  { kms, appId, composeHash, cvmRef }: OnChainHashRequired,
): Promise<TransactionRequest> {
  const chainId = kms.chainId ?? (await ctx.loaders.cvm(cvmRef)).kms.chainId;
  if (chainId !== null) return createTransaction(chainId, appId, composeHash);
  const message = "The REST API asks for an on-chain compose hash but does not name the chain.";
  throw new GatewayError("UPSTREAM_MALFORMED", message);
}
