import type { ChangeWire, ComposeWire, CvmWire, NetworkWire, StatsWire } from "../../queries/wire.ts";

/** Conversions that the peers share. They rename members and validate nothing. */

export const toCvm = (wire: CvmWire) => ({
  id: wire.id,
  name: wire.name,
  status: wire.status.toUpperCase(),
  rawStatus: wire.status,
  appId: wire.app_id,
  vmUuid: wire.vm_uuid,
  instanceId: wire.instance_id,
  inProgress: wire.in_progress,
  createdAt: wire.created_at,
  resources: {
    vcpu: wire.resource.vcpu,
    memoryMb: wire.resource.memory_in_gb * 1_024,
    diskSizeGb: wire.resource.disk_in_gb,
  },
});

export type PeerCvm = ReturnType<typeof toCvm>;

export const toNetwork = (wire: NetworkWire) => ({
  isOnline: wire.is_online,
  internalIp: wire.internal_ip,
  publicUrls: wire.public_urls,
});

export const toStats = ({ is_online, sysinfo }: StatsWire) => ({
  isOnline: is_online,
  sysinfo: {
    osVersion: sysinfo.os_version,
    totalMemoryBytes: sysinfo.total_memory,
    usedMemoryBytes: sysinfo.used_memory,
    uptimeSeconds: sysinfo.uptime,
  },
});

export const toCompose = ({ runner, allowed_envs }: ComposeWire) => ({ runner, allowedEnvs: allowed_envs });

export const toInProgress = ({ status, message, correlation_id }: ChangeWire) => ({
  status: status.toUpperCase(),
  correlationId: correlation_id,
  message,
});

/** Input of configureCvm. */
export type PeerInput = { readonly id: string; readonly vcpu: number; readonly memoryMb: number };
