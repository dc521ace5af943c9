import { createTemplate, fill, place, render, type Template } from "./template.ts";

/*
 * Answers of the REST API. `tick` grows with every answer, and values of each object follow from it, so
 * that no two answers are the same and a copy of an earlier answer is noticed.
 */

/** How many CVMs exist. Their index is part of their id. */
export const CVM_COUNT = 1_024;

/** All statuses are equally long, and so are all other values that change in a large answer. */
const STATUSES = ["running", "stopped", "offline"] as const;
const COMPOSE = `services:\n  proxy:\n    image: nginx:1.27.3\n    ports:\n      - "80:80"\n    depends_on:\n      - app\n  app:\n    image: ghcr.io/example/web-app:2.4.1\n    environment:\n      DATABASE_URL: \${DATABASE_URL}\n      API_TOKEN: \${API_TOKEN}\n      LOG_LEVEL: info\n    volumes:\n      - app-data:/data\n  cache:\n    image: redis:7.4.1-alpine\n    command: ["redis-server", "--save", ""]\nvolumes:\n  app-data: {}\n`;
const SCRIPT = `#!/bin/bash\nset -euo pipefail\necho "pulling images"\ndocker compose pull --quiet\n`;

/** Return the id of a CVM. */
export const cvmIdOf = (index: number): string => `cvm_bench${index.toString().padStart(4, "0")}`;

/** Return the index of a CVM, from its id or its VM UUID. */
export const indexOf = (id: string): number => Number(id.slice(-4));

const hex = (index: number, length: number) =>
  (index * 2_654_435_761 + 1).toString(16).padStart(length, "0b5c7f9e");
const statusAt = (index: number, tick: number) => STATUSES[(index + tick) % STATUSES.length] ?? "running";

/** Values of a CVM, in the order of their places: vCPUs, memory, disk, status, tick. */
const valuesAt = (index: number, tick: number) => [
  String(1 + (tick % 9)),
  String(10 + (tick % 90)),
  String(100 + (tick % 900)),
  statusAt(index, tick),
  String(100_000 + (tick % 900_000)),
];

const composeFileOf = (index: number) =>
  `{"name":"web-${index}","docker_compose_file":${JSON.stringify(COMPOSE)},"pre_launch_script":${JSON.stringify(SCRIPT)},"allowed_envs":["DATABASE_URL","API_TOKEN","KEY_${place(4, 6)}"],"manifest_version":2,"runner":"docker-compose","features":["kms","tproxy-net"],"kms_enabled":true,"gateway_enabled":true,"tproxy_enabled":true,"local_key_provider_enabled":false,"no_instance_id":false,"secure_time":false,"public_logs":true,"public_sysinfo":true,"public_tcbinfo":true,"storage_fs":"zfs"}`;

/** What is made once for each CVM. */
const fixed = Array.from({ length: CVM_COUNT }, (_, index) => {
  const id = cvmIdOf(index);
  const appId = hex(index, 40);
  const instanceId = hex(index + CVM_COUNT, 40);
  const vmUuid = `638541e7-f052-4306-9aef-d98f65a8${index.toString().padStart(4, "0")}`;
  const urls = `[{"app":"https://${appId}.dstack.example","instance":"https://${instanceId}.dstack.example"}]`;
  const cvm = `{"id":"${id}","name":"web-${index}","app_id":"${appId}","vm_uuid":"${vmUuid}","instance_id":"${instanceId}","resource":{"instance_type":"tdx.small","vcpu":${place(0, 1)},"memory_in_gb":${place(1, 2)},"disk_in_gb":${place(2, 3)},"gpus":0,"compute_billing_price":"0.058","billing_period":"hourly"},"node_info":{"object_type":"node","id":18,"name":"prod9","region":"US-WEST-1","device_id":"${hex(index, 64)}","device_ids":[{"device_id":"${hex(index, 64)}","algorithm_version":1,"enabled":true}],"ppid":"${hex(index, 32)}","status":"online","version":"0.5.5"},"os":{"name":"dstack-0.5.5","version":"0.5.5","is_dev":false,"os_image_hash":"${hex(7, 64)}"},"kms_type":"phala","kms_info":{"chain_id":null,"dstack_kms_address":null,"dstack_app_address":null,"deployer_address":null,"rpc_endpoint":null,"encrypted_env_pubkey":"${hex(index + 3, 64)}","k256_pubkey":"03${hex(index + 4, 64)}"},"status":"${place(3, 7)}","in_progress":false,"progress":null,"compose_hash":"${hex(index + 5, 64)}","docker_compose_hash":"${hex(index + 6, 64)}","pre_launch_script_hash":"${hex(index + 7, 64)}","gateway":{"base_domain":"dstack.example","cname":null},"services":[],"endpoints":${urls},"public_logs":true,"public_sysinfo":true,"public_tcbinfo":true,"gateway_enabled":true,"secure_time":false,"storage_fs":"zfs","workspace":{"object_type":"workspace","id":"wks_kKYYVfCK","name":"Bench","slug":"bench","avatar_url":null},"creator":{"object_type":"user","id":"usr_lOP54xNP","username":"bench","avatar_url":null},"created_at":"2026-03-02T09:00:00.000Z","deleted_at":null,"listed":true,"project_type":null`;
  const composeFile = composeFileOf(index);
  return {
    vmUuid,
    instanceId,
    urls,
    item: createTemplate(`${cvm}}`),
    composeFile: createTemplate(composeFile),
    detail: createTemplate(`${cvm},"compose_file":${composeFile}}`),
  };
});

function factsOf(index: number) {
  const facts = fixed[index];
  if (facts === undefined) throw new RangeError(`There is no CVM ${index}.`);
  return facts;
}

/** `GET /cvms/{id}/compose_file` */
export const renderComposeFile = (index: number, tick: number): Buffer =>
  render(factsOf(index).composeFile, valuesAt(index, tick));

/** `GET /cvms/{id}` */
export const renderCvm = (index: number, tick: number): Buffer =>
  render(factsOf(index).detail, valuesAt(index, tick));

type Page = { readonly bytes: Buffer; readonly items: readonly PageItem[] };
type PageItem = { readonly index: number; readonly start: number; readonly template: Template };

const pages = new Map<string, Page>();

function createPage(page: number, size: number): Page {
  const first = (page - 1) * size;
  const items: PageItem[] = [];
  let text = '{"items":[';
  for (let index = first; index < Math.min(first + size, CVM_COUNT); index += 1) {
    const template = factsOf(index).item;
    text += index === first ? "" : ",";
    items.push({ index, start: text.length, template });
    text += template.bytes.toString("latin1");
  }
  const total = `"total":${CVM_COUNT},"page":${page},"page_size":${size}`;
  text += `],${total},"pages":${Math.ceil(CVM_COUNT / size)}}`;
  return { bytes: Buffer.from(text, "latin1"), items };
}

/** `GET /cvms/paginated`. Pages count from 1. */
export function renderPage(page: number, size: number, tick: number): Buffer {
  const key = `${page} ${size}`;
  const made = pages.get(key) ?? createPage(page, size);
  pages.set(key, made);
  const copy = Buffer.from(made.bytes);
  for (const { index, start, template } of made.items) fill(copy, start, template, valuesAt(index, tick));
  return copy;
}

/** `GET /cvms/{id}/network` */
export function renderNetwork(index: number, tick: number): string {
  return `{"is_online":true,"is_public":true,"error":null,"internal_ip":"10.4.${tick % 256}.${index % 256}","latest_handshake":"2026-11-26T00:05:00.000Z","public_urls":${factsOf(index).urls}}`;
}

/** `GET /cvms/{id}/stats` */
export function renderStats(index: number, tick: number): string {
  return `{"is_online":true,"is_public":true,"error":null,"sysinfo":{"os_name":"DStack","os_version":"0.5.5","kernel_version":"6.9.0-dstack","cpu_model":"Intel(R) Xeon(R) Platinum 8592+","num_cpus":1,"total_memory":2147483648,"available_memory":1245540516,"used_memory":${900_000_000 + tick},"free_memory":665719930,"total_swap":0,"used_swap":0,"free_swap":0,"uptime":${23_209_546 + tick},"loadavg_one":12,"loadavg_five":9,"loadavg_fifteen":7,"disks":[{"name":"zfs","mount_point":"/var/volatile/dstack/persistent","total_size":21474836480,"free_size":15676630630}]},"status":"${statusAt(index, tick)}","in_progress":false,"boot_progress":"done","boot_error":null}`;
}

/** `GET /cvms/{id}/state` */
export function renderState(index: number, tick: number): string {
  const { vmUuid, instanceId } = factsOf(index);
  return `{"id":"${vmUuid.replaceAll("-", "")}","instance_id":"${instanceId}","name":"web-${index}","status":"${statusAt(index, tick)}","uptime":"${tick}h","boot_progress":"done"}`;
}

/** `POST /status/batch` */
export function renderStatusBatch(vmUuids: readonly string[], tick: number): string {
  const entries = vmUuids.map((vmUuid) => {
    const status = statusAt(indexOf(vmUuid), tick);
    return `"${vmUuid}":{"vm_uuid":"${vmUuid}","status":"${status}","uptime":"${tick}h","in_progress":false,"boot_progress":"done","boot_error":null,"shutdown_progress":null,"events":[],"operation":null,"resource_usage":{"cpu_percent":45.4,"memory_used_bytes":1103101952,"memory_total_bytes":2147483648,"egress_bytes":${13_077_902_467 + tick}}}`;
  });
  return `{${entries.join(",")}}`;
}

/** `PATCH /cvms/{id}`. `vcpu` is repeated, so that the check of answers sees that the body arrived. */
export function renderChange(index: number, vcpu: number, tick: number): string {
  const id = `f72c36d0-1750-4ba9-${(0x1000 + index).toString(16)}-${tick.toString(16).padStart(12, "0")}`;
  return `{"status":"in_progress","message":"CVM update initiated: ${vcpu} vCPUs","correlation_id":"${id}"}`;
}
