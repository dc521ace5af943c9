import { serverAudits } from "graphql-http";
import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { serve } from "../support/upstream/listen.ts";

const AUDIT_COUNT = 61;

describe("GraphQL over HTTP", () => {
  it("passes every audit of the graphql-http suite", async () => {
    await using gateway = await startGateway();
    await using server = await serve(gateway.app);
    const audits = serverAudits({ url: `${server.url}/graphql` });
    const results = await Promise.all(
      audits.map(async (audit) => ({ name: audit.name, result: await audit.fn() })),
    );
    expect(results).toHaveLength(AUDIT_COUNT);
    const failed = results.filter(({ result }) => result.status !== "ok");
    expect(
      failed.map(({ name, result }) => ({ name, reason: "reason" in result ? result.reason : "" })),
    ).toEqual([]);
  });
});
