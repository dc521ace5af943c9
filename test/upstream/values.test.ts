import { describe, expect, it } from "vitest";
import { WRITE } from "../support/mutations.ts";
import { askUpstream, CVM, precondition } from "../support/upstream/scripted.ts";

const ADDRESS = "Ab".repeat(20);
const FIELDS = `id appId instanceId createdAt visibility { publicLogs publicTcbinfo } node { deviceId }
  kms { chainId contractAddress appContractAddress } resources { vcpu memoryMb diskSizeGb }`;

describe("a CVM with an unexpected value", () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "flags that are null",
      { public_logs: null, public_tcbinfo: null },
      { visibility: { publicLogs: false, publicTcbinfo: true } },
    ],
    ["an empty timestamp", { created_at: "" }, { createdAt: null }],
    [
      "a timestamp with microseconds",
      { created_at: "2026-03-02T09:00:00.123456Z" },
      { createdAt: "2026-03-02T09:00:00.123Z" },
    ],
    [
      "a timestamp with +00:00 and no fraction",
      { created_at: "2026-03-02T09:00:00+00:00" },
      { createdAt: "2026-03-02T09:00:00.000Z" },
    ],
    [
      "a timestamp of another zone",
      { created_at: "2026-03-02T09:00:00.5+02:00" },
      { createdAt: "2026-03-02T07:00:00.500Z" },
    ],
    [
      "a timestamp without a zone",
      { created_at: "2026-03-31T09:00:00" },
      { createdAt: "2026-03-31T09:00:00.000Z" },
    ],
    [
      "a timestamp on a day that its month lacks",
      { created_at: "2026-02-29T09:00:00Z" },
      { createdAt: "2026-03-01T09:00:00.000Z" },
    ],
    ["a timestamp in words", { created_at: "yesterday" }, { createdAt: null }],
    ["an empty app id", { app_id: "" }, { appId: null }],
    ["a word as an app id", { app_id: "legacy" }, { appId: null }],
    ["an instance id with an odd number of digits", { instance_id: "abc" }, { instanceId: null }],
    [
      "an address without 0x",
      { kms_info: { chain_id: 1, dstack_kms_address: ADDRESS } },
      { kms: { contractAddress: `0x${ADDRESS.toLowerCase()}` } },
    ],
    ["an empty address", { kms_info: { dstack_kms_address: "" } }, { kms: { contractAddress: null } }],
    [
      "a word as an address",
      { kms_info: { dstack_app_address: "phala" } },
      { kms: { appContractAddress: null } },
    ],
    [
      "a short app id with an on-chain KMS",
      { app_id: "abcd", kms_type: "base" },
      { kms: { appContractAddress: null } },
    ],
    [
      "a UUID as an id",
      { id: "550e8400-e29b-41d4-a716-446655440000" },
      { id: "550e8400e29b41d4a716446655440000" },
    ],
    ["a dot in the id", { id: "cvm_a.b" }, { id: "cvm_a.b" }],
    [
      "a size above the Int range",
      { resource: { vcpu: 2 ** 31, disk_in_gb: 20.4 } },
      { resources: { vcpu: null, diskSizeGb: 20 } },
    ],
  ])("keeps its other fields and the rest of the list: %s", async (_name, odd, expected) => {
    const items = [{ ...CVM, ...odd }, CVM];
    const { data, errors } = await askUpstream(
      { "GET /cvms/paginated": { body: { items, total: 2 } } },
      `{ cvms(first: 2) { nodes { ${FIELDS} } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.cvms.nodes[0]).toMatchObject(expected);
    expect(data.cvms.nodes[1]).toMatchObject({ id: "cvm_web", appId: CVM.app_id });
  });

  it.each(["cvm_a.b", "550e8400e29b41d4a716446655440000"])("is found again by the id %s", async (id) => {
    const { data, errors } = await askUpstream(
      { [`GET /cvms/${id}`]: { body: { ...CVM, id } } },
      `{ node(id: "${id}") { __typename id } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.node).toEqual({ __typename: "Cvm", id });
  });

  it("still has an on-chain KMS when the chain id is above the Int range", async () => {
    const { data, errors } = await askUpstream(
      { "GET /cvms/web": { body: { ...CVM, kms_info: { chain_id: 2 ** 40 } } } },
      '{ cvm(id: "web") { kms { chainId appContractAddress } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.cvm.kms).toEqual({ chainId: null, appContractAddress: `0x${CVM.app_id}` });
  });
});

describe("a resource of a CVM with an unexpected value", () => {
  const { vm_uuid: uuid } = CVM;
  const batch = (state: unknown) => ({ "POST /status/batch": { body: { [uuid]: state } } });
  it.each<[string, string, unknown, string, Record<string, unknown>]>([
    [
      "OS images with null flags",
      "available-os-images",
      [{ version: "1", prod: { name: "a", is_current: null, enabled: null } }],
      "availableOsImages { prod { isCurrent enabled } }",
      { availableOsImages: [{ prod: { isCurrent: false, enabled: true } }] },
    ],
    [
      "stats whose is_public is null",
      "stats",
      { is_online: true, is_public: null, sysinfo: { uptime: 3.7, total_memory: 1e300, used_memory: 10.5 } },
      "stats { isPublic sysinfo { uptimeSeconds totalMemoryBytes usedMemoryBytes } }",
      {
        stats: { isPublic: true, sysinfo: { uptimeSeconds: 4, totalMemoryBytes: null, usedMemoryBytes: 11 } },
      },
    ],
    [
      "a handshake in words",
      "network",
      { is_online: true, is_public: null, latest_handshake: "2 minutes ago" },
      "network { isPublic latestHandshake }",
      { network: { isPublic: true, latestHandshake: null } },
    ],
    [
      "a container of no time",
      "composition",
      { containers: [{ id: "c", created: 1e300 }] },
      "containers { id createdAt }",
      { containers: [{ id: "c", createdAt: null }] },
    ],
  ])("keeps the valid fields: %s", async (_name, place, body, selection, expected) => {
    const { data, errors } = await askUpstream(
      { [`GET /cvms/web/${place}`]: { body }, [`GET /cvms/cvm_web/${place}`]: { body } },
      `{ cvm(id: "web") { ${selection} } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.cvm).toMatchObject(expected);
  });

  it("returns the live state, whatever other entries the batch has", async () => {
    const state = {
      status: "running",
      events: [{ event: "e", timestamp: 1.25 }],
      operation: { type: "restart" },
      correlation_id: "corr-1",
      resource_usage: { memory_used_bytes: 1.5 },
    };
    const { data, errors } = await askUpstream(
      {
        "POST /status/batch": {
          body: { [uuid]: state, "00000000-0000-4000-8000-000000000000": { status: 7 }, x: null },
        },
      },
      '{ cvm(id: "web") { state { rawStatus events { timestamp } operation { type correlationId } resourceUsage { memoryUsedBytes } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.cvm.state).toEqual({
      rawStatus: "running",
      events: [{ timestamp: 1 }],
      operation: { type: "restart", correlationId: "corr-1" },
      resourceUsage: { memoryUsedBytes: 2 },
    });
  });

  it("returns null as live state when its entry is invalid", async () => {
    const { data, errors } = await askUpstream(
      batch({ status: null }),
      '{ cvm(id: "web") { id state { rawStatus } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.cvm).toEqual({ id: "cvm_web", state: null });
  });

  it("returns null as script when the response is 204", async () => {
    const { data, errors } = await askUpstream(
      { "GET /cvms/cvm_web/pre-launch-script": { status: 204, body: "" } },
      '{ cvm(id: "web") { preLaunchScript } }',
    );
    expect(errors).toBeUndefined();
    expect(data.cvm.preLaunchScript).toBeNull();
  });
});

describe("the KMS of a 465 response", () => {
  it("has an address with 0x, and null for words in a hex field", async () => {
    const kms_info = { ...precondition.kms_info, kms_contract_address: ADDRESS, gateway_app_id: "none" };
    const { data, errors } = await askUpstream(
      { "PATCH /cvms/web": { status: 465, body: { ...precondition, kms_info } } },
      WRITE,
    );
    expect(errors).toBeUndefined();
    expect(data.configureCvm.kms).toEqual({
      chainId: 8453,
      contractAddress: `0x${ADDRESS.toLowerCase()}`,
      gatewayAppId: null,
    });
  });
});
