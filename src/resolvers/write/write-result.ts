import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { encodeAddComposeHash } from "../../crypto/app-contract.ts";
import { GatewayError } from "../../errors.ts";
import type { HashPrecondition } from "../../upstream/configuration/on-chain-hash-required.ts";
import type { AcceptedUpdate, UpdateOutcome } from "../../upstream/configuration/write-outcome.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { createLoaders } from "../../upstream/loaders.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { findCvm } from "../cvm/cvm.ts";

/** A write that the REST API took, and the CVM it went to. */
export type InProgress = AcceptedUpdate & {
  readonly cvmRef: CvmRef;
  /** The status that a lifecycle call leads to. */
  readonly target?: "running" | "stopped";
};

/** A change that waits for a registered compose hash, and the CVM it is for. */
export type OnChainHashRequired = HashPrecondition & { readonly cvmRef: CvmRef };

/** How a configuration write goes on. */
export type ConfigureCvmResult = InProgress | OnChainHashRequired;

/** A transaction as a wallet takes it (`eth_sendTransaction`); hex with `0x`. */
export type TransactionRequest = {
  readonly chainId: number;
  readonly to: string;
  readonly data: string;
  readonly value: string;
};

/** Ends a write: whatever was read before it in this request is stale now. */
export function finishWrite<T extends UpdateOutcome>(
  ctx: Context,
  cvmRef: CvmRef,
  outcome: T,
): T & { readonly cvmRef: CvmRef } {
  ctx.loaders = createLoaders(ctx.upstream);
  ctx.watches.pollSoon(ctx.caller);
  return { ...outcome, cvmRef };
}

/** The CVM that a result belongs to, read after the write. */
export function readResultCvm(ctx: Context, result: { readonly cvmRef: CvmRef }): Promise<Cvm | null> {
  return findCvm(ctx, result.cvmRef);
}

/**
 * The id of the operation that a write started. Where the REST API's answer names none, it is read from the
 * CVM's progress, unless that leads elsewhere than the write: then it is still the operation before it.
 *
 * @returns null where nothing was started, and where the CVM does not show the operation.
 */
export async function readCorrelationId(ctx: Context, result: InProgress): Promise<string | null> {
  if (result.correlationId !== null || !result.changed) return result.correlationId;
  const progress = (await readResultCvm(ctx, result))?.progress ?? null;
  const leads = progress?.target.toLowerCase() === "running" ? "running" : "stopped";
  return result.target === undefined || result.target === leads ? (progress?.correlationId ?? null) : null;
}

/**
 * The transaction that registers the new compose hash. It goes to the app contract, whose address is the
 * app id, and never to the KMS contract.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` where neither the answer nor the CVM names the chain.
 */
export async function buildTransaction(
  ctx: Context,
  required: OnChainHashRequired,
): Promise<TransactionRequest> {
  const chainId = required.kms.chainId ?? (await ctx.loaders.cvm(required.cvmRef)).kms.chainId;
  if (chainId === null) {
    throw new GatewayError(
      "UPSTREAM_MALFORMED",
      "The REST API asks for an on-chain hash but names no chain.",
    );
  }
  return createTransaction(chainId, required.appId, required.composeHash);
}

/** The call of `addComposeHash(bytes32)` on the contract of an app; `appId` and `composeHash` are bare hex. */
export function createTransaction(chainId: number, appId: string, composeHash: string): TransactionRequest {
  return {
    chainId,
    to: `0x${appId}`,
    data: `0x${bytesToHex(encodeAddComposeHash(hexToBytes(composeHash)))}`,
    value: "0x0",
  };
}
