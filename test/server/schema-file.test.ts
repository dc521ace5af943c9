import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createGateway } from "../support/gateway.ts";

describe("/schema.graphql", () => {
  const read = (options: Parameters<typeof createGateway>[1], init: RequestInit = {}) =>
    createGateway("http://127.0.0.1:9", options).app.fetch("http://gateway.test/schema.graphql", init);

  it("returns the schema of the repository, with a tag, and needs no credential", async () => {
    const response = await read({});
    expect(response.status).toBe(200);
    const schema = await readFile(new URL("../../schema.graphql", import.meta.url), "utf8");
    expect(await response.text()).toBe(schema);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-cache",
      "content-length": String(Buffer.byteLength(schema)),
      "x-content-type-options": "nosniff",
      "x-request-id": expect.any(String),
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
    });
  });

  it.each(["GET", "HEAD"])("answers %s with 304 if the client names its tag", async (method) => {
    const tag = (await read({})).headers.get("etag");
    expect(tag).not.toBeNull();
    for (const names of [`${tag}`, `W/${tag}`, `"other", ${tag}`, "*"]) {
      const response = await read({}, { method, headers: { "if-none-match": names } });
      expect([response.status, response.headers.get("etag"), await response.text()]).toEqual([304, tag, ""]);
    }
    const changed = await read({}, { method, headers: { "if-none-match": '"other"' } });
    expect(changed.status).toBe(200);
    expect((await changed.text()).length > 0).toBe(method === "GET");
  });

  it("has a tag that pages of listed origins can read", async () => {
    const environment = { CORS_ORIGINS: "https://app.example" };
    const response = await read({ environment }, { headers: { origin: "https://app.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(response.headers.get("access-control-expose-headers")).toContain("etag");
  });

  it.each([
    { NODE_ENV: "production" },
    { GRAPHIQL: "false" },
    { PERSISTED_ONLY: "true", PERSISTED_DOCUMENTS: "given" },
  ])("is 404 where introspection is not allowed: %j", async (environment) => {
    for (const method of ["GET", "HEAD"]) expect((await read({ environment }, { method })).status).toBe(404);
  });

  it("is 404 for other methods", async () => {
    expect((await read({}, { method: "POST" })).status).toBe(404);
  });
});
