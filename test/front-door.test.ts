import { describe, expect, it } from "vitest";
import { startGateway } from "./gateway.ts";

const CONFIGURE = "mutation ($input: ConfigureCvmInput!) { configureCvm(input: $input) { __typename } }";
const change = JSON.stringify({ query: CONFIGURE, variables: { input: { id: "web-phala", vcpu: 2 } } });

describe("a mutation whose Accept fits no answer", () => {
  it.each(["text/html", "application/xml", "image/*", "application/json; charset=latin1", "nonsense"])(
    "is refused as %j before it runs",
    async (accept) => {
      await using gateway = await startGateway();
      const response = await gateway.app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "sandbox-test", accept },
        body: change,
      });
      expect(response.status).toBe(406);
      const requestId = response.headers.get("x-request-id");
      expect(await response.json()).toEqual({
        errors: [
          {
            message: expect.stringContaining("Accept"),
            extensions: { code: "BAD_REQUEST", retryable: false, requestId },
          },
        ],
      });
      expect(await gateway.calls()).toEqual([]);
    },
  );

  it.each(["*/*", "text/html, application/json;q=0.9", "application/*", "text/event-stream", ""])(
    "runs and is answered where %j leaves a choice",
    async (accept) => {
      await using gateway = await startGateway();
      const response = await gateway.app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "sandbox-test", accept },
        body: change,
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('"InProgress"');
    },
  );
});
