import { describe, expect, it } from "vitest";
import { createGateway } from "../../support/gateway.ts";

const start = (environment: Readonly<Record<string, string>> = {}) =>
  createGateway("http://127.0.0.1:9", { environment }).app;

type Sent = { method?: string; headers?: Record<string, string>; body?: string; search?: string };

async function send(environment: Readonly<Record<string, string>>, { search = "", ...init }: Sent) {
  const response = await start(environment).fetch(`http://gateway.test/graphql${search}`, {
    method: "POST",
    ...(init.method === "GET" || init.method === "OPTIONS" ? {} : { body: '{"query":"{ __typename }"}' }),
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const preflight = (origin: string): Sent => ({
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" },
});
const listed = { CORS_ORIGINS: "https://app.example.com, https://admin.example.com" };

describe("a page of another origin", () => {
  it("is denied when no origin is listed", async () => {
    for (const sent of [
      preflight("https://app.example.com"),
      { headers: { origin: "https://app.example.com" } },
    ]) {
      const { headers } = await send({}, sent);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
    expect((await send({}, preflight("https://app.example.com"))).status).toBe(405);
  });

  it("is denied when only other origins are listed, and so is the origin null", async () => {
    for (const origin of ["https://evil.example", "null", "https://app.example.com.evil.example"]) {
      expect((await send(listed, preflight(origin))).headers.get("access-control-allow-origin")).toBeNull();
      expect(
        (await send(listed, { headers: { origin } })).headers.get("access-control-allow-origin"),
      ).toBeNull();
    }
  });

  it("is allowed when its origin is listed, without browser credentials", async () => {
    const origin = "https://admin.example.com";
    const asked = await send(listed, preflight(origin));
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(origin);
    expect(asked.headers.get("access-control-allow-headers")).toContain("x-api-key");
    expect(asked.headers.get("access-control-allow-credentials")).toBeNull();
    const called = await send(listed, { headers: { origin, "sec-fetch-site": "cross-site" } });
    expect(called.status).toBe(200);
    expect(called.headers.get("access-control-allow-origin")).toBe(origin);
    expect(called.headers.get("access-control-allow-credentials")).toBeNull();
    expect(called.headers.get("vary")).toContain("origin");
  });

  it("receives * instead of its origin when all origins are allowed", async () => {
    const { headers } = await send({ CORS_ORIGINS: "*" }, { headers: { origin: "https://any.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  });

  it("can be listed only as a valid origin", () => {
    expect(() => start({ CORS_ORIGINS: "https://app.example.com/path" })).toThrow("CORS_ORIGINS");
  });
});

describe("a request that an HTML form can send", () => {
  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql",
    "",
  ])("is rejected with content type %j", async (type) => {
    const bodies = ['{"query":"{ __typename }"}', "query=%7B__typename%7D", "{ __typename }"];
    for (const body of bodies) {
      const { status, text } = await send({}, { headers: { "content-type": type }, body });
      expect(status).toBe(415);
      expect(text).not.toContain('"data"');
    }
  });

  it.each(["cross-site", "same-site"])("is rejected when the browser reports it as %s", async (site) => {
    const headers = { "sec-fetch-site": site };
    expect((await send({}, { headers })).status).toBe(403);
    expect((await send({}, { method: "GET", search: "?query={__typename}", headers })).status).toBe(403);
    expect((await send({}, { headers: { "sec-fetch-site": "same-origin" } })).status).toBe(200);
  });
});

describe("POST /graphql", () => {
  it("is the only way to send a mutation: GET is rejected", async () => {
    const query = encodeURIComponent(
      'mutation { configureCvm(input: { id: "web", vcpu: 2 }) { __typename } }',
    );
    const { status, text } = await send({}, { method: "GET", search: `?query=${query}` });
    expect(status).toBe(405);
    expect(text).not.toContain('"data"');
  });

  it("rejects a batch of operations", async () => {
    const { status, text } = await send(
      {},
      { body: '[{"query":"{ __typename }"},{"query":"{ __typename }"}]' },
    );
    expect(status).toBe(400);
    expect(text).toContain("Batching is not supported.");
  });

  it("sets security headers on every response", async () => {
    const answers = [
      await send({}, {}),
      await send({}, { body: "{" }),
      await send({}, { method: "GET", headers: { accept: "text/html" } }),
    ];
    for (const { headers } of answers) {
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
    expect(answers[2]?.text).toContain("<html");
  });

  describe("in production", () => {
    const production = { NODE_ENV: "production" };
    const ask = (query: string, environment: Readonly<Record<string, string>>) =>
      send(environment, { body: JSON.stringify({ query }) });

    it("does not serve GraphiQL", async () => {
      const { text } = await send(production, { method: "GET", headers: { accept: "text/html" } });
      expect(text).not.toContain("<html");
    });

    it("rejects introspection", async () => {
      const { text } = await ask("{ __schema { queryType { name } } }", production);
      expect(text).toContain("introspection");
      expect(text).not.toContain('"data"');
    });

    it.each(["{ cvmz { totalCount } }", "{ cvms { totalCoun } }", "{ cvms(firs: 1) { totalCount } }"])(
      "suggests no names for %s",
      async (query) => {
        expect((await ask(query, production)).text).not.toContain("Did you mean");
        expect((await ask(query, {})).text).toContain("Did you mean");
      },
    );

    it("allows GraphiQL and introspection when the settings enable them, and still suggests no names", async () => {
      const open = { ...production, GRAPHIQL: "true" };
      expect((await ask("{ __schema { queryType { name } } }", open)).text).toContain('"Query"');
      expect((await send(open, { method: "GET", headers: { accept: "text/html" } })).text).toContain("<html");
      expect((await ask("{ cvmz { totalCount } }", open)).text).not.toContain("Did you mean");
    });
  });
});
