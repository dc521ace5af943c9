import { findNode } from "../catalog/nodes.ts";
import { businessError, fieldError } from "../http/api-error.ts";
import { bareHex } from "../identity.ts";
import { assertFreeSlot, createCvm, type Workspace } from "../workspace/workspace.ts";
import { findChain, type World } from "../world.ts";
import { storeCompose } from "./app-compose.ts";
import type { CommitToken } from "./commit-token.ts";
import { storeEnv } from "./guest-env.ts";
import { onChainHashRequired } from "./on-chain-hash-required.ts";
import { checkAllowed, prepareCommit } from "./prepared-commit.ts";
import { ALREADY_REGISTERED, transactionError } from "./submit-change.ts";
import type { Cvm, CvmConfig, ReplicaPlan } from "./types.ts";

/** What a client can say about a replica. Everything else is that of the original. */
export type ReplicaRequest = {
  readonly node_id?: number | null | undefined;
  readonly teepod_id?: number | null | undefined;
  readonly encrypted_env?: string | null | undefined;
  readonly compose_hash?: string | null | undefined;
  readonly docker_compose_file?: string | null | undefined;
  readonly pre_launch_script?: string | null | undefined;
};

/**
 * Plan a replica: its node and its configuration.
 *
 * @throws ApiError 400 for an unknown node, and for a compose hash that the app never had
 */
export function planReplica(instances: readonly Cvm[], original: Cvm, request: ReplicaRequest): ReplicaPlan {
  const node = findNode(request.node_id ?? request.teepod_id ?? original.node.id);
  if (node === undefined)
    throw fieldError(400, "ERR-01-001", "node_id", "Node not found. GET /teepods/available lists the nodes.");
  const base = pickConfig(instances, original, request.compose_hash ?? null);
  const { docker_compose_file: file, pre_launch_script: script, encrypted_env: encrypted } = request;
  const compose =
    file == null && script == null
      ? base.compose
      : storeCompose(
          {
            ...base.compose.json,
            ...(file != null && { docker_compose_file: file }),
            ...(script != null && { pre_launch_script: script }),
          },
          base.compose.form,
        );
  const env = encrypted == null ? base.env : storeEnv(encrypted, original.envPrivateKey);
  return { node, config: { ...base, compose, env } };
}

function pickConfig(instances: readonly Cvm[], original: Cvm, composeHash: string | null): CvmConfig {
  if (composeHash === null) return original.config;
  const configs = instances.flatMap((cvm) => [cvm.config, ...cvm.revisions.map(({ config }) => config)]);
  const found = configs.find(({ compose }) => compose.hash === bareHex(composeHash));
  if (found === undefined)
    throw businessError(400, "ERR-03-009", "No instance of the app has had this compose hash.");
  return found;
}

/**
 * Check that the contract of the app allows a replica.
 *
 * @throws ApiError 465 with a commit token when it does not, and always when the client only prepares; an
 *   off-chain KMS allows everything
 */
export async function assertReplicaAllowed(
  world: World,
  workspace: Workspace,
  original: Cvm,
  plan: ReplicaPlan,
  prepareOnly: boolean,
): Promise<void> {
  if (findChain(world, original.kms) === null) return;
  const { hash } = plan.config.compose;
  const { deviceId } = plan.node;
  const { is_allowed } = await checkAllowed(world, original, hash, deviceId);
  if (is_allowed && !prepareOnly) return;
  const prepared = await prepareCommit(world, workspace, original, hash, plan);
  throw onChainHashRequired(original, hash, prepared, deviceId);
}

/**
 * Check the proof of a prepared replica, in the order of the API.
 *
 * @throws ApiError 465 while the contract does not allow the replica; 467 for a transaction that is unknown or
 *   reverted. It may have allowed the hash or the device, so its event is not checked.
 */
export async function verifyReplicaProof(
  world: World,
  original: Cvm,
  { replica, composeHash }: CommitToken,
  transactionHash: string,
): Promise<void> {
  const deviceId = (replica?.node ?? original.node).deviceId;
  const { is_allowed } = await checkAllowed(world, original, composeHash, deviceId);
  if (!is_allowed) throw onChainHashRequired(original, composeHash, null, deviceId);
  if (transactionHash === "" || transactionHash === ALREADY_REGISTERED) return;
  const chain = findChain(world, original.kms);
  const check = await chain?.verifyComposeHashAdded(original.appId, composeHash, transactionHash);
  if (check === "not-found" || check === "reverted") throw transactionError(check);
}

/** Add a replica to the workspace. It is off. */
export function addReplica(workspace: Workspace, original: Cvm, plan: ReplicaPlan, now: number): Cvm {
  assertFreeSlot(workspace);
  const instances = workspace.cvms.filter((cvm) => cvm.appId === original.appId).length;
  const replica = createCvm(workspace, {
    name: `${original.name.slice(0, 50)}-replica-${instances}`,
    appId: original.appId,
    kms: original.kms,
    createdAt: now,
    ...plan,
  });
  workspace.cvms.unshift(replica);
  return replica;
}
