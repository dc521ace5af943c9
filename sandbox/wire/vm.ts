import { refreshState } from "../cvm/operation.ts";
import type { Cvm } from "../cvm/types.ts";
import { type ApiVersion, hasStringIds } from "../http/api-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { describeEndpoints } from "./cvm-info.ts";
import { describeCvmId } from "./cvm-item.ts";

/** Describe the VM object of lifecycle calls and old endpoints. It has no progress and no correlation id. */
export function describeVm(workspace: Workspace, cvm: Cvm, now: number, version: ApiVersion) {
  const { config } = cvm;
  const compose = config.compose.json;
  return {
    id: describeCvmId(cvm, version),
    name: cvm.name,
    status: refreshState(cvm, now).status,
    teepod_id: cvm.node.id,
    teepod: { id: cvm.node.id, name: cvm.node.name, region_identifier: cvm.node.region },
    user_id: hasStringIds(version) ? workspace.userId : null,
    app_id: cvm.appId,
    vm_uuid: cvm.vmUuid,
    instance_id: cvm.instanceId,
    app_url: describeEndpoints(cvm)?.[0]?.app ?? null,
    base_image: config.image.name,
    vcpu: config.vcpu,
    memory: config.memoryMb,
    disk_size: config.diskGb,
    manifest_version: compose.manifest_version,
    version: "1.0.0",
    runner: compose.runner,
    docker_compose_file: compose.docker_compose_file ?? null,
    features: compose.features,
    created_at: new Date(cvm.createdAt).toISOString(),
    encrypted_env_pubkey: cvm.envPublicKey,
  };
}
