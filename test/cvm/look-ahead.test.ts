import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import type { Reply } from "../support/upstream/reply.ts";
import { CVM, KEY, nameCall, startScripted } from "../support/upstream/scripted.ts";

const PATH = "/cvms/cvm_web";
const bodies: Readonly<Record<string, unknown>> = {
  [`GET ${PATH}/stats`]: { is_online: true, is_public: true, sysinfo: { uptime: 7 } },
  [`GET ${PATH}/network`]: { is_online: true, is_public: true, internal_ip: "10.0.0.1" },
  [`GET ${PATH}/composition`]: { containers: [{ id: "c1" }] },
  [`GET ${PATH}/operations`]: { items: [{ correlation_id: "op-1", status: "completed" }], total: 1 },
};

const OPERATION_ID = `op_${Buffer.from("cvm_web:op-1").toString("base64url")}`;

const refuse = (status: number): Reply => ({ status, body: { detail: "No such object." } });

/**
 * Ask a gateway whose upstream answers the read of the CVM last: once no other call has arrived for a while.
 *
 * @returns the answer, the calls that arrived before the CVM was answered, and all calls; and their paths with query
 */
async function askWithSlowCvm(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  cvmReply: Reply = { body: CVM },
  otherStatus = 200,
) {
  let early: readonly string[] = [];
  await using upstream = await startScripted(async (request) => {
    const call = nameCall(request);
    if (otherStatus !== 200 && !/^GET \/cvms\/[^/]+$/.test(call)) return refuse(otherStatus);
    if (!/^GET \/cvms\/[^/]+$/.test(call)) return { body: bodies[call] ?? {} };
    await new Promise((resolve) => setTimeout(resolve, 80));
    early = upstream.requests.map(nameCall);
    return cvmReply;
  });
  const { app, close } = createGateway(upstream.url);
  try {
    const headers = { "x-api-key": KEY, "x-upstream-stats": "true" };
    const answer = await ask(app, query, variables, headers);
    const paths = upstream.requests.map(({ path }) => path).sort();
    return { answer, early: [...early].sort(), calls: upstream.requests.map(nameCall).sort(), paths };
  } finally {
    await close();
  }
}

const THREE = "id stats { sysinfo { uptimeSeconds } } network { internalIp } containers { id }";
const all = [`GET ${PATH}`, `GET ${PATH}/composition`, `GET ${PATH}/network`, `GET ${PATH}/stats`];

describe("the reads of a CVM that is selected by its own id", () => {
  it.each([
    ["cvm", `{ cvm(id: "cvm_web") { ${THREE} } }`],
    ["node", `{ cvm: node(id: "cvm_web") { ... on Cvm { ${THREE} } } }`],
    [
      "a named fragment on Node",
      `{ cvm(id: "cvm_web") { ...N } } fragment N on Node { ... on Cvm { ${THREE} } }`,
    ],
  ])("are sent in parallel with the read of the CVM: %s", async (_name, query) => {
    const { answer, early, calls } = await askWithSlowCvm(query);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.cvm).toEqual({
      id: "cvm_web",
      stats: { sysinfo: { uptimeSeconds: 7 } },
      network: { internalIp: "10.0.0.1" },
      containers: [{ id: "c1" }],
    });
    expect(early).toEqual(all);
    expect(calls).toEqual(all);
    expect(answer).toMatchObject({ extensions: { upstream: { calls: 4, deduplicated: 0 } } });
  });

  it("are those of the included fields only, and each is sent once for all its aliases", async () => {
    const { early, calls, answer } = await askWithSlowCvm(
      `query ($no: Boolean!, $yes: Boolean!) {
        cvm(id: "cvm_web") {
          a: stats { isOnline } b: stats { isPublic } ...F @skip(if: $yes)
          network @include(if: $no) { internalIp } ... @skip(if: $yes) { containers { id } }
        }
      }
      fragment F on Cvm { userConfig { hostname } }`,
      { no: false, yes: true },
    );
    expect(answer.errors).toBeUndefined();
    expect(early).toEqual([`GET ${PATH}`, `GET ${PATH}/stats`]);
    expect(calls).toEqual(early);
    expect(answer).toMatchObject({ extensions: { upstream: { calls: 2, deduplicated: 1 } } });
  });

  it("are the same in an operation that runs so often that it is compiled", async () => {
    const arrived: string[] = [];
    await using upstream = await startScripted(async (request) => {
      const call = nameCall(request);
      arrived.push(call);
      if (call !== `GET ${PATH}`) return { body: bodies[call] ?? {} };
      await new Promise((resolve) => setTimeout(resolve, 30));
      arrived.push("answer of the CVM");
      return { body: CVM };
    });
    const { app, close } = createGateway(upstream.url);
    const query = `query ($no: Boolean!, $first: Int!) {
      cvm(id: "cvm_web") { ...S network @include(if: $no) { error } operations(first: $first) { totalCount } }
    }
    fragment S on Cvm { stats { isOnline } }`;
    const operation = `query ($first: Int!) {
      operation(cvmId: "cvm_web", correlationId: "op-1") {
        cvm { stats { isOnline } more: operations(first: $first) { totalCount } }
      }
    }`;
    const history = `GET ${PATH}/operations`;
    const early = [`GET ${PATH}`, history, `GET ${PATH}/stats`];
    for (let round = 0; round < 8; round += 1) {
      for (const [document, calls] of [
        [query, early],
        [operation, [...early, history].sort()],
      ] as const) {
        arrived.length = 0;
        const { errors } = await ask(app, document, { no: false, first: 4 }, { "x-api-key": KEY });
        expect(errors).toBeUndefined();
        expect(arrived.pop()).toBe("answer of the CVM");
        expect(arrived.sort()).toEqual(calls);
      }
    }
    await close();
  });

  it("are sent after the read of the CVM when it is selected by another identifier", async () => {
    const { early, calls, answer } = await askWithSlowCvm(`{ cvm(id: "web") { ${THREE} } }`);
    expect(answer.errors).toBeUndefined();
    expect(early).toEqual(["GET /cvms/web"]);
    expect(calls).toHaveLength(4);
  });

  it("leave no trace in the answer when the CVM does not exist", async () => {
    const { answer } = await askWithSlowCvm(`{ cvm(id: "cvm_web") { ${THREE} } }`, {}, refuse(404), 404);
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ cvm: null });
  });

  it("fail alone, at their own field", async () => {
    const { answer } = await askWithSlowCvm(
      '{ cvm(id: "cvm_web") { id stats { isOnline } } }',
      {},
      undefined,
      403,
    );
    expect(answer.data.cvm).toEqual({ id: "cvm_web", stats: null });
    expect(answer.errors).toMatchObject([{ path: ["cvm", "stats"], extensions: { code: "FORBIDDEN" } }]);
  });
});

describe("the operations of a CVM that is selected by its own id", () => {
  const OPERATIONS = `GET ${PATH}/operations`;
  const after = Buffer.from(`ops:${JSON.stringify(["page-2", null])}`).toString("base64url");
  const afterOperation = Buffer.from(`ops:${JSON.stringify([null, "op-0"])}`).toString("base64url");

  it("are sent in parallel, once for each page that the arguments and variables ask for", async () => {
    const { answer, early, calls, paths } = await askWithSlowCvm(
      `query ($first: Int!, $after: String) {
        cvm(id: "cvm_web") {
          a: operations(first: $first) { nodes { correlationId } } b: operations(first: 7) { totalCount }
          c: operations { totalCount } d: operations(first: 3, after: $after) { totalCount }
        }
      }`,
      { first: 7, after },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.cvm.a).toEqual({ nodes: [{ correlationId: "op-1" }] });
    expect(early).toEqual([`GET ${PATH}`, OPERATIONS, OPERATIONS, OPERATIONS]);
    expect(calls).toEqual(early);
    const pages = ["?limit=20", "?limit=3&cursor=page-2", "?limit=7"];
    expect(paths.slice(1)).toEqual(pages.map((query) => `${PATH}/operations${query}`));
    expect(answer).toMatchObject({ extensions: { upstream: { calls: 4, deduplicated: 1 } } });
  });

  it("are sent as a whole page when the position of a cursor has to be found", async () => {
    const { answer, early, paths } = await askWithSlowCvm(
      `{ cvm(id: "cvm_web") { operations(first: 2, after: "${afterOperation}") { totalCount } } }`,
    );
    expect(answer.errors).toMatchObject([{ path: ["cvm", "operations"] }]);
    expect(early).toEqual([`GET ${PATH}`, OPERATIONS]);
    expect(paths).toEqual([PATH, `${PATH}/operations?limit=100`]);
  });

  it.each(["first: 0", "first: 101", 'after: "no cursor"'])("are not sent for %s", async (argument) => {
    const { answer, calls } = await askWithSlowCvm(
      `{ cvm(id: "cvm_web") { operations(${argument}) { totalCount } } }`,
    );
    expect(answer.errors).toMatchObject([{ path: ["cvm", "operations"] }]);
    expect(answer.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(calls).toEqual([`GET ${PATH}`]);
  });

  it("leave the calls that need the CVM itself behind its read", async () => {
    const { early, calls } = await askWithSlowCvm(
      '{ cvm(id: "cvm_web") { operations { totalCount } state { status } revisions { totalCount } onChain { owner } } }',
    );
    expect(early).toEqual([`GET ${PATH}`, OPERATIONS]);
    expect(calls).toEqual([
      `GET /apps/${CVM.app_id}/revisions`,
      `GET ${PATH}`,
      OPERATIONS,
      "POST /status/batch",
    ]);
  });

  it.each([
    ["operation", (fields: string) => `operation(cvmId: "cvm_web", correlationId: "op-1") { ${fields} }`],
    ["node", (fields: string) => `operation: node(id: "${OPERATION_ID}") { ... on Operation { ${fields} } }`],
  ])("and the CVM of one of them are read in parallel: %s", async (_name, select) => {
    const { answer, early, calls } = await askWithSlowCvm(
      `{ ${select("status cvm { name stats { isOnline } containers { id } }")} }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.operation).toEqual({
      status: "COMPLETED",
      cvm: { name: "web", stats: { isOnline: true }, containers: [{ id: "c1" }] },
    });
    expect(early).toEqual([`GET ${PATH}`, `GET ${PATH}/composition`, OPERATIONS, `GET ${PATH}/stats`]);
    expect(calls).toEqual(early);
  });

  it("leave no trace in the answer when the CVM of an operation does not exist", async () => {
    const query =
      '{ operation(cvmId: "cvm_web", correlationId: "op-1") { status cvm { stats { isOnline } } } }';
    const { answer } = await askWithSlowCvm(query, {}, refuse(404), 404);
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ operation: null });
  });

  it("are sent after the CVM when it or its operation is selected by another identifier", async () => {
    const query = `{
      cvm(id: "web") { operations { totalCount } }
      operation(cvmId: "web", correlationId: "op-1") { status }
    }`;
    const { early, calls } = await askWithSlowCvm(query);
    expect(early).toEqual(["GET /cvms/web"]);
    expect(calls).toHaveLength(3);
  });
});
