import { describe, expect, it } from "vitest";
import { createGateway, startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { serve } from "../support/upstream/listen.ts";

describe("a configureCvm call without a usable upstream response", () => {
  it("fails with OUTCOME_UNKNOWN when the response is lost, and is never sent twice", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "fails-reset", vcpu: 4 } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "OUTCOME_UNKNOWN", retryable: false });
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it.each([
    ["fails-503", "UPSTREAM_UNAVAILABLE"],
    ["fails-429", "RATE_LIMITED"],
    ["fails-malformed", "UPSTREAM_MALFORMED"],
  ])("is sent once when the REST API rejects it (%s)", async (id, code) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id, vcpu: 4 } });
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("runs to its end when the client disconnects, while a read is aborted", async () => {
    const seen: string[] = [];
    await using upstream = await serve((request, response) => {
      seen.push(`${request.method} arrives`);
      response.on("close", () => {
        seen.push(`${request.method} ${response.writableFinished ? "answered" : "abandoned"}`);
      });
      request.resume().on("end", () => {
        setTimeout(
          () =>
            response.writeHead(202, { "content-type": "application/json" }).end('{"correlation_id":"c-1"}'),
          150,
        );
      });
    });
    const { app, close } = createGateway(upstream.url);
    await using front = await serve(app);
    for (const query of [
      'mutation { configureCvm(input: { id: "cvm_x", vcpu: 1 }) { __typename } }',
      '{ cvm(id: "x") { id } }',
    ]) {
      const client = new AbortController();
      const request = fetch(`${front.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "k" },
        body: JSON.stringify({ query }),
        signal: client.signal,
      }).catch(() => {});
      await expect
        .poll(() => seen.filter((line) => line.endsWith("arrives")).length)
        .toBe(query.startsWith("m") ? 1 : 2);
      client.abort();
      await request;
      await expect.poll(() => seen.length).toBe(query.startsWith("m") ? 2 : 4);
    }
    expect(seen).toEqual(["PATCH arrives", "PATCH answered", "GET arrives", "GET abandoned"]);
    await close();
  });
});
