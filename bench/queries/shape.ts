import type {
  ChangeWire,
  ComposeWire,
  CvmPageWire,
  CvmWire,
  NetworkWire,
  StateWire,
  StatsWire,
  StatusBatchWire,
} from "./wire.ts";

/** The data that each query has to answer, from answers of the REST API. */

const shapeResources = ({ resource }: CvmWire) => ({
  vcpu: resource.vcpu,
  memoryMb: resource.memory_in_gb * 1_024,
  diskSizeGb: resource.disk_in_gb,
});

export const shapeState = ({ status, uptime, boot_progress }: StateWire) => ({
  status: status.toUpperCase(),
  uptime,
  bootProgress: boot_progress,
});

export const shapeOne = (cvm: CvmWire) => ({
  cvm: { id: cvm.id, name: cvm.name, status: cvm.status.toUpperCase() },
});

export const shapeFour = (cvm: CvmWire, compose: ComposeWire, network: NetworkWire, stats: StatsWire) => ({
  cvm: {
    id: cvm.id,
    name: cvm.name,
    status: cvm.status.toUpperCase(),
    resources: shapeResources(cvm),
    compose: { runner: compose.runner, allowedEnvs: compose.allowed_envs },
    network: {
      isOnline: network.is_online,
      internalIp: network.internal_ip,
      publicUrls: network.public_urls.map(({ app, instance }) => ({ app, instance })),
    },
    stats: {
      isOnline: stats.is_online,
      sysinfo: {
        osVersion: stats.sysinfo.os_version,
        totalMemoryBytes: stats.sysinfo.total_memory,
        usedMemoryBytes: stats.sysinfo.used_memory,
        uptimeSeconds: stats.sysinfo.uptime,
      },
    },
  },
});

const shapeItem = (cvm: CvmWire) => ({
  id: cvm.id,
  name: cvm.name,
  status: cvm.status.toUpperCase(),
  rawStatus: cvm.status,
  appId: cvm.app_id,
  vmUuid: cvm.vm_uuid,
  instanceId: cvm.instance_id,
  inProgress: cvm.in_progress,
  createdAt: cvm.created_at,
  resources: shapeResources(cvm),
});

export const shapePage = ({ items, total }: CvmPageWire) => ({
  cvms: { totalCount: total, nodes: items.map(shapeItem) },
});

export const shapePageWithState = ({ items, total }: CvmPageWire, states: StatusBatchWire) => ({
  cvms: {
    totalCount: total,
    nodes: items.map((cvm) => {
      const state = states[cvm.vm_uuid];
      return { ...shapeItem(cvm), state: state === undefined ? null : shapeState(state) };
    }),
  },
});

export const shapeChange = ({ status, message, correlation_id }: ChangeWire) => ({
  configureCvm: {
    __typename: "InProgress",
    status: status.toUpperCase(),
    correlationId: correlation_id,
    message,
  },
});
