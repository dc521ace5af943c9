import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, CONFIRM, PLAN } from "../support/mutations.ts";
import { BOTH, plainBoth, plan, SECRET, sealed, YAML } from "./plan-request.ts";

describe("planCvmConfiguration", () => {
  it("returns every changed field with the value before and after", async () => {
    await using gateway = await startGateway();
    const { changes, restarts, configVersion, envKeysAdded, envKeysRemoved } = await plan(gateway, {
      id: "web-phala",
      dockerComposeFile: YAML,
      preLaunchScript: "",
      env: { plain: [{ key: "NEW", value: SECRET }] },
      removeKeys: BOTH,
      publicLogs: true,
      publicSysinfo: false,
      vcpu: 2,
      memoryMb: 2048,
      diskSizeGb: 30,
      image: "dstack-0.5.6",
      userConfig: SECRET,
      shutdownTimeoutSeconds: 60,
    });
    expect(changes).toEqual([
      {
        field: "dockerComposeFile",
        before: expect.stringMatching(/^\d+ lines, .*sha256/),
        after: expect.any(String),
      },
      { field: "preLaunchScript", before: expect.stringMatching(/sha256/), after: null },
      { field: "allowedEnvs", before: "DATABASE_URL, API_TOKEN", after: "NEW" },
      { field: "publicSysinfo", before: "true", after: "false" },
      { field: "env", before: "(hidden)", after: "(hidden)" },
      { field: "vcpu", before: "1", after: "2" },
      { field: "diskSizeGb", before: "20", after: "30" },
      { field: "image", before: "dstack-0.5.5", after: "dstack-0.5.6" },
      { field: "userConfig", before: "(hidden)", after: "(hidden)" },
    ]);
    expect(restarts).toBe(true);
    expect({ envKeysAdded, envKeysRemoved }).toEqual({ envKeysAdded: ["NEW"], envKeysRemoved: BOTH });
    const { data } = await gateway.ask(`{ cvm(id: "web-phala") { configVersion } }`);
    expect(configVersion).toBe(data.cvm.configVersion);
  });

  it.each([
    [{ vcpu: 2 }, ["/cvms/web-base"]],
    [{ image: "dstack-0.5.6" }, ["/cvms/web-base", "/cvms/web-base/available-os-images"]],
    [{ publicLogs: true }, ["/cvms/web-base", "/cvms/web-base/compose_file"]],
    [{ publicLogs: false }, ["/cvms/web-base", "/cvms/web-base/compose_file", "/cvms/web-base/is-allowed"]],
  ])("makes only the upstream calls that %j needs", async (change, paths) => {
    await using gateway = await startGateway();
    expect((await plan(gateway, { id: "web-base", ...change })).paths.sort()).toEqual(paths);
  });

  it("predicts no restart for a stopped CVM or for a change that keeps every value", async () => {
    await using gateway = await startGateway();
    expect(await plan(gateway, { id: "stopped-app", vcpu: 2 })).toMatchObject({ restarts: false });
    const same = await plan(gateway, { id: "web-phala", vcpu: 1, publicLogs: true, image: "dstack-0.5.5" });
    expect(same).toMatchObject({ changes: [], restarts: false });
    expect(same.composeHashAfter).toBe(same.composeHashBefore);
  });

  it("reports whether the hash must be registered, and whether it already is", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-base", preLaunchScript: "#!/bin/sh\n" };
    expect(await plan(gateway, input)).toMatchObject({
      requiresOnChainHash: true,
      hashAlreadyAllowed: false,
    });
    const required = (await gateway.ask(CONFIGURE, { input })).data.configureCvm;
    const transactionHash = await gateway.sendTransaction(required.transaction);
    await gateway.calls();
    expect(await plan(gateway, input)).toMatchObject({ requiresOnChainHash: true, hashAlreadyAllowed: true });
    await gateway.ask(CONFIRM, {
      input: { id: "web-base", composeHash: required.composeHash, transactionHash },
    });
    await gateway.advance(12_000);
    await gateway.calls();
    expect(await plan(gateway, input)).toMatchObject({
      requiresOnChainHash: false,
      hashAlreadyAllowed: null,
    });
    expect(await plan(gateway, { id: "web-phala", preLaunchScript: "x" })).toMatchObject({
      requiresOnChainHash: false,
    });
  });

  it("fails with NOT_FOUND for a CVM that does not exist", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(PLAN, { input: { id: "no-such-cvm", vcpu: 2 } });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  });
});

it("a plan contains no secret of the input, whatever is wrong with it", async () => {
  await using gateway = await startGateway();
  const inputs = [
    { env: { plain: plainBoth } },
    { env: { plain: [{ key: SECRET, value: SECRET }] } },
    { env: { encrypted: { ...sealed, keys: [SECRET] } } },
    { allowedEnvs: [SECRET], removeKeys: [SECRET] },
    { userConfig: SECRET, preLaunchScript: SECRET },
    { dockerComposeFile: `services: { a: { image: "${SECRET}\n` },
    { dockerComposeFile: `services: { a: { image: "${SECRET}" } }` },
  ];
  for (const input of inputs) {
    expect(JSON.stringify(await plan(gateway, { id: "web-phala", ...input }))).not.toContain(SECRET);
  }
});
