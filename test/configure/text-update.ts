import { expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { listWrites } from "../support/mutations.ts";

/** A mutation that replaces one text of a CVM's app-compose. */
type TextUpdate = {
  /** Root field of the mutation. */
  readonly name: string;
  /** The document to send. */
  readonly query: string;
  /** Last segment of the REST path. */
  readonly path: string;
  /** Content type of the REST request. */
  readonly type: string;
  /** Input field that holds the text. */
  readonly field: string;
  readonly text: string;
  /** Field of `Cvm` that returns the text. */
  readonly read: string;
};

/** Describe the behaviour that the two mutations of one text share. */
export function describeTextUpdate({ name, query, path, type, field, text, read }: TextUpdate): void {
  it("sends the text as the whole body, and returns NO_CHANGE for the same text", async () => {
    await using gateway = await startGateway();
    const { data, errors } = await gateway.ask(query, { input: { id: "web-phala", [field]: text } });
    expect(errors).toBeUndefined();
    expect(data[name]).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    expect(data[name].correlationId).toMatch(/^[0-9a-f-]{36}$/);
    const calls = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: "PATCH", path: `/cvms/web-phala/${path}`, body: text });
    expect(calls[0]?.headers["content-type"]).toBe(type);
    expect(calls[0]?.headers).not.toHaveProperty("x-compose-hash");
    await gateway.advance(11_000);
    const after = await gateway.ask(`{ cvm(id: "web-phala") { ${read} } }`);
    expect(after.data.cvm[read]).toBe(text);
    const again = await gateway.ask(query, { input: { id: "web-phala", [field]: text } });
    expect(again.data[name]).toMatchObject({ status: "NO_CHANGE", correlationId: null });
  });

  it("completes after OnChainHashRequired with the same text and both hashes", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-base", [field]: text };
    const first = (await gateway.ask(query, { input })).data[name];
    expect(first).toMatchObject({ __typename: "OnChainHashRequired", kms: { chainId: 8453 } });
    const early = await gateway.ask(query, {
      input: { ...input, composeHash: first.composeHash, transactionHash: "00".repeat(32) },
    });
    expect(early.errors?.[0]?.extensions.code).toBe("HASH_NOT_ALLOWED");
    const transactionHash = await gateway.sendTransaction(first.transaction);
    await gateway.calls();
    const second = await gateway.ask(query, {
      input: { ...input, composeHash: `0x${first.composeHash.toUpperCase()}`, transactionHash },
    });
    expect(second.data[name]).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    const calls = await gateway.calls();
    expect(listWrites(calls)).toEqual(["POST /cvms/web-base/is-allowed", `PATCH /cvms/web-base/${path}`]);
    expect(calls.find(({ method }) => method === "PATCH")).toMatchObject({
      body: text,
      headers: { "x-compose-hash": first.composeHash, "x-transaction-hash": transactionHash },
    });
  });

  it.each([["composeHash"], ["transactionHash"]])(
    "rejects %s without the other hash and sends nothing",
    async (given) => {
      await using gateway = await startGateway();
      const other = given === "composeHash" ? "transactionHash" : "composeHash";
      const { errors } = await gateway.ask(query, {
        input: { id: "web-base", [field]: text, [given]: "12".repeat(32) },
      });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: `input.${other}` }],
      });
      expect(await gateway.calls()).toEqual([]);
    },
  );

  it("rejects an empty or too long text and sends nothing", async () => {
    await using gateway = await startGateway();
    for (const wrong of ["", "x: ".repeat(100_000)]) {
      const { errors } = await gateway.ask(query, { input: { id: "web-phala", [field]: wrong } });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: `input.${field}` }],
      });
    }
    expect(await gateway.calls()).toEqual([]);
  });

  it("returns OnChainHashRequired for the legacy form of the 465 response", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(query, { input: { id: "web-base-legacy-465", [field]: text } });
    expect(data[name]).toMatchObject({
      __typename: "OnChainHashRequired",
      composeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
}
