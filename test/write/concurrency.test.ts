import { describe, expect, it } from "vitest";
import { type JournalEntry, startGateway } from "../support/gateway.ts";

const CONFIGURE =
  "mutation ($input: ConfigureCvmInput!) { configureCvm(input: $input) { __typename ... on InProgress { status correlationId } } }";
const writes = (calls: readonly JournalEntry[]) => calls.filter(({ method }) => method !== "GET");
const readVersion = '{ cvm(id: "web-phala") { configVersion } }';

describe("expectedVersion", () => {
  it("lets a change through that was made for the present version", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(readVersion);
    const answer = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, expectedVersion: data.cvm.configVersion },
    });
    expect(answer.errors).toBeUndefined();
    expect((await gateway.calls()).map(({ method }) => method)).toEqual(["GET", "GET", "PATCH"]);
  });

  it("is the same in the list and in the detail", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask("{ cvms(first: 1) { nodes { id configVersion } } }");
    const [entry] = data.cvms.nodes;
    const detail = await gateway.ask("query ($id: ID!) { cvm(id: $id) { configVersion } }", { id: entry.id });
    expect(detail.data.cvm.configVersion).toBe(entry.configVersion);
  });

  it("refuses a change when something has changed since, names it, and sends nothing", async () => {
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
    expect(writes(await gateway.calls())).toEqual([]);
  });

  it("refuses text that is no version", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, expectedVersion: "yesterday" },
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.expectedVersion" }],
    });
  });

  it("lets one of two rival changes win and tells the other", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(readVersion);
    const rivals = await Promise.all(
      [4, 8].map((vcpu) =>
        gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu, expectedVersion: data.cvm.configVersion } }),
      ),
    );
    expect(rivals.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect(writes(await gateway.calls()).filter(({ status }) => status === 202)).toHaveLength(1);
  });
});

describe("a busy CVM", () => {
  it("is named with the operation that runs", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8 } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "OPERATION_IN_PROGRESS",
      correlationId: data.configureCvm.correlationId,
      retryAfterMs: expect.any(Number),
    });
  });

  it("is waited for with waitIfBusySeconds, and written to once it is free", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    await gateway.calls();
    const waiting = gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8, waitIfBusySeconds: 10 } });
    await gateway.advance(15_000);
    const { data, errors } = await waiting;
    expect(errors).toBeUndefined();
    expect(data.configureCvm.status).toBe("IN_PROGRESS");
    expect(writes(await gateway.calls()).filter(({ status }) => status === 202)).toHaveLength(1);
  });

  it("is given up on after that time", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    await gateway.calls();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 8, waitIfBusySeconds: 1 },
    });
    expect(errors?.[0]?.extensions.code).toBe("OPERATION_IN_PROGRESS");
    expect(writes(await gateway.calls()).every(({ status }) => status === 409)).toBe(true);
  });

  it.each([-1, 121])("is not waited for %i seconds", async (waitIfBusySeconds) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 8, waitIfBusySeconds },
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.waitIfBusySeconds" }],
    });
    expect(await gateway.calls()).toEqual([]);
  });
});

describe("two changes of one CVM in one document", () => {
  it.each([
    'mutation { a: configureCvm(input: { id: "web-phala", vcpu: 4 }) { __typename } b: configureCvm(input: { id: "web-phala", memoryMb: 4096 }) { __typename } }',
    'mutation { ...One ...Two } fragment One on Mutation { a: configureCvm(input: { id: "web-phala", vcpu: 4 }) { __typename } } fragment Two on Mutation { b: configureCvm(input: { id: "web-phala", memoryMb: 4096 }) { __typename } }',
  ])("are refused before the first is sent", async (query) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("configureCvm"),
      extensions: { code: "BAD_USER_INPUT", fields: [{ path: "b" }] },
    });
    expect(await gateway.calls()).toEqual([]);
  });

  it("are fine for two CVMs, one after the other", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(
      "mutation ($one: ID!, $two: ID!) { a: configureCvm(input: { id: $one, vcpu: 4 }) { __typename } b: configureCvm(input: { id: $two, vcpu: 4 }) { __typename } }",
      { one: "web-phala", two: "web-legacy" },
    );
    expect(errors).toBeUndefined();
    expect(writes(await gateway.calls())).toHaveLength(2);
  });
});
