import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { askUpstream, CVM } from "../support/upstream/scripted.ts";

const readVersion = '{ cvm(id: "web-phala") { configVersion } }';

describe("expectedVersion", () => {
  it("applies a change that names the present version", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(readVersion);
    const answer = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, expectedVersion: data.cvm.configVersion },
    });
    expect(answer.errors).toBeUndefined();
    expect((await gateway.calls()).map(({ method }) => method)).toEqual(["GET", "GET", "GET", "PATCH"]);
  });

  it("has the same value in the list and in the detail of a CVM", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask("{ cvms(first: 1) { nodes { id configVersion } } }");
    const [entry] = data.cvms.nodes;
    const detail = await gateway.ask("query ($id: ID!) { cvm(id: $id) { configVersion } }", { id: entry.id });
    expect(detail.data.cvm.configVersion).toBe(entry.configVersion);
  });

  it("fails with VERSION_CONFLICT, lists the changed fields and sends nothing when the CVM has changed since", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(readVersion);
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4, publicLogs: false } });
    await gateway.advance(15_000);
    await gateway.calls();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", memoryMb: 8192, expectedVersion: data.cvm.configVersion },
    });
    const now = await gateway.ask(readVersion);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "VERSION_CONFLICT",
      retryable: false,
      currentVersion: now.data.cvm.configVersion,
    });
    const fields = errors?.[0]?.extensions["fields"];
    expect(fields).toEqual(
      ["compose", "instanceType", "vcpu", "publicLogs"].map((path) => ({
        path,
        message: expect.any(String),
      })),
    );
    expect(listWrites(await gateway.calls())).toEqual([]);
  });

  it.each([
    ["keeps a change from being sent while the compose hash cannot be read", 7, "UPSTREAM_MALFORMED", 0],
    ["is compared when the CVM has no compose hash", null, undefined, 1],
  ])("%s", async (_name, compose_hash, code, writes) => {
    const replies = {
      "GET /cvms/web": { body: { ...CVM, compose_hash } },
      "PATCH /cvms/web": { status: 202, body: {} },
    };
    const read = await askUpstream(replies, '{ cvm(id: "web") { configVersion compose { hash } } }');
    const input = { id: "web", vcpu: 2, expectedVersion: read.data.cvm.configVersion };
    const { errors, calls } = await askUpstream(replies, CONFIGURE, { input });
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(calls.filter((call) => call.startsWith("PATCH"))).toHaveLength(writes);
  });

  it("rejects text that is not a version", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, expectedVersion: "yesterday" },
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.expectedVersion" }],
    });
  });

  it("lets one of two parallel changes succeed and fails the other", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(readVersion);
    const rivals = await Promise.all(
      [4, 8].map((vcpu) =>
        gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu, expectedVersion: data.cvm.configVersion } }),
      ),
    );
    expect(rivals.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect((await gateway.calls()).filter(({ status }) => status === 202)).toHaveLength(1);
  });
});
