import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import type { Reply } from "../support/upstream/reply.ts";
import { nameCall, startScripted } from "../support/upstream/scripted.ts";

const APP_ID = "ab".repeat(20);
const HASH = "cd".repeat(32);
const DEVICE = "ef".repeat(32);

const CVM = {
  id: "cvm_abcd1234",
  name: "web",
  app_id: APP_ID,
  status: "running",
  resource: {},
  node_info: { device_id: DEVICE },
  kms_type: "base",
  kms_info: { chain_id: 8453, deployer_address: `0x${"11".repeat(20)}` },
  compose_hash: HASH,
};

const ON_CHAIN = `{ cvm(id: "cvm_abcd1234") { onChain {
  owner appContractAddress chainId allowAnyDevice composeHashAllowed deviceAllowed
} } }`;

const unavailable: Reply = { status: 404, body: { detail: "Not Found" } };

/** Read `Cvm.onChain` when the REST API gives the two responses. */
async function readOnChain(isAllowed: Reply, allowlist: Reply = unavailable, cvm: object = CVM) {
  await using upstream = await startScripted(({ path }) => {
    if (path.endsWith("/is-allowed")) return isAllowed;
    return path.endsWith("/device-allowlist") ? allowlist : { body: cvm };
  });
  const { app, close } = createGateway(upstream.url);
  const answer = await ask(app, ON_CHAIN);
  await close();
  return { ...answer, onChain: answer.data.cvm.onChain, calls: upstream.requests.map(nameCall) };
}

const known = {
  compose_hash_allowed: true,
  allow_any_device: false,
  device_id_allowed: true,
  is_allowed: true,
  error: null,
};

function allowlist(device: object, allowAnyDevice: boolean | null = false): Reply {
  return { body: { is_onchain_kms: true, allow_any_device: allowAnyDevice, devices: [device] } };
}

describe("Cvm.onChain", () => {
  it("returns the state of the contract from one call, and null for the owner, which the REST API does not report", async () => {
    const { onChain, calls } = await readOnChain({ body: known });
    expect(onChain).toEqual({
      owner: null,
      appContractAddress: `0x${APP_ID}`,
      chainId: 8453,
      allowAnyDevice: false,
      composeHashAllowed: true,
      deviceAllowed: true,
    });
    expect(calls).toEqual(["GET /cvms/cvm_abcd1234", "POST /cvms/cvm_abcd1234/is-allowed"]);
  });

  it("reports the device as allowed when the contract allows any device", async () => {
    const { onChain } = await readOnChain({
      body: { ...known, allow_any_device: true, device_id_allowed: null },
    });
    expect(onChain).toMatchObject({ allowAnyDevice: true, deviceAllowed: true });
  });

  it("reports false for what the contract denies", async () => {
    const { onChain } = await readOnChain({
      body: { ...known, compose_hash_allowed: false, device_id_allowed: false },
    });
    expect(onChain).toMatchObject({ composeHashAllowed: false, deviceAllowed: false });
  });

  it("ignores flags next to an error, reads the device list instead and leaves the rest unknown", async () => {
    const trouble = { body: { ...known, compose_hash_allowed: false, error: "RPC timeout" } };
    const listed = await readOnChain(trouble, allowlist({ device_id: `0x${DEVICE}`, allowed_onchain: true }));
    expect(listed.onChain).toMatchObject({
      composeHashAllowed: null,
      allowAnyDevice: false,
      deviceAllowed: true,
    });
    const silent = await readOnChain(trouble);
    expect(silent.onChain).toMatchObject({
      composeHashAllowed: null,
      allowAnyDevice: null,
      deviceAllowed: null,
    });
    expect(silent.errors).toBeUndefined();
  });

  it("reports a device that is in no list as unknown, not as denied", async () => {
    const { onChain } = await readOnChain(
      { body: { ...known, device_id_allowed: null } },
      allowlist({ device_id: "00".repeat(32), allowed_onchain: true }),
    );
    expect(onChain).toMatchObject({ allowAnyDevice: false, deviceAllowed: null });
  });

  it("returns the contract, with an error for each flag, when the REST API fails", async () => {
    const { onChain, errors } = await readOnChain({ status: 500, body: { detail: "KMS down" } });
    expect(onChain).toMatchObject({ chainId: 8453, composeHashAllowed: null });
    expect(errors?.map(({ path }) => path?.at(-1)).sort()).toEqual([
      "allowAnyDevice",
      "composeHashAllowed",
      "deviceAllowed",
    ]);
  });

  it("is null without an upstream call when the KMS is not on chain", async () => {
    const offChain = { ...CVM, kms_type: "phala", kms_info: { chain_id: null } };
    const { onChain, calls } = await readOnChain({ body: known }, unavailable, offChain);
    expect(onChain).toBeNull();
    expect(calls).toHaveLength(1);
  });
});

const CONFIRM = `mutation { confirmCvmPatch(input: {
  id: "web", composeHash: "${HASH}", transactionHash: "0x${HASH}"
}) { status } }`;

describe("a rejected second phase", () => {
  it.each([
    [466, "HASH_INVALID_OR_EXPIRED", /again without hashes/],
    [467, "TRANSACTION_NOT_VERIFIED", /receipt/],
    [468, "HASH_NOT_ALLOWED", /Do not start again/],
  ])("with status %d names the next step when the REST API names none (%s)", async (status, code, step) => {
    let body: object = { detail: "refused" };
    await using upstream = await startScripted(() => ({ status, body }));
    const { app, close } = createGateway(upstream.url);
    const silent = await ask(app, CONFIRM);
    expect(silent.errors?.[0]?.extensions).toMatchObject({ code, upstream: { status } });
    expect(silent.errors?.[0]?.extensions).toHaveProperty(
      "upstream.suggestions.0",
      expect.stringMatching(step),
    );
    body = { error_code: "ERR-01-007", message: "refused", suggestions: ["Do that."] };
    const spoken = await ask(app, CONFIRM);
    expect(spoken.errors?.[0]?.extensions).toMatchObject({ code, upstream: { suggestions: ["Do that."] } });
    await close();
  });
});

describe("a change whose hash the gateway cannot predict", () => {
  it("is left to the check of the REST API", async () => {
    await using upstream = await startScripted(({ method, path }) => {
      if (method === "PATCH") return { status: 202, body: { status: "in_progress", correlation_id: "1" } };
      return { body: path.includes("/compose_file?") ? { name: "web", stored: "otherwise" } : CVM };
    });
    const { app, close } = createGateway(upstream.url);
    const { data } = await ask(
      app,
      `mutation { updatePreLaunchScript(input: {
        id: "web", preLaunchScript: "echo", composeHash: "${HASH}", transactionHash: "${HASH}"
      }) { ... on InProgress { status } } }`,
    );
    await close();
    expect(data.updatePreLaunchScript.status).toBe("IN_PROGRESS");
    const sent = upstream.requests.map(nameCall);
    expect(sent).toEqual([
      "GET /cvms/web",
      "POST /cvms/web/is-allowed",
      "GET /cvms/web/compose_file",
      "PATCH /cvms/web/pre-launch-script",
    ]);
  });
});
