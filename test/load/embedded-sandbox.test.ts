import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMIT_MS, startMonitoredGateway } from "../support/loop-monitor.ts";
import { CONFIGURE, UPDATE_COMPOSE } from "../support/mutations.ts";

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join("");

/** Files that pass the checks of the gateway, or whose cost is in the checks of the REST API. */
const files: Readonly<Record<string, string>> = {
  "a list of 25,000 items under an alias": `x-list: &list [${"a,".repeat(25_000)}a]\nservices:\n  a: { image: a, volumes: *list, environment: *list }\n`,
  "20,000 merged aliases": `x: &y { a: 1 }\nservices:\n  a:\n    image: a\n    <<: [${"*y,".repeat(20_000)}*y]\n`,
  "25,000 unknown tags": `services:\n  a:\n    image: a\n    x: [${"!<x> y,".repeat(25_000)}]\n`,
  "12,000 keys in one mapping": `services:\n  a:\n    image: a:1\n    labels:\n${repeat(12_000, (index) => `      k${index}: v\n`)}`,
};

describe("a gateway with the embedded sandbox", () => {
  let gateway: Awaited<ReturnType<typeof startMonitoredGateway>>;
  beforeAll(async () => {
    gateway = await startMonitoredGateway({});
    await send(CONFIGURE, { vcpu: 2 }, "first");
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const send = async (query: string, input: object, caller: string) => {
    const headers = { "x-api-key": `sandbox-${caller}` };
    const response = await gateway.post(query, headers, { input: { id: "web-phala", ...input } });
    return response.json();
  };

  it.each(Object.entries(files))("does not block the event loop with its checks: %s", async (_name, text) => {
    let attempt = 0;
    const delay = await gateway.measureDelay(async () => {
      attempt += 1;
      const { data, errors } = await send(
        UPDATE_COMPOSE,
        { dockerComposeFile: text },
        `${text.length}-${attempt}`,
      );
      expect(errors?.[0].extensions.code ?? data.updateDockerCompose.__typename).toMatch(
        /^(?:InProgress|BAD_USER_INPUT|UPSTREAM_REJECTED)$/,
      );
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });
});
