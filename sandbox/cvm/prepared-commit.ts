import type { Workspace } from "../workspace/workspace.ts";
import { findChain, type World } from "../world.ts";
import type { PreparedCommit } from "./on-chain-hash-required.ts";
import type { Cvm, ReplicaPlan } from "./types.ts";

/**
 * Prepare the commit of a change, or of a replica, that another person completes with a token.
 *
 * @param replica - null for a change of the CVM itself
 */
export async function prepareCommit(
  world: World,
  workspace: Workspace,
  cvm: Cvm,
  composeHash: string,
  replica: ReplicaPlan | null,
): Promise<PreparedCommit> {
  const token = world.tokens.issue({
    tenant: workspace.tenant,
    cvmId: cvm.id,
    composeHash,
    replica,
    createdAt: world.clock.now(),
  });
  const path = replica === null ? "commit-update" : "commit-replica";
  const apiCommitUrl = `${world.origin}/api/v1/cvms/${cvm.id}/${path}`;
  return {
    token,
    commitUrl: `${apiCommitUrl}?token=${token}`,
    apiCommitUrl,
    status: await checkAllowed(world, cvm, composeHash, (replica?.node ?? cvm.node).deviceId),
  };
}

/** Check hash and device against the contract of the app. Without a contract, nothing is allowed. */
export async function checkAllowed(
  world: World,
  cvm: Cvm,
  composeHash: string,
  deviceId: string,
): Promise<PreparedCommit["status"]> {
  const chain = findChain(world, cvm.kms);
  const app = await chain?.findApp(cvm.appId);
  const hashAllowed = (await chain?.isComposeHashAllowed(cvm.appId, composeHash)) ?? false;
  const listed = (await chain?.isDeviceListed(cvm.appId, deviceId)) ?? false;
  const deviceAllowed = app?.allowAnyDevice === true || listed;
  return {
    compose_hash_allowed: hashAllowed,
    device_id_allowed: deviceAllowed,
    is_allowed: hashAllowed && deviceAllowed,
  };
}
