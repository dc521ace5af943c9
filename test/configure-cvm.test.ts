import { describe, expect, it } from "vitest";
import { startGateway } from "./gateway.ts";

const CONFIGURE = `mutation ($input: ConfigureCvmInput!) {
  configureCvm(input: $input) {
    __typename
    ... on InProgress { status message correlationId }
    ... on OnChainHashRequired { composeHash appId transaction { chainId to data value } onChainStatus { isAllowed } commitToken }
  }
}`;

describe("configureCvm", () => {
  it("sends one PATCH with exactly the fields that were given", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, memoryMb: 8192, publicLogs: false },
    });
    expect(data.configureCvm).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    const calls = await gateway.calls();
    expect(calls.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: "PATCH", path: "/cvms/web-phala", body: { vcpu: 4, memory: 8192, public_logs: false } },
    ]);
  });
});
