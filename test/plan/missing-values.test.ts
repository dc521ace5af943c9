import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE, PLAN } from "../support/mutations.ts";
import { CVM, precondition, startScripted } from "../support/upstream/scripted.ts";

/** An app-compose without a pre-launch script, without a list of names and without visibility. */
const FILE = { docker_compose_file: "services: {}\n", name: "web" };
const onChain = { ...CVM, kms_type: "base", kms_info: { chain_id: 8453 }, public_tcbinfo: true };

/** Plan a change, then send it with `prepareOnly`. */
async function planAndPrepare(change: object) {
  await using upstream = await startScripted(({ method, path }) => {
    if (method === "PATCH") return { status: 465, body: precondition };
    return { body: path.includes("/compose_file") ? FILE : onChain };
  });
  const { app, close } = createGateway(upstream.url);
  const input = { id: CVM.id, ...change, prepareOnly: true };
  const planned = await ask(app, PLAN, { input }, { "x-api-key": "k" });
  expect(planned.errors).toBeUndefined();
  const { errors, data } = await ask(app, CONFIGURE, { input }, { "x-api-key": "k" });
  await close();
  const { changes, requiresOnChainHash, problems } = planned.data.planCvmConfiguration;
  return {
    fields: changes.map(({ field }: { field: string }) => field),
    requiresOnChainHash,
    codes: problems.map(({ code }: { code: string }) => code),
    result: data?.configureCvm?.__typename ?? errors?.[0]?.extensions.code,
  };
}

describe("a value that the app-compose does not have", () => {
  it.each([
    ["an empty list of names", "allowedEnvs", []],
    ["the default of a flag", "publicTcbinfo", true],
  ])("is a change if it is %s, in the dry run and before a preparation", async (_what, field, value) => {
    expect(await planAndPrepare({ [field]: value })).toEqual({
      fields: [field],
      requiresOnChainHash: true,
      codes: [],
      result: "OnChainHashRequired",
    });
  });

  it("is no change if it is an empty pre-launch script", async () => {
    expect(await planAndPrepare({ preLaunchScript: "" })).toEqual({
      fields: [],
      requiresOnChainHash: false,
      codes: ["NOTHING_TO_PREPARE"],
      result: "BAD_USER_INPUT",
    });
  });
});
