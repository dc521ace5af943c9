import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import {
  type AcceptedUpdate,
  parseAcceptedUpdate,
  parseUpdateOutcome,
  TAKEN_STATUSES,
  UPDATE_STATUSES,
  type UpdateOutcome,
} from "./write-outcome.ts";

/** The body of the unified patch. Only what is present is applied; `memory` is in MB, `disk_size` in GB. */
export type CvmPatch = {
  readonly docker_compose_file?: string;
  readonly pre_launch_script?: string;
  readonly allowed_envs?: readonly string[];
  readonly encrypted_env?: string;
  readonly public_logs?: boolean;
  readonly public_sysinfo?: boolean;
  readonly public_tcbinfo?: boolean;
  readonly user_config?: string;
  readonly vcpu?: number;
  readonly memory?: number;
  readonly disk_size?: number;
  readonly image?: string;
  readonly shutdown_timeout?: number;
  readonly allow_force_stop?: boolean;
};

/** A compose hash and the transaction that registered it. */
export type HashProof = { readonly composeHash: string; readonly transactionHash: string };

/** The headers of the second phase. */
export function toProofHeaders({ composeHash, transactionHash }: HashProof): Record<string, string> {
  return { "x-compose-hash": composeHash, "x-transaction-hash": transactionHash };
}

/** `PATCH /cvms/{id}`; with `prepareOnly` nothing is applied where the CVM needs a registered hash. */
export async function patchCvm(
  upstream: Upstream,
  ref: CvmRef,
  patch: CvmPatch,
  prepareOnly: boolean,
): Promise<UpdateOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref],
    ...(prepareOnly ? { headers: { "x-prepare-only": "true" } } : {}),
    body: { json: patch },
    accept: UPDATE_STATUSES,
    effect: "write",
  });
  return parseUpdateOutcome(reply);
}

/**
 * `PATCH /cvms/{id}`, second phase: applies the patch that was kept under the hash. The body has to be
 * an empty object and not absent.
 */
export async function confirmCvmPatch(
  upstream: Upstream,
  ref: CvmRef,
  proof: HashProof,
): Promise<AcceptedUpdate> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref],
    headers: toProofHeaders(proof),
    body: { json: {} },
    accept: TAKEN_STATUSES,
    codes: { 465: "HASH_INVALID_OR_EXPIRED" },
    effect: "write",
  });
  return parseAcceptedUpdate(reply);
}
