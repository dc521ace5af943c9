import { request as sendRequest } from "node:http";
import { serverAudits } from "graphql-http";
import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { createRandom } from "../support/random.ts";
import { listTestDocuments } from "../support/test-documents.ts";
import { serve } from "../support/upstream/listen.ts";

const AUDIT_COUNT = 61;

type Sent = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer | null;
  /** Whether the body is sent without its length. */
  readonly chunked?: boolean;
};

type Choice = readonly [string, ...string[]];

/** Headers whose value differs between two answers of one server. */
const VOLATILE_TEXT =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=127\.0\.0\.1:)\d+|(?<=retryAfterMs\\":)\d+/g;

const VOLATILE = new Set(["date", "keep-alive", "connection"]);

/** Send a request as it is, and return everything that the client receives. */
function send(url: string, { method, path, headers, body, chunked = false }: Sent) {
  return new Promise<{ status: number | undefined; headers: string; text: string }>((resolve, reject) => {
    const length = body === null || chunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = sendRequest(
      `${url}${path}`,
      { method, headers: { ...headers, ...length } },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          const kept = Object.entries(response.headers).filter(([name]) => !VOLATILE.has(name));
          const same = (value: unknown) => JSON.stringify(value).replace(VOLATILE_TEXT, "…");
          resolve({ status: response.statusCode, headers: same(kept.sort()), text: same(text) });
        });
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    if (body === null) request.end();
    else request.end(body);
  });
}

/** Start two gateways with a sandbox each: one answers common requests itself, the other passes all on to Yoga. */
async function startBoth() {
  const stack = new AsyncDisposableStack();
  const short = stack.use(await startGateway());
  const yoga = stack.use(await startGateway({ onlyYoga: true }));
  const shortServer = stack.use(await serve(short.app));
  const yogaServer = stack.use(await serve(yoga.app));
  return {
    urls: [shortServer.url, yogaServer.url] as const,
    async sendBoth(sent: Sent) {
      const [byShort, byYoga] = await Promise.all([send(shortServer.url, sent), send(yogaServer.url, sent)]);
      return { byShort, byYoga };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const JSON_HEADERS = {
  "content-type": "application/json",
  "x-api-key": "sandbox-test",
  "x-request-id": "same",
};

function post(body: unknown, headers: Sent["headers"] = {}): Sent {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method: "POST", path: "/graphql", headers: { ...JSON_HEADERS, ...headers }, body: text };
}

const METHODS: Choice = [
  "POST",
  "POST",
  "POST",
  "POST",
  "POST",
  "GET",
  "PUT",
  "DELETE",
  "PATCH",
  "HEAD",
  "OPTIONS",
];
const PATHS: Choice = [
  "/graphql",
  "/graphql",
  "/graphql",
  "/graphql",
  "/graphql/",
  "/graphql?query={__typename}",
  "/graphql?a=%zz",
];
const CONTENT_TYPES: Choice = [
  "application/json",
  "application/json",
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=UTF-16",
  "application/json ; q=1",
  "application/json, text/plain",
  "APPLICATION/JSON",
  "application/graphql+json",
  "application/graphql",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "text/plain",
  "",
];
const ACCEPTS: readonly [null, ...(string | null)[]] = [
  null,
  "*/*",
  "application/json",
  "application/graphql-response+json",
  "application/graphql-response+json,application/json;q=0.9",
  "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
  "application/json, */*",
  "application/*;q=0.1",
  "application/json;charset=utf-16",
  "application/json; charset=utf-8",
  "multipart/mixed, application/json",
  "multipart/mixed;subscriptionSpec=1.0, application/json",
  "text/html, application/xhtml+xml, */*;q=0.8",
  "image/png",
  "APPLICATION/JSON",
  ", ,",
];
const BODIES: Choice = [
  '{"query":"{ __typename }"}',
  '{"query":"query A { __typename } query B { b: __typename }","operationName":"B"}',
  '{"query":"query A { __typename } query B { b: __typename }"}',
  '{"query":"query A { __typename }","operationName":"C"}',
  '{"query":"query A { __typename }","operationName":7}',
  '{"query":"query A { __typename }","operationName":""}',
  '{"query":"{ nope }"}',
  '{"query":"{ nope"}',
  '{"query":"{ cvms(first: 1) { totalCount nodes { id name } } }"}',
  '{"query":"query ($id: ID!) { cvm(id: $id) { name status } }","variables":{"id":"web-phala"}}',
  '{"query":"query ($id: ID!) { cvm(id: $id) { name } }","variables":{"id":["a"]}}',
  '{"query":"query ($id: ID!) { cvm(id: $id) { name } }"}',
  '{"query":"mutation { configureCvm(input: { id: \\"nope\\", vcpu: 2 }) { __typename } }"}',
  '{"query":"{ cvm(id: \\"fails-503\\") { stats { isOnline } } }"}',
  '{"query":"{ __typename }","variables":[]}',
  '{"query":"{ __typename }","variables":"{}"}',
  '{"query":"{ __typename }","extensions":7}',
  '{"query":7}',
  '{"query":""}',
  '{"query":null,"documentId":"x"}',
  '{"documentId":"x"}',
  '{"query":"{ __typename }","unknown":{"a":1}}',
  '{"__proto__":{"query":"{ __typename }"}}',
  "{}",
  "[]",
  '[{"query":"{ __typename }"}]',
  "null",
  "7",
  '"text"',
  "",
  " ",
  "{",
  '{"query":"{ __typename }"',
  '{"query":"{ __typename }",}',
  '\ufeff{"query":"{ __typename }"}',
  "query { __typename }",
  "query=%7B__typename%7D",
  '{"query":"{ a: __typename \\ud800 }"}',
];
const EXTRAS: readonly [Sent["headers"], ...Sent["headers"][]] = [
  {},
  {},
  {},
  { "x-api-key": "" },
  { "x-phala-workspace": "NOT A SLUG" },
  { "x-upstream-stats": "true" },
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { origin: "null" },
  { "content-encoding": "gzip" },
  { "x-forwarded-for": "10.0.0.1, 10.0.0.2" },
  { "x-request-id": "not valid!" },
  { "idempotency-key": "k" },
  { traceparent: "00-00000000000000000000000000000001-0000000000000001-01" },
  { authorization: ["Bearer a", "Bearer b"] },
  { cookie: "a=b" },
  { te: "trailers" },
];

describe("the short way and Yoga give the same answer", () => {
  it("to generated requests with odd methods, headers, media types, encodings and bodies", async () => {
    await using both = await startBoth();
    const { pick } = createRandom(12);
    for (let round = 0; round < 500; round += 1) {
      const method = pick(METHODS);
      const accept = pick(ACCEPTS);
      const sent: Sent = {
        method,
        path: pick(PATHS),
        headers: {
          ...JSON_HEADERS,
          "content-type": pick(CONTENT_TYPES),
          ...(accept === null ? {} : { accept }),
          ...pick(EXTRAS),
        },
        body: method === "GET" || method === "HEAD" ? null : pick(BODIES),
        chunked: round % 7 === 0,
      };
      const { byShort, byYoga } = await both.sendBoth(sent);
      expect(byShort, JSON.stringify(sent)).toEqual(byYoga);
    }
  });

  it("to every query and every invalid document of the tests", async () => {
    await using both = await startBoth();
    const documents = listTestDocuments().filter(({ kind, valid }) => kind === "query" || !valid);
    expect(documents.length).toBeGreaterThan(100);
    const compare = async ({ query, variables }: (typeof documents)[number]) => {
      const { byShort, byYoga } = await both.sendBoth(post({ query, variables }));
      expect(byShort, query).toEqual(byYoga);
    };
    while (documents.length > 0) await Promise.all(documents.splice(0, 10).map(compare));
  });

  it("to every mutation of the tests, one after another", async () => {
    await using both = await startBoth();
    const mutations = listTestDocuments().filter(({ kind, valid }) => kind === "mutation" && valid);
    expect(mutations.length).toBeGreaterThan(10);
    for (const { query, variables } of mutations) {
      const { byShort, byYoga } = await both.sendBoth(post({ query, variables }));
      expect(byShort, query).toEqual(byYoga);
    }
  });

  it("to the audits of graphql-http, and both pass them", async () => {
    await using both = await startBoth();
    for (const url of both.urls) {
      const audits = serverAudits({ url: `${url}/graphql` });
      expect(audits).toHaveLength(AUDIT_COUNT);
      const results = await Promise.all(audits.map((audit) => audit.fn()));
      expect(results.filter(({ status }) => status !== "ok")).toEqual([]);
    }
  });
});
