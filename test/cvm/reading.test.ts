import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";

const EVERYTHING = `query ($id: ID!) {
  cvm(id: $id) {
    __typename id name appId vmUuid instanceId status rawStatus inProgress
    progress { target startedAt correlationId }
    resources { instanceType vcpu memoryMb diskSizeGb gpuCount hourlyRate billingPeriod rawBillingPeriod }
    os { name version isDev imageHash }
    visibility { publicSysinfo publicLogs publicTcbinfo }
    kms { type rawType chainId contractAddress appContractAddress requiresOnChainHash }
    node { name region deviceId }
    endpoints { app instance }
    createdAt configVersion dockerCompose preLaunchScript
    compose { hash dockerComposeFile preLaunchScript allowedEnvs features runner manifestVersion kmsEnabled gatewayEnabled publicLogs publicSysinfo publicTcbinfo storageFs json }
    availableOsImages { version prod { name slug osImageHash isCurrent enabled requiresGpu } dev { name slug isCurrent enabled } }
    state { status rawStatus inProgress uptime bootProgress bootError shutdownProgress operation { type phase startedAt correlationId } resourceUsage { cpuPercent memoryUsedBytes memoryTotalBytes egressBytes } events { event body timestamp } }
    stats { isOnline isPublic error sysinfo { osName cpuCount totalMemoryBytes uptimeSeconds loadAverageOne disks { name totalBytes freeBytes } } }
    network { isOnline isPublic error internalIp latestHandshake publicUrls { app instance } }
    containers { id names image createdAt state status logEndpoint }
    attestation { isOnline error name appCertificates { subject { commonName } positionInChain } tcbInfo { mrtd rtmr3 appCompose eventLog { imr event } } composeFile }
    userConfig { hostname sshAuthorizedKeys defaultGatewayDomain }
  }
}`;

const paths = (calls: readonly { method: string; path: string }[]) =>
  calls.map(({ method, path }) => `${method} ${path}`);

describe("Query.cvm", () => {
  it("returns every field and fetches each resource once", async () => {
    await using gateway = await startGateway();
    const { data, errors } = await gateway.ask(EVERYTHING, { id: "web-base" });
    expect(errors).toBeUndefined();
    const { cvm } = data;
    expect(cvm).toMatchObject({
      __typename: "Cvm",
      id: expect.stringMatching(/^cvm_/),
      name: "web-base",
      appId: expect.stringMatching(/^[0-9a-f]{40}$/),
      status: "RUNNING",
      rawStatus: "running",
      inProgress: false,
      progress: null,
      kms: { type: "BASE", chainId: 8453, requiresOnChainHash: true, appContractAddress: `0x${cvm.appId}` },
      compose: {
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        dockerComposeFile: cvm.dockerCompose,
        runner: "docker-compose",
      },
      state: { status: "RUNNING", bootProgress: "done", bootError: null },
      stats: { isOnline: true, error: null },
    });
    expect(cvm.resources.memoryMb).toBeGreaterThan(100);
    expect(cvm.stats.sysinfo.totalMemoryBytes).toBeGreaterThan(2 ** 31);
    expect(cvm.compose.json.allowed_envs).toEqual(cvm.compose.allowedEnvs);
    expect(cvm.attestation.tcbInfo.appCompose).toContain("docker_compose_file");
    expect(new Date(cvm.createdAt).toISOString()).toBe(cvm.createdAt);
    const id = `/cvms/${cvm.id}`;
    expect(paths(await gateway.calls()).sort()).toEqual(
      [
        "GET /cvms/web-base",
        `GET ${id}/attestation`,
        `GET ${id}/available-os-images`,
        `GET ${id}/compose_file`,
        `GET ${id}/composition`,
        `GET ${id}/docker-compose.yml`,
        `GET ${id}/network`,
        `GET ${id}/pre-launch-script`,
        `GET ${id}/stats`,
        `GET ${id}/user_config`,
        "POST /status/batch",
      ].sort(),
    );
  });

  it("fetches only what is selected", async () => {
    await using gateway = await startGateway();
    await gateway.ask('{ cvm(id: "web-phala") { id name resources { vcpu } configVersion } }');
    expect(paths(await gateway.calls())).toEqual(["GET /cvms/web-phala"]);
  });

  it("makes one call for a field that is selected under three aliases", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(
      '{ cvm(id: "web-phala") { a: compose { hash } b: compose { runner } c: compose { allowedEnvs } } again: cvm(id: "web-phala") { id } }',
    );
    expect(data.cvm.a.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(paths(await gateway.calls())).toEqual([
      "GET /cvms/web-phala",
      expect.stringContaining("/compose_file"),
    ]);
  });

  it("finds a CVM by each identifier that the REST API accepts", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask('{ cvm(id: "web-phala") { id vmUuid appId instanceId } }');
    const { id, vmUuid, appId, instanceId } = data.cvm;
    const forms = [
      id,
      vmUuid,
      vmUuid.replaceAll("-", ""),
      `app_${appId}`,
      appId,
      `0x${appId.toUpperCase()}`,
      `instance_${instanceId}`,
    ];
    for (const form of forms) {
      const answer = await gateway.ask("query ($id: ID!) { cvm(id: $id) { id } }", { id: form });
      expect(answer.data, form).toEqual({ cvm: { id } });
    }
  });

  it("returns null for a CVM that the caller does not own, and an error for an invalid identifier", async () => {
    await using gateway = await startGateway();
    expect((await gateway.ask('{ cvm(id: "no-such-cvm") { id } }')).data).toEqual({ cvm: null });
    await gateway.calls();
    const { errors } = await gateway.ask('{ cvm(id: "../../auth/me") { id } }');
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: "id" }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it("fails with an ambiguity error for an app id with several replicas", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask('{ cvm(id: "replica-one") { appId } }');
    const { errors } = await gateway.ask("query ($id: ID!) { cvm(id: $id) { id } }", { id: data.cvm.appId });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "AMBIGUOUS_CVM",
      upstream: { errorCode: "ERR-03-010" },
    });
  });

  it("node and nodes return objects by their global ids, or null for an unknown id", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask('{ cvm(id: "web-phala") { id } }');
    const answer = await gateway.ask(
      'query ($id: ID!) { node(id: $id) { __typename id ... on Cvm { name } } nodes(ids: [$id, "cvm_unknown1", "web-phala"]) { id } }',
      data.cvm,
    );
    expect(answer.data).toEqual({
      node: { __typename: "Cvm", id: data.cvm.id, name: "web-phala" },
      nodes: [{ id: data.cvm.id }, null, null],
    });
  });

  it("returns null for the script of a CVM without one", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(
      '{ cvm(id: "no-script") { preLaunchScript compose { preLaunchScript } } }',
    );
    expect(data.cvm).toEqual({ preLaunchScript: null, compose: { preLaunchScript: null } });
  });

  it("fails only the field whose upstream call fails", async () => {
    await using gateway = await startGateway({
      environment: { UPSTREAM_READ_TIMEOUT_MS: "1500", MAX_UPSTREAM_CALLS: "200" },
    });
    const { data, errors } = await gateway.ask(
      "{ cvms(first: 100) { nodes { name state { status } dockerCompose } } }",
    );
    const failing = data.cvms.nodes.findIndex(({ name }: { name: string }) => name === "fails-503");
    expect(failing).toBeGreaterThan(-1);
    expect(data.cvms.nodes[failing]).toMatchObject({ dockerCompose: null, state: { status: "RUNNING" } });
    const error = errors?.find(({ path }) => path?.[2] === failing);
    expect(error).toMatchObject({
      path: ["cvms", "nodes", failing, "dockerCompose"],
      extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, upstream: { status: 503 } },
    });
    expect(
      data.cvms.nodes.find(({ name }: { name: string }) => name === "web-phala").dockerCompose,
    ).toContain("services:");
  });
});

describe("Query.cvms", () => {
  it.each([1, 20])("makes two upstream calls for a page of %i with live state", async (first) => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(
      "query ($first: Int) { cvms(first: $first) { nodes { id state { status } } } }",
      { first },
    );
    expect(data.cvms.nodes).toHaveLength(first);
    const calls = await gateway.calls();
    expect(paths(calls)).toEqual(["GET /cvms/paginated", "POST /status/batch"]);
    expect(calls[1]?.body.vm_uuids).toHaveLength(first);
  });

  it("returns every CVM over all pages, with one call per page", async () => {
    await using gateway = await startGateway();
    const seen: string[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const { data } = await gateway.ask(
        "query ($after: String) { cvms(first: 7, after: $after) { totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
        { after },
      );
      const { edges, pageInfo, totalCount } = data.cvms;
      expect(pageInfo.hasPreviousPage).toBe(pages > 0);
      expect(pageInfo.startCursor).toBe(edges[0].cursor);
      seen.push(...edges.map((edge: { node: { id: string } }) => edge.node.id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      pages += 1;
      if (after === null) expect(seen).toHaveLength(totalCount);
    } while (after !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(await gateway.calls()).toHaveLength(pages);
  });

  it("continues at the right item when the page size changes", async () => {
    await using gateway = await startGateway();
    const query =
      "query ($first: Int, $after: String) { cvms(first: $first, after: $after) { nodes { id } pageInfo { endCursor } } }";
    const all = (await gateway.ask(query, { first: 30 })).data.cvms.nodes;
    const head = (await gateway.ask(query, { first: 3 })).data.cvms;
    const tail = (await gateway.ask(query, { first: 20, after: head.pageInfo.endCursor })).data.cvms;
    expect([...head.nodes, ...tail.nodes]).toEqual(all.slice(0, 23));
  });

  it.each([
    ["first", { first: 0 }],
    ["first", { first: 101 }],
    ["after", { after: "bm90IGEgY3Vyc29y" }],
  ])("rejects an invalid %s and sends nothing", async (path, variables) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(
      "query ($first: Int, $after: String) { cvms(first: $first, after: $after) { totalCount } }",
      variables,
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path }] });
    expect(await gateway.calls()).toEqual([]);
  });
});
