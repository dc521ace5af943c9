import { priceHour } from "../catalog/instance-types.ts";
import { isOnChain } from "../catalog/kms.ts";
import type { OsImage } from "../catalog/os-images.ts";
import { OWNER_ACCOUNT } from "../chain/ledger.ts";
import { hashText } from "../cvm/app-compose.ts";
import { type LiveState, refreshState } from "../cvm/operation.ts";
import type { Cvm } from "../cvm/types.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Domain of the CVMs. Names under `.invalid` never resolve. */
const GATEWAY_DOMAIN = "dstack.sandbox.invalid";

/** Describe a CVM as a list item (2026-01-21 and later). */
export function describeCvm(workspace: Workspace, cvm: Cvm, now: number) {
  const state = refreshState(cvm, now);
  const { config } = cvm;
  const compose = config.compose.json;
  return {
    id: cvm.id,
    name: cvm.name,
    app_id: cvm.appId,
    vm_uuid: cvm.vmUuid,
    instance_id: cvm.instanceId,
    resource: describeResource(cvm),
    node_info: describeNode(cvm),
    os: describeOs(config.image),
    kms_type: cvm.kms.type,
    kms_info: describeCvmKms(cvm),
    status: state.status,
    in_progress: state.operation !== null,
    progress: describeProgress(state),
    compose_hash: config.compose.hash,
    docker_compose_hash: hashText(compose.docker_compose_file ?? ""),
    pre_launch_script_hash: compose.pre_launch_script == null ? null : hashText(compose.pre_launch_script),
    gateway: { base_domain: GATEWAY_DOMAIN, cname: null },
    services: [],
    endpoints: describeEndpoints(cvm),
    public_logs: compose.public_logs,
    public_sysinfo: compose.public_sysinfo,
    public_tcbinfo: compose.public_tcbinfo,
    gateway_enabled: compose.gateway_enabled,
    secure_time: compose.secure_time,
    storage_fs: compose.storage_fs,
    workspace: describeWorkspaceRef(workspace),
    creator: describeUserRef(workspace),
    created_at: new Date(cvm.createdAt).toISOString(),
    deleted_at: null,
    listed: cvm.listed,
    project_type: null,
  };
}

/** Describe one CVM (2026-01-21 and later): the list item and the app-compose. */
export function describeCvmDetail(workspace: Workspace, cvm: Cvm, now: number) {
  return { ...describeCvm(workspace, cvm, now), compose_file: cvm.config.compose.json };
}

/** Describe the public URLs of a CVM; null until its first boot. */
export function describeEndpoints(cvm: Cvm) {
  if (cvm.instanceId === null) return null;
  return [
    {
      app: `https://${cvm.appId}.${GATEWAY_DOMAIN}`,
      instance: `https://${cvm.instanceId}.${GATEWAY_DOMAIN}`,
    },
  ];
}

/** Describe a reference to the workspace. */
export function describeWorkspaceRef(workspace: Workspace) {
  return {
    object_type: "workspace",
    id: workspace.id,
    name: workspace.name,
    slug: workspace.slug,
    avatar_url: null,
  };
}

/** Describe a reference to the user of the workspace. */
export function describeUserRef(workspace: Workspace) {
  return { object_type: "user", id: workspace.userId, username: workspace.username, avatar_url: null };
}

function describeResource({ config }: Cvm) {
  return {
    instance_type: config.instanceType,
    vcpu: config.vcpu,
    memory_in_gb: config.memoryMb / 1024,
    disk_in_gb: config.diskGb,
    gpus: config.gpuCount,
    compute_billing_price: priceHour(config.vcpu, config.memoryMb),
    billing_period: "hourly",
  };
}

function describeNode({ node, behaviors }: Cvm) {
  return {
    object_type: "node",
    id: node.id,
    name: node.name,
    region: node.region,
    device_id: node.deviceId,
    device_ids: [{ device_id: node.deviceId, algorithm_version: 1, enabled: true }],
    ppid: node.ppid,
    status: behaviors.has("offline") ? "offline" : "online",
    version: node.version,
  };
}

function describeOs(image: OsImage) {
  return {
    name: image.name,
    version: image.version.join("."),
    is_dev: image.isDev,
    os_image_hash: image.hash,
  };
}

function describeCvmKms(cvm: Cvm) {
  const { kms } = cvm;
  const onChain = isOnChain(kms);
  return {
    chain_id: kms.chainId,
    dstack_kms_address: kms.contractAddress,
    dstack_app_address: onChain ? `0x${cvm.appId}` : null,
    deployer_address: onChain ? OWNER_ACCOUNT : null,
    rpc_endpoint: null,
    encrypted_env_pubkey: cvm.envPublicKey,
    k256_pubkey: kms.type === "legacy" ? null : kms.k256PublicKey,
  };
}

function describeProgress({ operation }: LiveState) {
  if (operation === null) return null;
  return {
    target: operation.target,
    started_at: new Date(operation.startedAt).toISOString(),
    correlation_id: operation.correlationId,
  };
}
