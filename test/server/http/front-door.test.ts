import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createGateway, startGateway } from "../../support/gateway.ts";
import { CONFIGURE } from "../../support/mutations.ts";

const change = JSON.stringify({ query: CONFIGURE, variables: { input: { id: "web-phala", vcpu: 2 } } });

/** Send a mutation with an Accept header. */
const sendChange = ({ app }: Awaited<ReturnType<typeof startGateway>>, accept: string) =>
  app.fetch("http://gateway.test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "sandbox-test", accept },
    body: change,
  });

describe("the Accept header of a mutation", () => {
  it.each(["text/html", "application/xml", "image/*", "application/json; charset=latin1", "nonsense"])(
    "rejects the mutation before it runs when it is %j",
    async (accept) => {
      await using gateway = await startGateway();
      const response = await sendChange(gateway, accept);
      expect(response.status).toBe(406);
      const requestId = response.headers.get("x-request-id");
      expect(await response.json()).toEqual({
        errors: [
          {
            message: expect.stringMatching(
              /graphql-response\+json.*application\/json.*text\/event-stream.*multipart\/mixed/,
            ),
            extensions: { code: "BAD_REQUEST", retryable: false, requestId },
          },
        ],
      });
      expect(await gateway.calls()).toEqual([]);
    },
  );

  it.each(["*/*", "text/html, application/json;q=0.9", "application/*", "text/event-stream", ""])(
    "accepts the mutation when it is %j",
    async (accept) => {
      await using gateway = await startGateway();
      const response = await sendChange(gateway, accept);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('"InProgress"');
    },
  );
});

describe("an error response", () => {
  it.each([
    ["an unknown path", "/elsewhere", {}, 404],
    ["an unknown type", "/graphql", { "content-type": "text/plain" }, 415],
    ["an Accept header that a result cannot satisfy", "/graphql", { accept: "application/json" }, 406],
  ])("has a body with the request id: %s", async (_what, path, headers, status) => {
    await using gateway = await startGateway();
    const response = await gateway.app.fetch(`http://gateway.test${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-api-key": "sandbox-test",
        "x-request-id": "id-1",
        ...headers,
      },
      body: JSON.stringify({ query: 'subscription { cvmState(id: "web-phala") { status } }' }),
    });
    expect(response.status).toBe(status);
    const [error] = (await response.json()).errors;
    expect(error.extensions).toMatchObject({ code: "BAD_REQUEST", requestId: "id-1" });
    expect(error.message).not.toBe("");
    if (status === 406) expect(error.message).toContain("text/event-stream");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("an error of the client", () => {
  it.each(["variables", "extensions"])(
    "is reported as BAD_REQUEST when the %s of a URL are malformed",
    async (name) => {
      const { app } = createGateway("http://127.0.0.1:9");
      const response = await app.fetch(`http://gateway.test/graphql?query={__typename}&${name}={secret`);
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(JSON.parse(text).errors[0].extensions.code).toBe("BAD_REQUEST");
      expect(text).not.toContain("secret");
    },
  );

  it.each([
    ["an argument", 'query ($v: ID = "x") { cvm(id: $v) { id } }', "id", "id"],
    [
      "an input object",
      'mutation ($v: ID = "x") { configureCvm(input: { id: $v, preLaunchScript: "hunter2" }) { __typename } }',
      "input",
      "input.id",
    ],
    [
      "one of several operations",
      'query A { __typename } query B($v: ID = "x") { ...F } fragment F on Query { cvm(id: $v) { id } }',
      "id",
      "id",
    ],
  ])(
    "names the argument when null is given to %s that does not accept it",
    async (_where, query, argument, path) => {
      const { app } = createGateway("http://127.0.0.1:9");
      const operationName = query.includes("query B") ? "B" : undefined;
      const response = await app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "k" },
        body: JSON.stringify({ query, operationName, variables: { v: null } }),
      });
      const text = await response.text();
      const [error] = JSON.parse(text).errors;
      expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path }] });
      expect(error.message).toContain(`"${argument}"`);
      expect(text).not.toContain("hunter2");
    },
  );

  it.each([
    ["a deeply nested document", { query: "{a".repeat(900) + "}".repeat(900) }],
    ["a deeply nested literal", { query: `{ cvm(id: ${"[".repeat(900)}${"]".repeat(900)}) { id } }` }],
  ])("is reported as the client's for %s", async (_what, body) => {
    const { app } = createGateway("http://127.0.0.1:9");
    const response = await app.fetch("http://gateway.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect((await response.json()).errors[0].extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  });
});

describe("a page that opens a WebSocket", () => {
  const connect = async (origin: string | undefined, environment: Readonly<Record<string, string>> = {}) => {
    const gateway = createGateway("http://127.0.0.1:9", { environment });
    const server = await gateway.listen();
    const own = origin === "own" ? server.url : origin;
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
      ...(own === undefined ? {} : { origin: own }),
    });
    const outcome = await Promise.race([
      once(socket, "open").then(() => "open"),
      once(socket, "unexpected-response").then(([, response]) => response.statusCode),
    ]);
    socket.on("error", () => undefined);
    socket.terminate();
    await server.drain(0);
    await gateway.close();
    return outcome;
  };

  it.each(["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:1"])(
    "is rejected when its origin %s is not listed",
    async (origin) => {
      expect(await connect(origin)).toBe(403);
      expect(await connect(origin, { CORS_ORIGINS: "https://app.example.com" })).toBe(403);
    },
  );

  it("is accepted from the gateway's own origin, from a listed origin and without an origin", async () => {
    expect(await connect("own")).toBe("open");
    expect(await connect(undefined)).toBe("open");
    expect(await connect("https://app.example.com", { CORS_ORIGINS: "https://app.example.com" })).toBe(
      "open",
    );
    expect(await connect("https://any.example", { CORS_ORIGINS: "*" })).toBe("open");
  });
});

describe("the log", () => {
  it("names the endpoint of a call without its identifier", async () => {
    const logs: string[] = [];
    await using gateway = await startGateway({ logs });
    await gateway.ask("query ($id: ID!) { cvm(id: $id) { id state { status } } }", { id: "pasted-key" });
    expect(logs.join("")).toContain('"path":"/cvms/{id}');
    expect(logs.join("")).not.toContain("pasted-key");
  });

  it("has one line per operation with the codes of its errors and a short name", async () => {
    const logs: string[] = [];
    await using gateway = await startGateway({ logs });
    await gateway.ask(`query ${"N".repeat(500)} { cvm(id: "x") { id } }`, {}, {});
    const lines = logs.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "operation");
    expect(lines).toMatchObject([{ codes: ["UNAUTHENTICATED"], operationName: "N".repeat(64) }]);
  });

  it.each([
    ["{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"],
    ["{", {}, "GRAPHQL_PARSE_FAILED"],
    ["query ($id: ID!) { cvm(id: $id) { id } }", {}, "BAD_USER_INPUT"],
    ["{ __typename }", { "content-type": "text/plain" }, "BAD_REQUEST"],
  ])("has one line for %j, which is rejected before it runs", async (query, headers, code) => {
    const logs: string[] = [];
    const { app } = createGateway("http://127.0.0.1:9", { logs });
    const response = await app.fetch("http://gateway.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
    await response.text();
    const requestId = response.headers.get("x-request-id");
    expect(logs.map((line) => JSON.parse(line))).toMatchObject([
      { msg: "refused", codes: [code], requestId },
    ]);
  });
});
