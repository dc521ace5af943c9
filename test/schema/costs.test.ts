import { isObjectType, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { findFieldCost } from "../../src/schema/core/field-cost.ts";
import { schema } from "../../src/schema/schema.ts";
import { estimateUpstreamCalls } from "../../src/server/guards/upstream-budget.ts";
import { ask, createGateway } from "../support/gateway.ts";
import { startProxy } from "../support/upstream/proxy.ts";
import { startScripted } from "../support/upstream/scripted.ts";
import { type CostCase, costCases, waitingCases } from "./cost-cases.ts";

function listCostedFields(): string[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => findFieldCost(field) !== undefined)
        .map((field) => `${type.name}.${field.name}`),
    );
}

/** Version of the configuration, so that the mutation reads the CVM before its write. */
async function readVersion(app: Parameters<typeof ask>[0], id: string): Promise<string> {
  const { data } = await ask(app, "query ($id: ID!) { cvm(id: $id) { configVersion } }", { id });
  return data.cvm.configVersion;
}

function isInput(input: unknown): input is { readonly id: string } {
  return typeof input === "object" && input !== null && "id" in input && typeof input.id === "string";
}

/** Run a case. @returns the calls that were sent and those that the budget counts. */
async function measure({ query, variables = {}, upstream, expectsVersion }: CostCase) {
  const sent: string[] = [];
  await using sandbox = upstream === undefined ? await startSandboxProxy(sent) : null;
  await using scripted = upstream === undefined ? null : await startScripted(upstream);
  const url = sandbox?.url ?? scripted?.url ?? "";
  const environment = { MAX_UPSTREAM_CALLS: "1000" };
  const { app, close } = createGateway(url, { environment });
  try {
    const protectedBy =
      (sandbox !== null || expectsVersion) && query.startsWith("mutation") && isInput(variables["input"])
        ? { input: { ...variables["input"], expectedVersion: await readVersion(app, variables["input"].id) } }
        : variables;
    sent.length = 0;
    scripted?.requests.splice(0);
    const { errors = [] } = await ask(app, query, protectedBy);
    expect(errors.map(({ extensions }) => extensions.code)).not.toContain("GRAPHQL_VALIDATION_FAILED");
    const calls = estimateUpstreamCalls({ schema, document: parse(query), variables: protectedBy });
    return { sent: scripted?.requests.length ?? sent.length, declared: calls };
  } finally {
    await close();
  }
}

async function startSandboxProxy(sent: string[]) {
  const sandbox = await startSandbox({ timeScale: 0 });
  const proxy = await startProxy(sandbox.url, async (exchange) => {
    sent.push(`${exchange.method} ${exchange.path}`);
    exchange.reply(await exchange.forward());
  });
  return {
    url: proxy.url,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}

describe("the declared upstream cost", () => {
  it("has a case here for every field that declares one", () => {
    expect(Object.keys(costCases).sort()).toEqual(listCostedFields().sort());
  });

  it.each(Object.entries(waitingCases))("covers the repeated calls for %s", async (_name, costCase) => {
    const { sent, declared } = await measure(costCase);
    expect(sent).toBeGreaterThan(2);
    expect(declared).toBeGreaterThanOrEqual(sent);
  });

  it.each(Object.entries(costCases))("of %s covers every call that is sent", async (_field, costCase) => {
    expect(validate(schema, parse(costCase.query))).toEqual([]);
    const { sent, declared } = await measure(costCase);
    expect(sent > 0).toBe(declared > 0);
    if (costCase.loose) expect(declared).toBeGreaterThanOrEqual(sent);
    else expect(declared).toBe(sent);
  });

  it("of the fields of InProgress counts the read of the CVM that they share once", () => {
    const estimate = (selection: string) => {
      const input = '{ id: "web", publicLogs: true }';
      const query = `mutation { configureCvm(input: ${input}) { ... on InProgress { ${selection} } } }`;
      return estimateUpstreamCalls({ schema, document: parse(query) });
    };
    expect(estimate("correlationId cvm { id }")).toBe(estimate("cvm { id }"));
    expect(estimate("correlationId operation { status } cvm { id }")).toBe(estimate("operation { status }"));
  });
});
