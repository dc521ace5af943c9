import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { COMMIT_UPDATE, CONFIGURE, CONFIRM, listWrites, writeMutation } from "../support/mutations.ts";
import { until } from "../support/streaming-gateway.ts";
import type { RecordedRequest, Reply } from "../support/upstream/reply.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const STOP = writeMutation("stopCvm", "status");
const HASH = "ab".repeat(32);
const PROOF = { composeHash: HASH, transactionHash: HASH };
const TAKEN: Reply = { status: 202, body: { status: "in_progress", correlation_id: "corr-12345678" } };
/** The repeat comes two seconds later, so that it is not among the other writes on a slow machine. */
const UNVERIFIED: Reply = { status: 467, body: { detail: "not found" }, headers: { "retry-after": "2" } };

/** An upstream with one CVM, and a gateway in front of it. Writes are answered when the test releases them. */
async function start(environment: Readonly<Record<string, string>> = {}) {
  const held: { readonly request: RecordedRequest; readonly release: (reply?: Reply) => void }[] = [];
  const state = { cvm: { body: CVM } as Reply };
  const upstream = await startScripted((request) => {
    if (request.method === "GET") return state.cvm;
    if (request.path.endsWith("/is-allowed")) return { body: { is_allowed: true, device_id_allowed: true } };
    if (request.path.endsWith("/stop")) return TAKEN;
    if (request.path.endsWith("/is-allowed")) return { status: 404, body: { detail: "Not Found" } };
    return new Promise((resolve) => {
      held.push({ request, release: (reply = TAKEN) => resolve(reply) });
    });
  });
  const gateway = createGateway(upstream.url, { environment });
  return {
    ...gateway,
    state,
    /** The writes that wait for their answer, in the order of their arrival. */
    held,
    requests: upstream.requests,
    send: (query: string, input: object, headers: Record<string, string> = { "x-api-key": "key-a" }) =>
      ask(gateway.app, query, { input: { id: "web", ...input } }, headers),
    /** Wait until this many writes have arrived. */
    arrived: (count: number) => until(() => held.length >= count),
    async [Symbol.asyncDispose]() {
      for (const { release } of held) release();
      await upstream[Symbol.asyncDispose]();
      await gateway.close();
    },
  };
}

/** Give a write that should wait the time to arrive. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

const ENDED = { status: "IN_PROGRESS" };

describe("a write that the REST API has not answered", () => {
  it.each([
    ["another tenant", { "x-api-key": "key-b" }],
    ["another workspace of the same key", { "x-api-key": "key-a", "x-phala-workspace": "team-b" }],
  ])("does not delay a write of %s to a CVM of the same name", async (_who, headers) => {
    await using gateway = await start();
    const first = gateway.send(CONFIGURE, { vcpu: 2 });
    await gateway.arrived(1);
    const other = gateway.send(CONFIGURE, { vcpu: 4 }, headers);
    await gateway.arrived(2);
    gateway.held[1]?.release();
    expect((await other).data.configureCvm).toMatchObject(ENDED);
    gateway.held[0]?.release();
    expect((await first).data.configureCvm).toMatchObject(ENDED);
    expect(gateway.cvmLocks.size).toBe(0);
  });

  it("does not delay stopCvm, which sends nothing but the stop", async () => {
    await using gateway = await start();
    const first = gateway.send(CONFIGURE, { vcpu: 2 });
    await gateway.arrived(1);
    const before = gateway.requests.length;
    expect((await gateway.send(STOP, {})).data.stopCvm).toEqual(ENDED);
    expect(gateway.requests.slice(before).map(({ path }) => path)).toEqual(["/cvms/web/stop"]);
    gateway.held[0]?.release();
    await first;
  });

  it("delays the next write to the CVM, by name, id or UUID, until it is answered", async () => {
    await using gateway = await start();
    const ids = ["web", CVM.id, CVM.vm_uuid, "web"];
    const writes = [];
    for (const [index, id] of ids.entries()) {
      writes.push(gateway.send(CONFIGURE, { id, vcpu: index + 1 }));
      await settle();
    }
    expect(gateway.cvmLocks.size).toBe(1);
    for (const [index] of ids.entries()) {
      await gateway.arrived(index + 1);
      await settle();
      expect(gateway.held).toHaveLength(index + 1);
      gateway.held[index]?.release();
    }
    for (const { data } of await Promise.all(writes)) expect(data.configureCvm).toMatchObject(ENDED);
    expect(gateway.held.map(({ request }) => JSON.parse(request.body).vcpu)).toEqual([1, 2, 3, 4]);
    expect(gateway.cvmLocks.size).toBe(0);
  });

  it("gives the turn to the next write when it fails", async () => {
    await using gateway = await start();
    const first = gateway.send(CONFIGURE, { vcpu: 2 });
    await gateway.arrived(1);
    const second = gateway.send(CONFIGURE, { vcpu: 4 });
    gateway.held[0]?.release({ status: 500, body: {} });
    await gateway.arrived(2);
    gateway.held[1]?.release();
    expect((await first).errors).toHaveLength(1);
    expect((await second).data.configureCvm).toMatchObject(ENDED);
  });
});

describe("a write that waits for its turn", () => {
  it("ends when its client leaves, and nothing is sent", async () => {
    await using gateway = await start();
    const first = gateway.send(CONFIGURE, { vcpu: 2 });
    await gateway.arrived(1);
    const client = new AbortController();
    const left = Promise.resolve(
      gateway.app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "key-a" },
        body: JSON.stringify({ query: CONFIGURE, variables: { input: { id: CVM.id, vcpu: 4 } } }),
        signal: client.signal,
      }),
    ).catch(() => null);
    await settle();
    const last = gateway.send(CONFIGURE, { id: CVM.id, vcpu: 8 });
    await settle();
    client.abort();
    await left;
    await settle();
    gateway.held[0]?.release();
    await gateway.arrived(2);
    gateway.held[1]?.release();
    await Promise.all([first, last]);
    expect(gateway.held.map(({ request }) => JSON.parse(request.body).vcpu)).toEqual([2, 8]);
    expect(gateway.cvmLocks.size).toBe(0);
  });

  it("fails with CANCELLED at the end of the time of its request, and nothing is sent", async () => {
    await using gateway = await start({ REQUEST_TIMEOUT_MS: "1000" });
    const first = gateway.send(CONFIGURE, { vcpu: 2 });
    await gateway.arrived(1);
    const input = { vcpu: 4, idempotencyKey: "key-1" };
    const { errors } = await gateway.send(CONFIGURE, input);
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining("Nothing was sent"),
        extensions: { code: "CANCELLED", retryable: true },
      },
    ]);
    gateway.held[0]?.release();
    expect((await first).data.configureCvm).toMatchObject(ENDED);
    expect(gateway.held).toHaveLength(1);
    // The idempotency key is free again.
    const again = gateway.send(CONFIGURE, input);
    await gateway.arrived(2);
    gateway.held[1]?.release();
    expect((await again).data.configureCvm).toMatchObject(ENDED);
  });

  it("checks the CVM as the write before it has left it", async () => {
    await using gateway = await start();
    const first = gateway.send(CONFIGURE, { diskSizeGb: 40 });
    await gateway.arrived(1);
    const second = gateway.send(CONFIGURE, { diskSizeGb: 30 });
    await settle();
    gateway.state.cvm = { body: { ...CVM, resource: { ...CVM.resource, disk_in_gb: 40 } } };
    gateway.held[0]?.release();
    await first;
    expect((await second).errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.diskSizeGb" }],
    });
    expect(gateway.held).toHaveLength(1);
  });
});

describe("a confirmation that waits for its transaction", () => {
  it("delays no other write in the meantime, neither of another tenant nor of its own", async () => {
    await using gateway = await start();
    const confirmation = gateway.send(CONFIRM, { ...PROOF, waitForTransactionSeconds: 10 });
    await gateway.arrived(1);
    gateway.held[0]?.release(UNVERIFIED);
    await settle();
    const started = performance.now();
    const other = gateway.send(CONFIGURE, { vcpu: 4 }, { "x-api-key": "key-b" });
    const own = gateway.send(CONFIGURE, { id: CVM.id, vcpu: 8 });
    await gateway.arrived(3);
    for (const { release } of gateway.held) release();
    for (const { data } of await Promise.all([other, own])) expect(data.configureCvm).toMatchObject(ENDED);
    expect((await gateway.send(STOP, {})).data.stopCvm).toEqual(ENDED);
    expect(performance.now() - started).toBeLessThan(1_800);
    expect(gateway.held).toHaveLength(3);
    await gateway.arrived(4);
    gateway.held[3]?.release();
    expect((await confirmation).data.confirmCvmPatch).toMatchObject(ENDED);
  });
});

describe("the lock of commitCvmUpdate", () => {
  const commit = (token: string) => ({ token, ...PROOF });

  it("belongs to the commit token, so a stranger with another token delays nobody", async () => {
    await using gateway = await start();
    const stranger = gateway.send(COMMIT_UPDATE, commit("made-up"), {});
    await gateway.arrived(1);
    const owner = gateway.send(COMMIT_UPDATE, commit("prepared"));
    const write = gateway.send(CONFIGURE, { vcpu: 2 });
    await gateway.arrived(3);
    for (const { release } of gateway.held) release();
    expect((await owner).data.commitCvmUpdate).toMatchObject(ENDED);
    expect((await write).data.configureCvm).toMatchObject(ENDED);
    await stranger;
  });

  it("makes two commits of one token take turns, also if two clients send them", async () => {
    await using gateway = await start();
    const first = gateway.send(COMMIT_UPDATE, commit("prepared"), {});
    await gateway.arrived(1);
    const second = gateway.send(COMMIT_UPDATE, { id: CVM.id, ...commit("prepared") });
    await settle();
    expect(gateway.held).toHaveLength(1);
    gateway.held[0]?.release();
    await gateway.arrived(2);
    gateway.held[1]?.release({ status: 466, body: { detail: "used" } });
    expect((await first).data.commitCvmUpdate).toMatchObject(ENDED);
    expect((await second).data.commitCvmUpdate).toBeNull();
  });
});

describe("the CVM that a write locks", () => {
  it.each([
    ["costs no read with its id", CVM.id, []],
    ["is read once with a name", "web", ["GET /cvms/web"]],
  ])("%s", async (_what, id, reads) => {
    await using gateway = await start();
    const write = gateway.send(CONFIGURE, { id, vcpu: 2 });
    await gateway.arrived(1);
    gateway.held[0]?.release();
    await write;
    const calls = gateway.requests.map(({ method, path }) => `${method} ${path}`);
    expect(calls).toEqual([...reads, `PATCH /cvms/${id}`]);
  });

  it("is read once together with the checks of the write", async () => {
    await using gateway = await start();
    const write = gateway.send(CONFIGURE, { diskSizeGb: 40 });
    await gateway.arrived(1);
    gateway.held[0]?.release();
    await write;
    expect(gateway.requests.map(({ method }) => method)).toEqual(["GET", "PATCH"]);
  });

  it("does not exist: the write fails with NOT_FOUND before it is sent", async () => {
    await using gateway = await start();
    gateway.state.cvm = { status: 404, body: { error_code: "ERR-03-001", message: "CVM not found" } };
    expect((await gateway.send(CONFIGURE, { vcpu: 2 })).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(listWrites(gateway.requests)).toEqual([]);
  });

  it("cannot be read: the write is sent all the same, and takes turns by its name", async () => {
    await using gateway = await start();
    gateway.state.cvm = { status: 500, body: {} };
    const writes = [gateway.send(CONFIGURE, { vcpu: 2 }), gateway.send(CONFIGURE, { vcpu: 4 })];
    await gateway.arrived(1);
    await settle();
    expect(gateway.held).toHaveLength(1);
    gateway.held[0]?.release();
    await gateway.arrived(2);
    gateway.held[1]?.release();
    for (const { data } of await Promise.all(writes)) expect(data.configureCvm).toMatchObject(ENDED);
  });
});
