import { describe, expect, it } from "vitest";
import { streamClients } from "../support/stream-clients.ts";
import { KEY, openStream, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";

describe("the limit of streams", () => {
  it("fails with RATE_LIMITED over every transport before any upstream call, and is freed when a stream ends", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS_PER_CALLER: "1" });
    const first = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await first.next();
    const calls = gateway.proxy.calls.filter((call) => call.startsWith("GET")).length;
    for (const [name, client] of Object.entries(streamClients)) {
      // This client sends the key as a bearer token, which is another credential.
      if (name === "urql over graphql-ws") continue;
      const following = client(gateway.url, KEY, WATCH, { id: "no-script" });
      const outcome = await Promise.race([
        following.done.then(
          () => JSON.stringify(following.received),
          (error) => JSON.stringify([error, error.errors, error.graphQLErrors]),
        ),
        until(() => following.received.length > 0).then(() => JSON.stringify(following.received)),
      ]);
      expect(outcome, name).toContain("RATE_LIMITED");
      following.leave();
    }
    const other = await openStream(gateway.app, WATCH, { id: "web-phala" }, { "x-api-key": "sandbox-other" });
    expect((await other.next()).errors).toBeUndefined();
    await other.leave();
    expect(gateway.proxy.calls.filter((call) => call.startsWith("GET")).length).toBe(calls + 1);
    await first.leave();
    await until(async () => {
      const again = await openStream(gateway.app, WATCH, { id: "web-phala" });
      const { errors } = await again.next();
      await again.leave();
      return errors === undefined;
    });
  });

  it("applies to the whole process as well", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS: "1" });
    const first = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await first.next();
    const other = await openStream(gateway.app, WATCH, { id: "web-phala" }, { "x-api-key": "sandbox-other" });
    const { errors } = await other.next();
    expect(errors[0].extensions).toMatchObject({ code: "RATE_LIMITED", retryable: true, retryAfterMs: 5000 });
    await first.leave();
  });
});
