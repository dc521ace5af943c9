import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { listWrites } from "../support/mutations.ts";

const TWO = `mutation ($one: ID!, $two: ID!) {
  a: configureCvm(input: { id: $one, vcpu: 4 }) { ... on InProgress { status correlationId } }
  b: configureCvm(input: { id: $two, vcpu: 4 }) { ... on InProgress { status correlationId } }
}`;

describe("two changes of one CVM in one document", () => {
  it.each([
    [
      "two fields",
      'mutation { a: configureCvm(input: { id: "web-phala", vcpu: 4 }) { __typename } b: configureCvm(input: { id: "web-phala", memoryMb: 4096 }) { __typename } }',
    ],
    [
      "two fragments",
      'mutation { ...One ...Two } fragment One on Mutation { a: configureCvm(input: { id: "web-phala", vcpu: 4 }) { __typename } } fragment Two on Mutation { b: configureCvm(input: { id: "web-phala", memoryMb: 4096 }) { __typename } }',
    ],
  ])("are rejected before the first is sent (%s)", async (_form, query) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("configureCvm"),
      extensions: { code: "BAD_USER_INPUT", fields: [{ path: "b" }] },
    });
    expect(await gateway.calls()).toEqual([]);
  });

  it("are accepted for two different CVMs, one after the other", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(TWO, { one: "web-phala", two: "web-legacy" });
    expect(errors).toBeUndefined();
    expect(listWrites(await gateway.calls())).toHaveLength(2);
  });
});

describe("a document in which one of two changes fails", () => {
  it.each([
    ["second", "a", "b", { one: "web-phala", two: "no-such-cvm" }],
    ["first", "b", "a", { one: "no-such-cvm", two: "web-phala" }],
  ])(
    "keeps the correlation id of the applied one when the %s fails",
    async (_which, kept, failed, variables) => {
      await using gateway = await startGateway();
      const { data, errors } = await gateway.ask(TWO, variables);
      expect(data).toEqual({
        [failed]: null,
        [kept]: { status: "IN_PROGRESS", correlationId: expect.stringMatching(/^[\w-]{8,}$/) },
      });
      expect(errors).toMatchObject([{ path: [failed], extensions: { code: "NOT_FOUND" } }]);
      expect(listWrites(await gateway.calls())).toContain("PATCH /cvms/web-phala");
    },
  );
});
