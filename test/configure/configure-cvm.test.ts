import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createGateway, type JournalEntry, serve, startGateway } from "../support/gateway.ts";

const CONFIGURE = `mutation ($input: ConfigureCvmInput!) {
  configureCvm(input: $input) {
    __typename
    ... on InProgress { status message correlationId allowedEnvsChanged }
    ... on OnChainHashRequired {
      why: message composeHash appId deviceId
      kms { id slug url version chainId contractAddress gatewayAppId }
      onChainStatus { composeHashAllowed deviceIdAllowed isAllowed }
      commitToken commitUrl apiCommitUrl
      transaction { chainId to data value }
    }
  }
}`;
const CONFIRM = `mutation ($input: ConfirmCvmPatchInput!) {
  confirmCvmPatch(input: $input) { status correlationId cvm { progress { target correlationId } } }
}`;
const COMMIT = `mutation ($input: CommitCvmUpdateInput!) { commitCvmUpdate(input: $input) { status correlationId } }`;

const writes = (calls: readonly JournalEntry[]) => calls.filter(({ method }) => method !== "GET");
const sealed = "ab".repeat(60);

describe("configureCvm", () => {
  it("sends one PATCH with exactly the fields that were given", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, memoryMb: 8192, publicLogs: false },
    });
    expect(data.configureCvm).toMatchObject({
      __typename: "InProgress",
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
      allowedEnvsChanged: null,
    });
    const calls = await gateway.calls();
    expect(calls.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: "PATCH", path: "/cvms/web-phala", body: { vcpu: 4, memory: 8192, public_logs: false } },
    ]);
    expect(calls[0]?.headers).not.toHaveProperty("x-prepare-only");
  });

  it("maps every field to its wire name", async () => {
    await using gateway = await startGateway();
    const compose = "services:\n  app:\n    image: nginx:1.27\n";
    const { errors } = await gateway.ask(CONFIGURE, {
      input: {
        id: "web-phala",
        dockerComposeFile: compose,
        preLaunchScript: "",
        env: {
          encrypted: { encryptedEnv: `0x${sealed.toUpperCase()}`, keys: ["DATABASE_URL", "API_TOKEN"] },
        },
        publicLogs: true,
        publicSysinfo: false,
        publicTcbinfo: true,
        vcpu: 2,
        memoryMb: 4096,
        diskSizeGb: 60,
        image: "dstack-0.5.5",
        userConfig: '{"hostname":"web"}',
        shutdownTimeoutSeconds: 30,
        allowForceStop: true,
      },
    });
    expect(errors).toBeUndefined();
    const [patch] = writes(await gateway.calls());
    expect(patch).toMatchObject({
      body: {
        docker_compose_file: compose,
        pre_launch_script: "",
        allowed_envs: ["DATABASE_URL", "API_TOKEN"],
        encrypted_env: sealed,
        public_logs: true,
        public_sysinfo: false,
        public_tcbinfo: true,
        vcpu: 2,
        memory: 4096,
        disk_size: 60,
        image: "dstack-0.5.5",
        user_config: '{"hostname":"web"}',
        shutdown_timeout: 30,
        allow_force_stop: true,
      },
    });
  });

  it("changes the CVM, which is seen once its restart is through", async () => {
    await using gateway = await startGateway();
    const read = '{ cvm(id: "web-phala") { status inProgress resources { vcpu memoryMb } configVersion } }';
    const before = (await gateway.ask(read)).data.cvm;
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8, memoryMb: 16384 } });
    expect((await gateway.ask(read)).data.cvm).toMatchObject({ status: "SHUTTING_DOWN", inProgress: true });
    await gateway.advance(15_000);
    const after = (await gateway.ask(read)).data.cvm;
    expect(after).toMatchObject({
      status: "RUNNING",
      inProgress: false,
      resources: { vcpu: 8, memoryMb: 16384 },
    });
    expect(after.configVersion).not.toBe(before.configVersion);
  });

  it("reads the CVM after the write, and only when it is selected", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(
      `mutation { configureCvm(input: { id: "web-phala", vcpu: 4 }) { ... on InProgress { correlationId cvm { progress { correlationId } } } } }`,
    );
    expect(data.configureCvm.cvm.progress.correlationId).toBe(data.configureCvm.correlationId);
    expect((await gateway.calls()).map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  });

  it("answers NO_CHANGE without a correlation id when the CVM already is as asked", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask('{ cvm(id: "web-phala") { resources { vcpu } } }');
    const answer = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: data.cvm.resources.vcpu },
    });
    expect(answer.data.configureCvm).toMatchObject({
      __typename: "InProgress",
      status: "NO_CHANGE",
      correlationId: null,
    });
  });

  it("is refused while another operation runs, with the time to wait, and is not sent again", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    await gateway.calls();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8 } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "OPERATION_IN_PROGRESS",
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it.each([
    ["no change at all", {}, "input"],
    ["only nulls", { vcpu: null, preLaunchScript: null }, "input"],
    ["an empty compose file", { dockerComposeFile: " \n" }, "input.dockerComposeFile"],
    [
      "more than 200 KiB of compose file and script",
      { dockerComposeFile: `services: {}\n# ${"x".repeat(150_000)}`, preLaunchScript: "é".repeat(30_000) },
      "input.dockerComposeFile",
    ],
    ["a shutdown timeout out of range", { shutdownTimeoutSeconds: 5 }, "input.shutdownTimeoutSeconds"],
    ["no vCPU", { vcpu: 0 }, "input.vcpu"],
    ["a wrong key name", { allowedEnvs: ["GOOD", "NOT-GOOD"] }, "input.allowedEnvs.1"],
    ["a key that stands twice", { allowedEnvs: ["A", "A"] }, "input.allowedEnvs.1"],
    [
      "a sealed environment that is too short",
      { env: { encrypted: { encryptedEnv: "ab".repeat(59) } } },
      "input.env.encrypted.encryptedEnv",
    ],
  ])("refuses %s before any call", async (_name, fields, path) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", ...fields } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path, message: expect.any(String) }],
    });
    expect(await gateway.calls()).toEqual([]);
  });

  it("takes exactly 200 KiB", async () => {
    await using gateway = await startGateway();
    const head = "services:\n  app:\n    image: nginx:1.27\n# ";
    const dockerComposeFile = head + "x".repeat(200 * 1024 - head.length);
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", dockerComposeFile, preLaunchScript: "" },
    });
    expect(errors).toBeUndefined();
  });

  it("refuses text that is no identifier before any call", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "no such/cvm", vcpu: 1 } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: "input.id" }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it("answers NOT_FOUND for a CVM that the caller does not have", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "nobodys-cvm", vcpu: 1 } });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  });
});

describe("a change that needs a registered compose hash", () => {
  it.each(["web-base", "web-ethereum", "web-base-legacy-465"])(
    "comes back as data with a ready transaction (%s)",
    async (id) => {
      await using gateway = await startGateway();
      const { data: known } = await gateway.ask(
        "query ($id: ID!) { cvm(id: $id) { appId kms { chainId contractAddress } } }",
        { id },
      );
      const { data, errors } = await gateway.ask(CONFIGURE, { input: { id, publicLogs: false } });
      expect(errors).toBeUndefined();
      const required = data.configureCvm;
      expect(required).toMatchObject({
        __typename: "OnChainHashRequired",
        why: expect.stringMatching(/./),
        composeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        appId: known.cvm.appId,
        kms: { chainId: known.cvm.kms.chainId, contractAddress: known.cvm.kms.contractAddress },
        commitToken: null,
        transaction: {
          chainId: known.cvm.kms.chainId,
          to: `0x${known.cvm.appId}`,
          data: `0xdfc77223${required.composeHash}`,
          value: "0x0",
        },
      });
      expect(required.transaction.to).not.toBe(required.kms.contractAddress);
      expect(writes(await gateway.calls())).toHaveLength(1);
    },
  );

  it("has the call data that other implementations make", () => {
    const vector = JSON.parse(
      readFileSync(new URL("../vectors/on-chain-call.json", import.meta.url), "utf8"),
    );
    expect(vector.addComposeHashData).toBe(`0xdfc77223${vector.composeHash}`);
  });

  it("is applied by confirmCvmPatch once the wallet has sent the transaction", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-base", publicLogs: false, vcpu: 4 } });
    const { composeHash, transaction } = data.configureCvm;
    const transactionHash = await gateway.sendTransaction(transaction);
    await gateway.calls();
    const answer = await gateway.ask(CONFIRM, {
      input: { id: "web-base", composeHash: `0x${composeHash}`, transactionHash },
    });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.confirmCvmPatch).toMatchObject({
      status: "IN_PROGRESS",
      cvm: { progress: { target: "running" } },
    });
    const [patch] = writes(await gateway.calls());
    expect(patch).toMatchObject({
      method: "PATCH",
      path: "/cvms/web-base",
      body: {},
      headers: { "x-compose-hash": composeHash, "x-transaction-hash": transactionHash },
    });
    await gateway.advance(15_000);
    const after = await gateway.ask(
      '{ cvm(id: "web-base") { visibility { publicLogs } resources { vcpu } compose { hash } } }',
    );
    expect(after.data.cvm).toEqual({
      visibility: { publicLogs: false },
      resources: { vcpu: 4 },
      compose: { hash: composeHash },
    });
  });

  it("is refused on confirmation by the code that says why", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-base", publicLogs: false } });
    const { composeHash } = data.configureCvm;
    const confirm = async (input: object) =>
      (await gateway.ask(CONFIRM, { input: { id: "web-base", ...input } })).errors?.[0]?.extensions;
    const unknown = "11".repeat(32);
    expect(await confirm({ composeHash: unknown, transactionHash: unknown })).toMatchObject({
      code: "HASH_INVALID_OR_EXPIRED",
      upstream: { status: 466 },
    });
    expect(await confirm({ composeHash, transactionHash: unknown })).toMatchObject({
      code: "TRANSACTION_NOT_VERIFIED",
      retryable: true,
      upstream: { status: 467 },
    });
    await gateway.advance(7 * 24 * 3_600_000 + 1);
    expect(await confirm({ composeHash, transactionHash: unknown })).toMatchObject({
      code: "HASH_INVALID_OR_EXPIRED",
    });
  });

  it.each([
    ["composeHash", { composeHash: "ab", transactionHash: "11".repeat(32) }],
    ["transactionHash", { composeHash: "11".repeat(32), transactionHash: "" }],
  ])("wants 32 bytes as %s", async (name, input) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIRM, { input: { id: "web-base", ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: `input.${name}` }],
    });
    expect(await gateway.calls()).toEqual([]);
  });
});

describe("a prepared change", () => {
  it("applies nothing and is completed by its token, once, without the caller's credential", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, {
      input: { id: "web-base", publicLogs: false, prepareOnly: true },
    });
    const prepared = data.configureCvm;
    expect(prepared).toMatchObject({
      __typename: "OnChainHashRequired",
      commitToken: expect.stringMatching(/./),
      commitUrl: expect.stringMatching(/^http/),
      apiCommitUrl: expect.stringContaining("commit-update"),
      onChainStatus: { composeHashAllowed: false, isAllowed: false },
    });
    const [patch] = writes(await gateway.calls());
    expect(patch?.headers).toMatchObject({ "x-prepare-only": "true" });

    const transactionHash = await gateway.sendTransaction(prepared.transaction);
    const { data: cvm } = await gateway.ask('{ cvm(id: "web-base") { id inProgress } }');
    expect(cvm.cvm.inProgress).toBe(false);
    const input = {
      id: cvm.cvm.id,
      token: prepared.commitToken,
      composeHash: prepared.composeHash,
      transactionHash,
    };
    await gateway.calls();
    const committed = await gateway.ask(COMMIT, { input }, {});
    expect(committed.errors).toBeUndefined();
    expect(committed.data.commitCvmUpdate).toMatchObject({
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
    });
    const [commit] = writes(await gateway.calls());
    expect(commit).toMatchObject({
      method: "POST",
      path: `/cvms/${cvm.cvm.id}/commit-update`,
      body: {
        token: prepared.commitToken,
        compose_hash: prepared.composeHash,
        transaction_hash: transactionHash,
      },
    });

    await gateway.advance(15_000);
    const again = await gateway.ask(COMMIT, { input });
    expect(again.errors).toHaveLength(1);
    expect(JSON.stringify(again)).not.toContain(prepared.commitToken);
  });

  it.each(["web-phala", "web-legacy"])(
    "is refused where the KMS is not on chain, since it would be applied at once (%s)",
    async (id) => {
      await using gateway = await startGateway();
      const { errors } = await gateway.ask(CONFIGURE, {
        input: { id, publicLogs: false, prepareOnly: true },
      });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: "input.prepareOnly" }],
      });
      expect(writes(await gateway.calls())).toEqual([]);
    },
  );

  it.each([
    ["only resources", { vcpu: 8 }],
    ["only guest settings", { userConfig: "{}" }],
    ["a compose setting that stays as it is", { publicLogs: true, vcpu: 8 }],
    ["a sealed environment whose keys stay", { env: { encrypted: { encryptedEnv: sealed } } }],
  ])("is refused where it needs no hash, since it would be applied at once: %s", async (_name, fields) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-base", prepareOnly: true, ...fields },
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.prepareOnly" }],
    });
    expect(writes(await gateway.calls())).toEqual([]);
  });
});

describe("a write whose answer is lost", () => {
  it("is OUTCOME_UNKNOWN and is never sent twice", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "fails-reset", vcpu: 4 } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "OUTCOME_UNKNOWN", retryable: false });
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it.each([
    ["fails-503", "UPSTREAM_UNAVAILABLE"],
    ["fails-429", "RATE_LIMITED"],
    ["fails-malformed", "UPSTREAM_MALFORMED"],
  ])("or refused (%s) is sent once", async (id, code) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id, vcpu: 4 } });
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it("is awaited to its end when the client has left, and read calls are not", async () => {
    const seen: string[] = [];
    await using upstream = await serve((request, response) => {
      seen.push(`${request.method} arrives`);
      response.on("close", () => {
        seen.push(`${request.method} ${response.writableFinished ? "answered" : "abandoned"}`);
      });
      request.resume().on("end", () => {
        setTimeout(
          () =>
            response.writeHead(202, { "content-type": "application/json" }).end('{"correlation_id":"c-1"}'),
          150,
        );
      });
    });
    const { app, close } = createGateway(upstream.url);
    await using front = await serve(app);
    for (const query of [
      'mutation { configureCvm(input: { id: "x", vcpu: 1 }) { __typename } }',
      '{ cvm(id: "x") { id } }',
    ]) {
      const client = new AbortController();
      const request = fetch(`${front.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "k" },
        body: JSON.stringify({ query }),
        signal: client.signal,
      }).catch(() => {});
      await expect
        .poll(() => seen.filter((line) => line.endsWith("arrives")).length)
        .toBe(query.startsWith("m") ? 1 : 2);
      client.abort();
      await request;
      await expect.poll(() => seen.length).toBe(query.startsWith("m") ? 2 : 4);
    }
    expect(seen).toEqual(["PATCH arrives", "PATCH answered", "GET arrives", "GET abandoned"]);
    await close();
  });
});
