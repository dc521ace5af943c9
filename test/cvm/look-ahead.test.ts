import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import type { Reply } from "../support/upstream/reply.ts";
import { CVM, KEY, nameCall, startScripted } from "../support/upstream/scripted.ts";

const PATH = "/cvms/cvm_web";
const bodies: Readonly<Record<string, unknown>> = {
  [`GET ${PATH}/stats`]: { is_online: true, is_public: true, sysinfo: { uptime: 7 } },
  [`GET ${PATH}/network`]: { is_online: true, is_public: true, internal_ip: "10.0.0.1" },
  [`GET ${PATH}/composition`]: { containers: [{ id: "c1" }] },
};

const refuse = (status: number): Reply => ({ status, body: { detail: "No such object." } });

/**
 * Ask a gateway whose upstream answers the read of the CVM last: once no other call has arrived for a while.
 *
 * @returns the answer, the calls that arrived before the CVM was answered, and all calls
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
    return { answer, early: [...early].sort(), calls: upstream.requests.map(nameCall).sort() };
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
    const query =
      'query ($no: Boolean!) { cvm(id: "cvm_web") { ...S network @include(if: $no) { error } } } fragment S on Cvm { stats { isOnline } }';
    for (let round = 0; round < 8; round += 1) {
      arrived.length = 0;
      const { errors } = await ask(app, query, { no: false }, { "x-api-key": KEY });
      expect(errors).toBeUndefined();
      expect(arrived).toEqual([`GET ${PATH}`, `GET ${PATH}/stats`, "answer of the CVM"]);
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
