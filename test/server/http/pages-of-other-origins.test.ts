import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { createViteServer } from "vitest/node";
import { requirePart } from "../../support/parts/parts.ts";
import { KEY, startStreamingGateway } from "../../support/streaming-gateway.ts";

/** What the page runs: published clients with their defaults. Each returns what it received. */
const PAGE = `
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Client, fetchExchange } from "@urql/core";
import { createClient } from "graphql-sse";

const READ = '{ cvm(id: "web-phala") { id name } }';
const WATCH = 'subscription { cvmState(id: "web-phala") { status } }';

const follow = (url, headers, singleConnection) =>
  new Promise((resolve, reject) => {
    const client = createClient({ url, headers, singleConnection, retryAttempts: 0 });
    client.subscribe({ query: WATCH }, { next: resolve, error: reject, complete: () => undefined });
  });

window.clients = {
  apollo: (uri, headers) =>
    new ApolloClient({
      link: new HttpLink({ uri, headers: { ...headers, "apollo-require-preflight": "true" } }),
      cache: new InMemoryCache(),
      clientAwareness: { name: "page", version: "1.0" },
    }).query({ query: gql(READ) }).then(({ data }) => data.cvm.name),
  urql: (url, headers) =>
    new Client({ url, exchanges: [fetchExchange], fetchOptions: { headers }, preferGetMethod: false })
      .query(READ, {}).toPromise().then(({ data, error }) => data?.cvm.name ?? String(error)),
  sse: (url, headers) => follow(url, headers, false).then(({ data }) => data.cvmState.status),
  sseSingle: (url, headers) => follow(url, headers, true).then(({ data }) => data.cvmState.status),
  plain: (url, headers) =>
    fetch(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ query: READ }) })
      .then((response) => response.headers.get("x-request-id")),
};
`;

/** Serve the page on an origin of its own. */
async function startPage() {
  const cacheDir = await mkdtemp(join(tmpdir(), "page-"));
  const server = await createViteServer({
    configFile: false,
    cacheDir,
    logLevel: "silent",
    server: { port: 0, host: "127.0.0.1", hmr: false, watch: null },
    optimizeDeps: { include: ["@apollo/client", "@urql/core", "graphql-sse"] },
    plugins: [
      {
        name: "page",
        resolveId: (id) => (id === "/clients.js" ? id : null),
        load: (id) => (id === "/clients.js" ? PAGE : null),
        configureServer: ({ middlewares }) => {
          middlewares.use("/page", (_request, response) => {
            response.setHeader("content-type", "text/html");
            response.end('<!doctype html><script type="module" src="/clients.js"></script>');
          });
        },
      },
    ],
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== "object" || !address) throw new TypeError("The page has no port.");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
}

describe("a page of another origin", { tags: ["chromium"], timeout: 60_000 }, () => {
  it("uses Apollo Client, urql and graphql-sse where its origin is listed, with names of CORS_HEADERS, and nothing elsewhere", async () => {
    await using page = await startPage();
    const origin = page.origin;
    await using listed = await startStreamingGateway({ CORS_ORIGINS: origin, CORS_HEADERS: "x-team" });
    await using other = await startStreamingGateway({ CORS_ORIGINS: "https://app.example.com" });
    const browser = await chromium.launch({
      executablePath: requirePart("chromium"),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    try {
      const tab = await browser.newPage();
      await tab.goto(`${origin}/page`);
      await tab.waitForFunction("window.clients !== undefined");
      const run = (client: string, url: string, headers: object = {}) =>
        tab.evaluate(
          `window.clients.${client}(${JSON.stringify(url)}, ${JSON.stringify({ "x-api-key": KEY, ...headers })}).catch((error) => "failed: " + error.message)`,
        );
      expect(await run("apollo", listed.url)).toBe("web-phala");
      expect(await run("urql", listed.url, { "x-phala-workspace": "team-a" })).toBe("web-phala");
      expect(await run("sse", listed.url, { traceparent: "00-1-1-01" })).toBe("RUNNING");
      expect(await run("sseSingle", listed.url)).toBe("RUNNING");
      expect(await run("plain", listed.url, { "x-request-id": "page-1", "x-team": "a" })).toBe("page-1");
      expect(await run("plain", listed.url, { "x-unknown": "a" })).toMatch(/^failed/);
      for (const client of ["apollo", "urql", "sse", "sseSingle", "plain"]) {
        expect(String(await run(client, other.url))).toMatch(/fail|fetch/i);
      }
      expect(other.proxy.calls).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
