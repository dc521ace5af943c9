import { describe, expect, it } from "vitest";
import { KEY, startStreamingGateway, WATCH } from "../support/streaming-gateway.ts";
import { readText } from "./http-stream.ts";

const SECRET = "hunter2-never-shown";

describe("the single connection of graphql-sse", () => {
  const token = async (url: string, key: string) => {
    const response = await fetch(url, { method: "PUT", headers: { "x-api-key": key } });
    return { status: response.status, token: await response.text() };
  };
  const start = (url: string, key: string, streamToken: string, query: string) =>
    fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-api-key": key,
        "x-graphql-event-stream-token": streamToken,
      },
      body: JSON.stringify({ query, variables: { id: "web-phala" }, extensions: { operationId: "one" } }),
    });

  it("requires a credential to reserve, and serves no other credential", async () => {
    await using gateway = await startStreamingGateway();
    expect((await fetch(gateway.url, { method: "PUT" })).status).toBe(401);
    const mine = await token(gateway.url, KEY);
    expect(mine.status).toBe(201);
    expect((await start(gateway.url, "sandbox-other", mine.token, WATCH)).status).toBe(404);
    const stolen = await fetch(`${gateway.url}?token=${mine.token}`, {
      headers: { accept: "text/event-stream", "x-api-key": "sandbox-other" },
    });
    expect(stolen.status).toBe(404);
    expect((await start(gateway.url, KEY, mine.token, WATCH)).status).toBe(202);
  });

  it("reports every error of an operation on the stream, without the input values", async () => {
    await using gateway = await startStreamingGateway();
    const mine = await token(gateway.url, KEY);
    const query = `subscription { cvmState(id: { a: "${SECRET}" }) { status } }`;
    expect((await start(gateway.url, KEY, mine.token, query)).status).toBe(202);
    const response = await fetch(`${gateway.url}?token=${mine.token}`, {
      headers: { accept: "text/event-stream", "x-api-key": KEY },
    });
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const text = await readText(
      response,
      (all) => all.includes("event: complete") && all.split(":\n\n").length > 3,
    );
    expect(text).toContain('"GRAPHQL_VALIDATION_FAILED"');
    expect(text).not.toContain(SECRET);
  });

  it("rejects an operation that is sent by GET and sends nothing", async () => {
    await using gateway = await startStreamingGateway();
    const mine = await token(gateway.url, KEY);
    const mutation = encodeURIComponent(
      'mutation { configureCvm(input: { id: "web-phala", vcpu: 8 }) { __typename } }',
    );
    const response = await fetch(
      `${gateway.url}?token=${mine.token}&query=${mutation}&extensions={"operationId":"1"}`,
      {
        headers: { "x-api-key": KEY },
      },
    );
    expect(response.status).toBe(405);
    expect(gateway.proxy.calls).toEqual([]);
  });
});
