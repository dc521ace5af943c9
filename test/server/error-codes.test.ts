import { GraphQLError } from "graphql";
import { describe, expect, it } from "vitest";
import { errorCatalog } from "../../src/error-catalog.ts";
import { maskError } from "../../src/server/errors/mask-error.ts";
import { protocolErrorCatalog } from "../../src/server/errors/protocol-error-catalog.ts";
import { ask, createGateway, type GatewayOptions, startGateway } from "../support/gateway.ts";
import { setVcpu } from "../support/mutations.ts";
import { startSignIn } from "../support/sign-in/gateway.ts";
import { serve } from "../support/upstream/listen.ts";
import { startScripted } from "../support/upstream/scripted.ts";

const READ = '{ cvm(id: "web-phala") { id } }';
const hash = "11".repeat(32);

const documents = { find: () => null, has: () => false, reload: async () => 0 };

type Scenario = () => Promise<string | undefined>;

/** Return the error code of an operation when the REST API responds in a given way. */
function answered(status: number, body: unknown, query = setVcpu("web-phala")): Scenario {
  return async () => {
    await using upstream = await startScripted(() => ({ status, body }));
    const { app, close } = createGateway(upstream.url);
    const { errors } = await ask(app, query);
    await close();
    return errors?.[0]?.extensions.code;
  };
}

/** Return the error code of an operation on the sandbox, after other operations. */
function onSandbox(
  queries: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  headers?: Readonly<Record<string, string>>,
): Scenario {
  return async () => {
    await using gateway = await startGateway({ environment });
    let code: string | undefined;
    for (const query of queries) code = (await gateway.ask(query, {}, headers)).errors?.[0]?.extensions.code;
    return code;
  };
}

/** Return the error code of a raw HTTP request. */
function sent(init: RequestInit, options: GatewayOptions = {}): Scenario {
  return async () => {
    const { app, close } = createGateway("http://127.0.0.1:1", options);
    const headers = { "content-type": "application/json", "x-api-key": "k" };
    const response = await app.fetch("http://gateway.test/graphql", { method: "POST", headers, ...init });
    const { errors } = await response.json();
    await close();
    return errors[0].extensions.code;
  };
}

const keyed = (vcpu: number) => setVcpu("web-phala", vcpu, 'idempotencyKey: "k"');
const confirm = `mutation { confirmCvmPatch(input: { id: "web-base", composeHash: "${hash}", transactionHash: "${hash}" }) { status } }`;
const plain =
  'mutation { updateCvmEnvs(input: { id: "web-phala", env: { plain: [{ key: "DATABASE_URL", value: "x" }, { key: "API_TOKEN", value: "x" }] } }) { __typename } }';
/** A version of another configuration: a digest, and the checksums of its 12 parts. */
const version = "A".repeat(16 + 12 * 3);

const scenarios: Readonly<Record<keyof typeof errorCatalog | keyof typeof protocolErrorCatalog, Scenario>> = {
  UNAUTHENTICATED: onSandbox([READ], {}, {}),
  FORBIDDEN: answered(403, { error_code: "ERR-03-003", message: "not yours" }),
  NOT_FOUND: answered(404, { error_code: "ERR-03-001", message: "none" }),
  BAD_USER_INPUT: onSandbox(['{ cvm(id: "/") { id } }']),
  AMBIGUOUS_CVM: answered(400, { error_code: "ERR-03-002", message: "several" }),
  OPERATION_IN_PROGRESS: onSandbox([setVcpu("web-phala"), setVcpu("web-phala", 4)]),
  CONFLICT: answered(409, { error_code: "ERR-03-007", message: "taken" }),
  VERSION_CONFLICT: onSandbox([setVcpu("web-phala", 2, `expectedVersion: "${version}"`)]),
  IDEMPOTENCY_KEY_REUSED: onSandbox([keyed(2), keyed(4)]),
  HASH_INVALID_OR_EXPIRED: onSandbox([confirm]),
  TRANSACTION_NOT_VERIFIED: answered(467, { error_code: "ERR-01-007", message: "not seen" }, confirm),
  HASH_NOT_ALLOWED: answered(468, { error_code: "ERR-01-008", message: "not allowed" }, confirm),
  INSUFFICIENT_BALANCE: answered(400, { error_code: "ERR-04-001", message: "broke" }),
  RESOURCE_UNAVAILABLE: answered(400, { error_code: "ERR-02-003", message: "no vCPU left" }),
  RATE_LIMITED: answered(429, { detail: "slow down" }),
  PAYLOAD_TOO_LARGE: answered(413, { detail: "too large" }),
  KMS_KEY_NOT_TRUSTED: onSandbox([plain], { REQUIRE_VERIFIED_KMS_KEY: "true" }),
  SIGN_IN_UNAVAILABLE: async () => {
    await using gateway = await startSignIn();
    gateway.provider.interrupt();
    const token = await gateway.provider.sign("alice");
    return (await gateway.ask(token, READ)).errors?.[0]?.extensions.code;
  },
  AUDIT_UNAVAILABLE: async () => {
    await using gateway = await startSignIn();
    const token = await gateway.provider.sign("rita", { groups: ["releasers"] });
    await gateway.breakAuditLog();
    await gateway.ask(token, setVcpu("web-phala"));
    return (await gateway.ask(token, setVcpu("web-base"))).errors?.[0]?.extensions.code;
  },
  LOCK_UNAVAILABLE: onSandbox([setVcpu("web-phala", 2, `expectedVersion: "${version}"`)], {
    REDIS_URL: "redis://127.0.0.1:9",
  }),
  UPSTREAM_TIMEOUT: onSandbox(['{ cvm(id: "fails-slow") { id } }'], { UPSTREAM_READ_TIMEOUT_MS: "100" }),
  UPSTREAM_UNAVAILABLE: answered(503, { detail: "down" }),
  UPSTREAM_MALFORMED: answered(200, { what: "is this" }, READ),
  UPSTREAM_REFUSED: answered(418, { detail: "a teapot" }),
  OUTCOME_UNKNOWN: onSandbox([setVcpu("fails-reset")]),
  CANCELLED: async () => {
    await using upstream = await serve((request, response) => {
      request.resume().on("end", () => setTimeout(() => response.writeHead(202).end("{}"), 100));
    });
    const { app, close } = createGateway(upstream.url, { environment: { REQUEST_TIMEOUT_MS: "50" } });
    const { errors } = await ask(
      app,
      'mutation { a: startCvm(input: { id: "a" }) { status } b: startCvm(input: { id: "b" }) { status } }',
    );
    await close();
    return errors?.find(({ path }) => path?.[0] === "b")?.extensions.code;
  },
  INTERNAL_SERVER_ERROR: async () =>
    String(
      maskError(new GraphQLError("x", { originalError: new TypeError("x") }), "id", () => {}).extensions[
        "code"
      ],
    ),
  BAD_REQUEST: sent({ body: "{" }),
  GRAPHQL_PARSE_FAILED: sent({ body: JSON.stringify({ query: "{" }) }),
  GRAPHQL_VALIDATION_FAILED: sent({ body: JSON.stringify({ query: "{ nothing }" }) }),
  OPERATION_RESOLUTION_FAILURE: sent({
    body: JSON.stringify({ query: "query A { __typename } query B { __typename }" }),
  }),
  PERSISTED_DOCUMENT_NOT_FOUND: sent(
    { body: JSON.stringify({ documentId: "sha256:unknown" }) },
    { documents },
  ),
  PERSISTED_DOCUMENT_REQUIRED: sent(
    { body: JSON.stringify({ query: READ }) },
    { documents, environment: { PERSISTED_ONLY: "true", PERSISTED_DOCUMENTS: "given" } },
  ),
};

describe("every error code of the catalogue", () => {
  it.each(Object.entries(scenarios))("%s occurs", async (code, scenario) => {
    expect(await scenario()).toBe(code);
  });

  it("has a scenario in this file", () => {
    expect(Object.keys(scenarios).sort()).toEqual(
      Object.keys({ ...errorCatalog, ...protocolErrorCatalog }).sort(),
    );
  });
});
