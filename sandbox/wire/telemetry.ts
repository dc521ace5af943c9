import { parse } from "yaml";
import { z } from "zod";
import { refreshState } from "../cvm/operation.ts";
import type { Cvm } from "../cvm/types.ts";
import { deriveBytes, deriveHex } from "../identity.ts";
import { describeEndpoints } from "./cvm-info.ts";

const GIB = 1024 ** 3;

/** The `error` of a CVM or a node that does not answer. */
const OFFLINE_ERROR = "CVM is not reachable";

/** Whether the guest agent answers. If not, the endpoints below answer 200 with `error`. */
export function isOnline(cvm: Cvm, now: number): boolean {
  return !cvm.behaviors.has("offline") && refreshState(cvm, now).status === "running";
}

/** Describe `GET …/stats`: bytes and seconds, beyond 32 bits. Load averages are scaled integers. */
export function describeStats(cvm: Cvm, now: number) {
  const online = isOnline(cvm, now);
  const isPublic = cvm.config.compose.json.public_sysinfo;
  const state = refreshState(cvm, now);
  return {
    is_online: online,
    is_public: isPublic,
    error: online ? null : OFFLINE_ERROR,
    sysinfo: online ? describeSystem(cvm, now) : null,
    status: state.status,
    in_progress: state.operation !== null,
    boot_progress: state.bootProgress,
    boot_error: state.bootError,
  };
}

/** Describe `GET …/network`. */
export function describeNetwork(cvm: Cvm, now: number) {
  const online = isOnline(cvm, now);
  const [block = 0, host = 0] = deriveBytes("ip", cvm.vmUuid);
  return {
    is_online: online,
    is_public: true,
    error: online ? null : OFFLINE_ERROR,
    internal_ip: online ? `10.4.${block}.${1 + (host % 254)}` : null,
    latest_handshake: online ? new Date(now - (now % 60_000)).toISOString() : null,
    public_urls: online ? describeEndpoints(cvm) : null,
  };
}

/** Describe `GET …/composition`, which lists the containers. */
export function describeComposition(cvm: Cvm, now: number) {
  const online = isOnline(cvm, now);
  const compose = cvm.config.compose.json;
  return {
    is_online: online,
    is_public: compose.public_logs,
    error: online ? null : OFFLINE_ERROR,
    docker_compose_file: compose.docker_compose_file ?? null,
    manifest_version: compose.manifest_version,
    version: "1.0.0",
    runner: compose.runner,
    features: compose.features,
    containers: online ? describeContainers(cvm, now) : null,
  };
}

/** Describe `GET …/user_config`. Clients write an opaque text; a hostname and SSH keys in it are returned. */
export function describeUserConfig(cvm: Cvm) {
  const written = parseUserConfig(cvm.config.userConfig);
  return {
    hostname: written.hostname ?? cvm.name,
    ssh_authorized_keys: written.ssh_authorized_keys ?? [],
    default_gateway_domain: written.default_gateway_domain ?? null,
  };
}

const userConfigSchema = z.object({
  hostname: z.string().optional(),
  ssh_authorized_keys: z.array(z.string()).optional(),
  default_gateway_domain: z.string().optional(),
});

function parseUserConfig(text: string): z.output<typeof userConfigSchema> {
  try {
    return userConfigSchema.catch({}).parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function describeSystem(cvm: Cvm, now: number) {
  const totalMemory = cvm.config.memoryMb * 1024 * 1024;
  const usedMemory = Math.floor(totalMemory * 0.42);
  return {
    os_name: "DStack",
    os_version: cvm.config.image.version.join("."),
    kernel_version: "6.9.0-dstack",
    cpu_model: "Intel(R) Xeon(R) Platinum 8592+",
    num_cpus: cvm.config.vcpu,
    total_memory: totalMemory,
    available_memory: totalMemory - usedMemory,
    used_memory: usedMemory,
    free_memory: Math.floor(totalMemory * 0.31),
    total_swap: 0,
    used_swap: 0,
    free_swap: 0,
    uptime: Math.max(0, Math.floor((now - cvm.power.since) / 1000)),
    loadavg_one: 12,
    loadavg_five: 9,
    loadavg_fifteen: 7,
    disks: [
      {
        name: cvm.config.compose.json.storage_fs,
        mount_point: "/var/volatile/dstack/persistent",
        total_size: cvm.config.diskGb * GIB,
        free_size: Math.floor(cvm.config.diskGb * GIB * 0.73),
      },
    ],
  };
}

function describeContainers(cvm: Cvm, now: number) {
  const created = Math.floor(cvm.power.since / 1000);
  const minutes = Math.max(0, Math.floor((now - cvm.power.since) / 60_000));
  return listServices(cvm).map(([service, image]) => ({
    id: deriveHex(64, "container", cvm.vmUuid, service, created),
    names: [`/dstack-${service}-1`],
    image,
    image_id: `sha256:${deriveHex(64, "container-image", image)}`,
    command: null,
    created,
    state: "running",
    status: `Up ${minutes} minutes`,
    log_endpoint: cvm.config.compose.json.public_logs
      ? `${cvm.logUrl}/dstack-${service}-1?text&bare&tail=20`
      : null,
  }));
}

const servicesSchema = z.object({
  services: z.record(
    z.string(),
    z.looseObject({ image: z.string().catch("built") }).catch({ image: "built" }),
  ),
});

function listServices(cvm: Cvm): (readonly [string, string])[] {
  const document: unknown = parse(cvm.config.compose.json.docker_compose_file ?? "", { logLevel: "error" });
  const parsed = servicesSchema.safeParse(document);
  if (!parsed.success) return [];
  return Object.entries(parsed.data.services).map(([service, { image }]) => [service, image] as const);
}
