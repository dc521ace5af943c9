/** Members of the REST API's answers that the queries of the benchmark need. */

export type CvmWire = {
  readonly id: string;
  readonly name: string;
  readonly app_id: string;
  readonly vm_uuid: string;
  readonly instance_id: string;
  readonly resource: { readonly vcpu: number; readonly memory_in_gb: number; readonly disk_in_gb: number };
  readonly status: string;
  readonly in_progress: boolean;
  readonly created_at: string;
};

export type CvmPageWire = { readonly items: readonly CvmWire[]; readonly total: number };

export type ComposeWire = { readonly runner: string; readonly allowed_envs: readonly string[] };

export type NetworkWire = {
  readonly is_online: boolean;
  readonly internal_ip: string;
  readonly public_urls: readonly { readonly app: string; readonly instance: string }[];
};

export type StatsWire = {
  readonly is_online: boolean;
  readonly sysinfo: {
    readonly os_version: string;
    readonly total_memory: number;
    readonly used_memory: number;
    readonly uptime: number;
  };
};

export type StateWire = { readonly status: string; readonly uptime: string; readonly boot_progress: string };

export type StatusBatchWire = Readonly<Record<string, StateWire>>;

export type ChangeWire = {
  readonly status: string;
  readonly message: string;
  readonly correlation_id: string;
};
