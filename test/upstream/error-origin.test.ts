import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { WRITE } from "../support/mutations.ts";
import { askUpstream, CVM, KEY, startScripted } from "../support/upstream/scripted.ts";

const READ = '{ cvm(id: "web") { id } }';

describe("an error that is not from the REST API itself", () => {
  const html = { "content-type": "text/html" };

  it.each([
    ["the text of its framework", { detail: "Not Found" }, {}],
    ["the text of a proxy", { message: "no Route matched with those values" }, {}],
    ["an HTML page", "<html>404</html>", html],
    ["no body", "", {}],
    ["JSON without a member of an error body", { error: "gone" }, {}],
  ])("a 404 with %s is a missing endpoint, not a missing CVM", async (_name, body, headers) => {
    const reply = { status: 404, body, headers };
    for (const query of [READ, WRITE]) {
      const { errors } = await askUpstream({ "GET /cvms/web": reply, "PATCH /cvms/web": reply }, query);
      expect(errors?.[0]?.extensions).toMatchObject({ code: "UPSTREAM_REFUSED", retryable: false });
      expect(JSON.stringify(errors?.[0]?.extensions["upstream"])).toContain("UPSTREAM_URL");
    }
  });

  it.each([
    ["an HTML page", "<html>Just a moment</html>", html],
    ["no body", "", {}],
  ])("a 403 with %s says nothing about the credential", async (_name, body, headers) => {
    const reply = { status: 403, body, headers };
    const read = await askUpstream({ "GET /cvms/web": reply }, READ);
    expect(read.errors?.[0]?.extensions).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retryable: true });
    expect(JSON.stringify(read.errors)).toContain("User-Agent");
    const write = await askUpstream({ "PATCH /cvms/web": reply }, WRITE);
    expect(write.errors?.[0]?.extensions).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retryable: false });
    expect(write.calls.filter((call) => call.startsWith("PATCH"))).toHaveLength(1);
  });

  it("a 403 of the REST API is FORBIDDEN", async () => {
    const { errors } = await askUpstream(
      { "GET /cvms/web": { status: 403, body: { detail: "Not in this workspace" } } },
      READ,
    );
    expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });
});

describe("a long refusal", () => {
  const refuse = (quoted: number) => {
    const body = { detail: [{ loc: ["body", "vcpu"], msg: "Too many.", input: "x".repeat(quoted) }] };
    return askUpstream({ "PATCH /cvms/web": { status: 422, body } }, WRITE);
  };

  it("that quotes a whole input is read", async () => {
    const { errors } = await refuse(300_000);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.vcpu", message: "Too many." }],
    });
  });

  it("that is longer than any input is a refusal without details, because reading it takes long", async () => {
    const { errors } = await refuse(600_000);
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(errors?.[0]?.extensions["fields"]).toBeUndefined();
  });
});

describe("the texts of a server error", () => {
  const text = "psycopg.OperationalError at db-7.internal";
  it.each([500, 502, 503, 504])("never reach the client: %i", async (status) => {
    const bodies = [
      { detail: text },
      { detail: [{ loc: ["body", "vcpu"], msg: text }] },
      {
        error_code: "ERR-02-006",
        message: text,
        details: [{ field: "vcpu", message: text }],
        suggestions: [text],
        links: [{ url: `https://internal.test/${text}`, label: text }],
        request_id: "req-1",
      },
      { error_code: text, message: text, request_id: text },
      { error_code: "psycopg.OperationalError" },
    ];
    for (const body of bodies) {
      const { errors } = await askUpstream({ "PATCH /cvms/web": { status, body } }, WRITE);
      expect(errors).toHaveLength(1);
      expect(JSON.stringify(errors)).not.toContain("psycopg");
      expect(errors?.[0]?.extensions).toMatchObject({ retryable: false, upstream: { status } });
    }
    const { errors } = await askUpstream({ "PATCH /cvms/web": { status, body: bodies[2] } }, WRITE);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "RESOURCE_UNAVAILABLE",
      upstream: { errorCode: "ERR-02-006", requestId: "req-1" },
    });
  });
});

describe("each error code of the REST API", () => {
  it.each<[string, number, string]>([
    ["ERR-01-001", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-01-002", 400, "BAD_USER_INPUT"],
    ["ERR-01-003", 422, "BAD_USER_INPUT"],
    ["ERR-01-004", 409, "CONFLICT"],
    ["ERR-01-006", 466, "HASH_INVALID_OR_EXPIRED"],
    ["ERR-01-007", 467, "TRANSACTION_NOT_VERIFIED"],
    ["ERR-01-008", 468, "HASH_NOT_ALLOWED"],
    ["ERR-02-001", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-02-006", 500, "RESOURCE_UNAVAILABLE"],
    ["ERR-02-008", 400, "BAD_USER_INPUT"],
    ["ERR-02-009", 400, "BAD_USER_INPUT"],
    ["ERR-02-011", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-02-013", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-02-016", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-03-001", 404, "NOT_FOUND"],
    ["ERR-03-002", 400, "AMBIGUOUS_CVM"],
    ["ERR-03-003", 404, "NOT_FOUND"],
    ["ERR-03-004", 404, "NOT_FOUND"],
    ["ERR-03-005", 404, "NOT_FOUND"],
    ["ERR-03-006", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-03-007", 409, "CONFLICT"],
    ["ERR-03-008", 404, "NOT_FOUND"],
    ["ERR-03-009", 400, "BAD_USER_INPUT"],
    ["ERR-03-010", 400, "AMBIGUOUS_CVM"],
    ["ERR-04-001", 400, "INSUFFICIENT_BALANCE"],
    ["ERR-04-002", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-05-001", 400, "RESOURCE_UNAVAILABLE"],
    ["ERR-05-001", 429, "RATE_LIMITED"],
    ["ERR-05-002", 400, "RATE_LIMITED"],
    ["ERR-06-001", 400, "FORBIDDEN"],
    ["ERR-06-006", 403, "FORBIDDEN"],
    ["ERR-03-001", 500, "UPSTREAM_UNAVAILABLE"],
    ["ERR-99-999", 404, "NOT_FOUND"],
    ["ERR-99-999", 409, "CONFLICT"],
    ["ERR-99-999", 418, "UPSTREAM_REFUSED"],
  ])("%s with HTTP %i is %s", async (error_code, status, code) => {
    const body = { error_code, message: "m" };
    const { errors } = await askUpstream({ "PATCH /cvms/web": { status, body } }, WRITE);
    expect(errors?.[0]?.extensions.code).toBe(code);
  });
});

it("every call names the gateway in its User-Agent", async () => {
  await using upstream = await startScripted(() => ({ status: 202, body: CVM }));
  const { app, close } = createGateway(upstream.url);
  const token = "0b9c6d0e-6a5c-4c0e-9f0e-0c9a6e1f4b7d";
  const hashes = `composeHash: "${"ab".repeat(32)}", transactionHash: "${"12".repeat(32)}"`;
  await ask(app, READ, {}, { "x-api-key": KEY, "user-agent": "curl/8" });
  await ask(app, WRITE, {}, { "x-api-key": KEY, "user-agent": "curl/8" });
  await ask(
    app,
    `mutation { commitCvmUpdate(input: { id: "web", token: "${token}", ${hashes} }) { status } }`,
    {},
    { "user-agent": "curl/8" },
  );
  await close();
  expect(upstream.requests.map(({ method }) => method)).toEqual(
    expect.arrayContaining(["GET", "PATCH", "POST"]),
  );
  for (const { headers } of upstream.requests) expect(headers["user-agent"]).toBe("cvm-gateway");
});
