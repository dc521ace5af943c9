import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { WRITE } from "../support/mutations.ts";
import { askUpstream, CVM, nameCall, precondition, startScripted } from "../support/upstream/scripted.ts";

describe("a write that the REST API accepted", () => {
  it.each([
    ["202 with an empty body", 202, ""],
    ["202 with null", 202, "null"],
    ["202 with an HTML page", 202, "<html>Accepted</html>"],
    ["202 with a plain word", 202, "accepted"],
    ["202 with a list", 202, "[]"],
    ["202 with a numeric correlation id", 202, { correlation_id: 7, status: "in_progress" }],
    ["202 with an empty correlation id", 202, { correlation_id: "" }],
    ["202 with a status that is not text", 202, { status: 7, correlation_id: null }],
    ["202 with a message that is not text", 202, { message: { text: "ok" } }],
    ["200 with an object", 200, { id: "x" }],
    ["201 with an object", 201, { id: "x" }],
    ["204", 204, ""],
  ])("returns IN_PROGRESS after %s", async (_name, status, body) => {
    const { data, errors, calls } = await askUpstream({ "PATCH /cvms/web": { status, body } }, WRITE);
    expect(errors).toBeUndefined();
    expect(data.configureCvm).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    expect(data.configureCvm).toMatchObject({ correlationId: null, note: null });
    expect(calls.filter((call) => call.startsWith("PATCH"))).toHaveLength(1);
  });

  it.each([
    ["restartCvm", "POST /cvms/web/restart"],
    ["startCvm", "POST /cvms/web/start"],
  ])("returns IN_PROGRESS for %s after 204", async (name, call) => {
    const query = `mutation { ${name}(input: { id: "web" }) { status correlationId } }`;
    const { errors, data } = await askUpstream({ [call]: { status: 204, body: "" } }, query);
    expect(errors).toBeUndefined();
    expect(data[name]).toMatchObject({ status: "IN_PROGRESS", correlationId: null });
  });

  it.each([
    ["200 with an empty body", 200, ""],
    ["200 with null", 200, "null"],
    ["200 with an HTML page", 200, "<html>Sign in</html>"],
    ["200 with compressed bytes", 200, "\u001f\u008b\u0008"],
    ["201 with a list", 201, "[]"],
  ])("fails with OUTCOME_UNKNOWN after %s, and sends nothing again", async (_name, status, body) => {
    const { errors, calls } = await askUpstream({ "PATCH /cvms/web": { status, body } }, WRITE);
    expect(errors).toMatchObject([{ extensions: { code: "OUTCOME_UNKNOWN", retryable: false } }]);
    expect(calls.filter((call) => call.startsWith("PATCH"))).toHaveLength(1);
  });

  it("fails with UPSTREAM_MALFORMED after an object that is cut off", async () => {
    const reply = { status: 202, body: '{"status": "in_pro' };
    const { errors } = await askUpstream({ "PATCH /cvms/web": reply }, WRITE);
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
  });
});

describe("the 465 response", () => {
  const pairs = Object.entries(precondition).map(([field, value]) => ({ field, value }));
  it.each([
    ["structured", { message: "m", details: pairs }],
    ["structured under detail", { detail: { message: "m", details: pairs } }],
    ["flat under detail", { detail: { message: "m", ...precondition } }],
    [
      "with a detail whose field is null",
      { message: "m", details: [...pairs, { field: null, message: "x" }] },
    ],
    ["with a detail without a field", { message: "m", details: [{ message: "x" }, ...pairs] }],
    ["flat with an empty list of details", { message: "m", ...precondition, details: [] }],
    ["with a message that is not text", { message: 7, ...precondition }],
  ])("returns OnChainHashRequired when it is %s", async (_name, body) => {
    const { data, errors } = await askUpstream({ "PATCH /cvms/web": { status: 465, body } }, WRITE);
    expect(errors).toBeUndefined();
    expect(data.configureCvm).toMatchObject({
      __typename: "OnChainHashRequired",
      composeHash: precondition.compose_hash,
      appId: precondition.app_id,
    });
  });

  const { app_id, kms_info: _kms, ...unnamed } = precondition;
  const onChain = { ...CVM, kms_type: "base", kms_info: { chain_id: 8453 } };
  const lean = { chain_id: 8453, kms_contract_address: `0x${"12".repeat(20)}` };
  const none = { chainId: null, contractAddress: null };
  const contract = { chainId: 8453, contractAddress: lean.kms_contract_address };
  it.each([
    ["two members of its KMS, as in the published example", { app_id, kms_info: lean }, contract],
    ["an id of its KMS", { app_id, kms_info: { id: "kms-1" } }, none],
    ["a KMS with members of other types", { app_id, kms_info: { id: 7, url: null, chain_id: "8453" } }, none],
    ["null for its KMS", { app_id, kms_info: null }, null],
    ["neither its KMS nor its app", {}, null],
  ])("reads the chain and the app from the CVM when it has only %s", async (_name, members, kms) => {
    const { data, errors, calls } = await askUpstream(
      {
        "GET /cvms/web": { body: onChain },
        "PATCH /cvms/web": { status: 465, body: { ...unnamed, ...members } },
      },
      `mutation { configureCvm(input: { id: "web", publicLogs: true }) { ... on OnChainHashRequired {
        composeHash appId kms { id url chainId contractAddress } transaction { chainId to data }
      } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.configureCvm).toMatchObject({
      composeHash: precondition.compose_hash,
      appId: app_id,
      transaction: {
        chainId: 8453,
        to: `0x${app_id}`,
        data: `0xdfc77223${precondition.compose_hash}`,
      },
    });
    expect(data.configureCvm.kms).toEqual(kms === null ? null : expect.objectContaining(kms));
    // The read that resolves the name before the write is enough.
    expect(calls.filter((call) => call === "GET /cvms/web")).toHaveLength(1);
  });

  const PREPARED = `... on OnChainHashRequired { composeHash commitToken appId transaction { chainId to } }`;
  const composeFile = { body: { name: "web", public_logs: false } };

  it("keeps the commit token when the CVM cannot be read any more after a prepare", async () => {
    let reads = 0;
    await using upstream = await startScripted((request) => {
      const call = nameCall(request);
      if (call === "PATCH /cvms/cvm_web") return { status: 465, body: { ...unnamed, commit_token: "new" } };
      if (call !== "GET /cvms/cvm_web") return composeFile;
      reads += 1;
      return reads === 1 ? { body: onChain } : { status: 500, body: { detail: "Internal error" } };
    });
    const { app, close } = createGateway(upstream.url);
    const prepare = `mutation { configureCvm(input: { id: "cvm_web", publicLogs: true, prepareOnly: true }) {${PREPARED}} }`;
    const { data, errors } = await ask(app, prepare);
    await close();
    expect(errors).toBeUndefined();
    expect(data.configureCvm).toEqual({
      composeHash: precondition.compose_hash,
      commitToken: "new",
      appId: app_id,
      transaction: { chainId: 8453, to: `0x${app_id}` },
    });
    expect(reads).toBe(1);
  });

  it("says how to go on when nothing has read the CVM before and it cannot be read now", async () => {
    const { errors } = await askUpstream(
      {
        "GET /cvms/cvm_web": { status: 500, body: { detail: "Internal error" } },
        "PATCH /cvms/cvm_web": { status: 465, body: unnamed },
      },
      `mutation { configureCvm(input: { id: "cvm_web", publicLogs: true }) {${PREPARED}} }`,
    );
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(
        /cannot be read.*Nothing was applied.*same request again.*Without transaction/,
      ),
      extensions: {
        code: "UPSTREAM_UNAVAILABLE",
        retryable: true,
        composeHash: precondition.compose_hash,
        upstream: { status: 500 },
      },
    });
  });

  it("fails with UPSTREAM_MALFORMED where a transaction is wanted and the CVM names no chain either", async () => {
    const { errors, data } = await askUpstream(
      { "PATCH /cvms/web": { status: 465, body: { ...precondition, kms_info: null } } },
      'mutation { configureCvm(input: { id: "web", vcpu: 2 }) { ... on OnChainHashRequired { transaction { to } } } }',
    );
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
    expect(data).not.toMatchObject({ configureCvm: { transaction: expect.anything() } });
  });

  it("fails with UPSTREAM_MALFORMED without a compose hash", async () => {
    const { compose_hash: _hash, ...body } = precondition;
    const { errors } = await askUpstream({ "PATCH /cvms/web": { status: 465, body } }, WRITE);
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
  });
});
