const HASH = "ab".repeat(32);
const APP_ID = "cd".repeat(20);
const ADDRESS = `0x${"ef".repeat(20)}`;
const UUID = "550e8400e29b41d4a716446655440000";
const TIME = "2026-07-01T12:00:00Z";

/** A complete answer of one endpoint, and a query that reads every member of it. */
export type WireAnswer = {
  /** Method and path without query. */
  readonly call: string;
  readonly body: unknown;
  readonly query: string;
  /** Members without which the answer has no meaning, as paths with `*` for any index. */
  readonly vital?: readonly string[];
};

export const cvm = {
  id: "cvm_web",
  name: "web",
  app_id: APP_ID,
  vm_uuid: UUID,
  instance_id: "12".repeat(20),
  resource: {
    instance_type: "tdx.small",
    vcpu: 1,
    memory_in_gb: 2,
    disk_in_gb: 20,
    gpus: 0,
    compute_billing_price: "0.05",
    billing_period: "hourly",
  },
  node_info: {
    name: "node",
    region: "eu",
    device_id: HASH,
    device_ids: [{ device_id: HASH, enabled: true }],
  },
  os: { name: "dstack-0.5.5", version: "0.5.5", is_dev: false, os_image_hash: HASH },
  kms_type: "base",
  kms_info: {
    chain_id: 8453,
    dstack_kms_address: ADDRESS,
    dstack_app_address: ADDRESS,
    encrypted_env_pubkey: HASH,
  },
  status: "running",
  in_progress: false,
  progress: { target: "running", started_at: TIME, correlation_id: "corr-1" },
  compose_hash: HASH,
  docker_compose_hash: HASH,
  pre_launch_script_hash: HASH,
  endpoints: [{ app: "https://a.test", instance: "https://i.test" }],
  public_logs: true,
  public_sysinfo: true,
  public_tcbinfo: true,
  created_at: TIME,
};

const CVM_FIELDS = `id name appId vmUuid instanceId status rawStatus inProgress createdAt configVersion
  resources { instanceType vcpu memoryMb diskSizeGb gpuCount hourlyRate }
  os { name version isDev imageHash } visibility { publicLogs publicSysinfo publicTcbinfo }
  kms { chainId contractAddress appContractAddress } node { name region deviceId }
  endpoints { app instance } progress { target startedAt correlationId }`;

function readCvm(place: string, body: unknown, selection: string, vital?: readonly string[]): WireAnswer {
  const call = `GET /cvms/cvm_web/${place}`;
  const query = `{ cvm(id: "cvm_web") { ${selection} } }`;
  return { call, body, query, ...(vital === undefined ? {} : { vital }) };
}

const name = { common_name: "a", organization: "b", country: "c", state: "d", locality: "e" };
const kmsNode = {
  id: "kms_1",
  slug: "base",
  url: "https://kms.test",
  version: "1",
  chain_id: 8453,
  kms_contract_address: ADDRESS,
  gateway_app_id: APP_ID,
};

/** One answer of each endpoint that the gateway reads. */
export const wireAnswers: readonly WireAnswer[] = [
  {
    call: "GET /cvms/cvm_web",
    body: cvm,
    query: `{ cvm(id: "cvm_web") { ${CVM_FIELDS} } }`,
    vital: ["id"],
  },
  {
    call: "GET /cvms/paginated",
    body: { items: [cvm, { ...cvm, id: "cvm_api" }], total: 2 },
    query: `{ cvms(first: 5) { totalCount pageInfo { hasNextPage endCursor } nodes { ${CVM_FIELDS} } } }`,
    vital: ["items"],
  },
  {
    call: "POST /status/batch",
    body: {
      [UUID]: {
        status: "running",
        uptime: "2h",
        exited_at: TIME,
        in_progress: true,
        boot_progress: "done",
        boot_error: "e",
        shutdown_progress: "s",
        events: [{ event: "boot", body: "b", timestamp: 1 }],
        operation: { type: "update", phase: "boot", started_at: TIME, correlation_id: "corr-1" },
        operation_type: "update",
        operation_started_at: TIME,
        correlation_id: "corr-1",
        resource_usage: { cpu_percent: 1.5, memory_used_bytes: 1, memory_total_bytes: 2, egress_bytes: 3 },
      },
    },
    query: `{ cvm(id: "cvm_web") { state { status rawStatus inProgress uptime bootProgress bootError
      shutdownProgress operation { type phase startedAt correlationId } events { event body timestamp }
      resourceUsage { cpuPercent memoryUsedBytes memoryTotalBytes egressBytes } } } }`,
  },
  readCvm(
    "stats",
    {
      is_online: true,
      is_public: true,
      error: "e",
      sysinfo: {
        os_name: "dstack",
        os_version: "1",
        kernel_version: "6",
        cpu_model: "x",
        num_cpus: 1,
        total_memory: 1,
        available_memory: 1,
        used_memory: 1,
        free_memory: 1,
        total_swap: 1,
        used_swap: 1,
        free_swap: 1,
        uptime: 1,
        loadavg_one: 1,
        loadavg_five: 1,
        loadavg_fifteen: 1,
        disks: [{ name: "vda", mount_point: "/", total_size: 1, free_size: 1 }],
      },
    },
    `stats { isOnline isPublic error sysinfo { osName osVersion kernelVersion cpuModel cpuCount
      totalMemoryBytes availableMemoryBytes usedMemoryBytes freeMemoryBytes totalSwapBytes usedSwapBytes
      freeSwapBytes uptimeSeconds loadAverageOne loadAverageFive loadAverageFifteen
      disks { name mountPoint totalBytes freeBytes } } }`,
  ),
  readCvm(
    "network",
    {
      is_online: true,
      is_public: true,
      error: "e",
      internal_ip: "10.0.0.1",
      latest_handshake: TIME,
      public_urls: [{ app: "https://a.test", instance: "https://i.test" }],
    },
    "network { isOnline isPublic error internalIp latestHandshake publicUrls { app instance } }",
  ),
  readCvm(
    "composition",
    {
      containers: [
        {
          id: "c1",
          names: ["/app"],
          image: "nginx",
          image_id: "sha256:1",
          command: "run",
          created: 1,
          state: "running",
          status: "Up",
          log_endpoint: "https://log.test",
        },
      ],
    },
    "containers { id names image imageId command createdAt state status logEndpoint }",
  ),
  readCvm(
    "attestation",
    {
      is_online: true,
      is_public: true,
      error: "e",
      name: "web",
      app_certificates: [
        {
          subject: name,
          issuer: name,
          serial_number: "1",
          not_before: TIME,
          not_after: TIME,
          version: "3",
          fingerprint: "f",
          signature_algorithm: "ecdsa",
          sans: ["a.test"],
          is_ca: false,
          position_in_chain: 0,
          quote: "00",
          app_id: APP_ID,
          cert_usage: "server",
        },
      ],
      tcb_info: {
        mrtd: HASH,
        rootfs_hash: HASH,
        rtmr0: HASH,
        rtmr1: HASH,
        rtmr2: HASH,
        rtmr3: HASH,
        event_log: [{ imr: 3, event_type: 134217729, digest: HASH, event: "app-id", event_payload: "00" }],
        app_compose: "{}",
      },
      compose_file: "{}",
    },
    `attestation { isOnline isPublic error name composeFile
      appCertificates { subject { commonName organization country state locality }
        issuer { commonName organization country } serialNumber notBefore notAfter version fingerprint
        signatureAlgorithm subjectAlternativeNames isCa positionInChain quote appId usage }
      tcbInfo { mrtd rootfsHash rtmr0 rtmr1 rtmr2 rtmr3 appCompose
        eventLog { imr eventType digest event eventPayload } } }`,
  ),
  readCvm(
    "user_config",
    { hostname: "web", ssh_authorized_keys: ["ssh-ed25519 A"], default_gateway_domain: "gw.test" },
    "userConfig { hostname sshAuthorizedKeys defaultGatewayDomain }",
  ),
  readCvm(
    "compose_file",
    {
      manifest_version: "3",
      name: "",
      runner: "docker-compose",
      docker_compose_file: "services: {}\n",
      pre_launch_script: "#!/bin/sh\n",
      init_script: ["echo a", "echo b"],
      allowed_envs: ["A", "FOO-BAR"],
      features: ["kms"],
      kms_enabled: true,
      gateway_enabled: true,
      public_logs: true,
      public_sysinfo: true,
      public_tcbinfo: true,
      storage_fs: "zfs",
    },
    `compose { hash dockerComposeFile preLaunchScript allowedEnvs features runner manifestVersion kmsEnabled
      gatewayEnabled publicLogs publicSysinfo publicTcbinfo storageFs json }`,
  ),
  readCvm(
    "available-os-images",
    [
      {
        version: [0, 5, 5],
        prod: {
          name: "dstack-0.5.5",
          slug: "dstack-0.5.5-a",
          os_image_hash: HASH,
          is_current: true,
          enabled: true,
          requires_gpu: false,
        },
        dev: { name: "dstack-dev-0.5.5", slug: "dstack-dev-0.5.5-a" },
      },
    ],
    `availableOsImages { version prod { name slug osImageHash isCurrent enabled requiresGpu } dev { name } }`,
  ),
  readCvm(
    "operations",
    {
      items: [
        {
          correlation_id: "corr-1",
          operation_type: "compose_update",
          target_state: "running",
          started_at: TIME,
          completed_at: TIME,
          duration_ms: 5,
          status: "completed",
          error_message: "e",
          compose_hash: HASH,
        },
      ],
      next_cursor: "n",
      total: 1,
    },
    `operations(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { correlationId type status
      startedAt completedAt durationMs errorMessage } }`,
    ["items"],
  ),
  {
    call: `GET /apps/${APP_ID}/revisions`,
    body: {
      revisions: [
        {
          revision_id: "r1",
          app_id: APP_ID,
          vm_uuid: UUID,
          compose_hash: HASH,
          created_at: TIME,
          trace_id: "corr-1",
          operation_type: "update",
          triggered_by: { username: "u" },
        },
      ],
      total: 1,
    },
    query: `{ cvm(id: "cvm_web") { revisions(first: 5) { totalCount pageInfo { hasNextPage }
      nodes { id composeHash createdAt correlationId operationType triggeredBy } } } }`,
    vital: ["revisions"],
  },
  {
    call: "GET /kms",
    body: { items: [kmsNode, { ...kmsNode, id: "kms_2" }], pages: 1 },
    query: '{ cvm(id: "cvm_web") { envEncryptionKey { publicKey signature verified } } }',
    vital: ["items"],
  },
  {
    call: `GET /kms/base/pubkey/${APP_ID}`,
    body: { public_key: HASH, signature: "ab".repeat(65) },
    query: '{ cvm(id: "cvm_web") { envEncryptionKey { publicKey signature verified } } }',
    vital: ["public_key"],
  },
  {
    call: "POST /cvms/cvm_web/is-allowed",
    body: {
      compose_hash_allowed: true,
      allow_any_device: false,
      device_id_allowed: true,
      is_allowed: true,
      error: null,
    },
    query: '{ cvm(id: "cvm_web") { onChain { composeHashAllowed allowAnyDevice deviceAllowed } } }',
  },
  {
    call: `GET /apps/${APP_ID}/device-allowlist`,
    body: { allow_any_device: false, devices: [{ device_id: HASH, allowed_onchain: true }] },
    query: '{ cvm(id: "cvm_web") { onChain { allowAnyDevice deviceAllowed } } }',
  },
];

/** Answers to the other calls that the queries make. */
export const otherAnswers: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(wireAnswers.map(({ call, body }) => [call, body])),
  [`POST /cvms/cvm_web/is-allowed`]: {
    compose_hash_allowed: true,
    allow_any_device: null,
    device_id_allowed: null,
  },
};
