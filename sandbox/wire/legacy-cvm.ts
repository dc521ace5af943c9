import { isOnChain } from "../catalog/kms.ts";
import { OWNER_ACCOUNT } from "../chain/ledger.ts";
import { refreshState } from "../cvm/operation.ts";
import type { Cvm } from "../cvm/types.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { describeEndpoints } from "./cvm-info.ts";
import { describeKmsNode } from "./kms.ts";
import { describeUptime } from "./state.ts";

/** Describe a CVM as a list item before 2026-01-21. */
export function describeHostedCvm(workspace: Workspace, cvm: Cvm, now: number) {
  const state = refreshState(cvm, now);
  const { config } = cvm;
  return {
    hosted: {
      id: cvm.vmUuid.replaceAll("-", ""),
      name: cvm.name,
      status: state.status,
      uptime: describeUptime(cvm, now) ?? "",
      app_url: describeEndpoints(cvm)?.[0]?.app ?? null,
      app_id: cvm.appId,
      instance_id: cvm.instanceId,
      configuration: {},
      exited_at: null,
      boot_progress: state.bootProgress,
      boot_error: state.bootError,
      shutdown_progress: state.shutdownProgress,
      image_version: config.image.name,
    },
    name: cvm.name,
    managed_user: { id: 0, username: workspace.username },
    node: describeLegacyNode(cvm),
    ...describeCommon(cvm, now),
    allow_upgrade: true,
    project_id: null,
    billing_period: "hourly",
  };
}

/** Describe one CVM before 2026-01-21: flat, with memory in megabytes and disk in gigabytes. */
export function describeBasicCvm(cvm: Cvm, now: number) {
  const { config } = cvm;
  return {
    id: 0,
    name: cvm.name,
    teepod_id: cvm.node.id,
    teepod: describeLegacyNode(cvm),
    app_id: cvm.appId,
    vm_uuid: cvm.vmUuid,
    instance_id: cvm.instanceId,
    base_image: config.image.name,
    encrypted_env_pubkey: cvm.envPublicKey,
    instance_type: config.instanceType,
    public_sysinfo: config.compose.json.public_sysinfo,
    public_logs: config.compose.json.public_logs,
    scheduled_delete_at: cvm.scheduledDeleteAt,
    ...describeCommon(cvm, now),
  };
}

function describeCommon(cvm: Cvm, now: number) {
  const { config, kms } = cvm;
  const state = refreshState(cvm, now);
  return {
    status: state.status,
    in_progress: state.operation !== null,
    listed: cvm.listed,
    dapp_dashboard_url: null,
    syslog_endpoint: config.compose.json.public_logs ? `${cvm.logUrl}?text` : null,
    project_type: null,
    kms_info: kms.type === "legacy" ? null : describeKmsNode(kms),
    contract_address: isOnChain(kms) ? `0x${cvm.appId}` : null,
    deployer_address: isOnChain(kms) ? OWNER_ACCOUNT : null,
    vcpu: config.vcpu,
    memory: config.memoryMb,
    disk_size: config.diskGb,
    gateway_domain: null,
    public_urls: describeEndpoints(cvm) ?? [],
  };
}

function describeLegacyNode({ node }: Cvm) {
  return { id: node.id, name: node.name, region_identifier: node.region };
}
