import { describe, expect, it } from "vitest";
import { errorCatalog } from "../../src/error-catalog.ts";
import { parseRetryAfter } from "../../src/upstream/transport/reply-collector.ts";
import { computeRetryDelay } from "../../src/upstream/transport/retry-policy.ts";
import { startGateway } from "../support/gateway.ts";
import { COMMIT_UPDATE, WRITE } from "../support/mutations.ts";
import { askUpstream, KEY } from "../support/upstream/scripted.ts";

const READ = '{ cvm(id: "web") { id } }';

describe("the credential of the caller", () => {
  it.each([
    ["in the detail", { detail: `Invalid API key ${KEY}` }],
    [
      "in every member",
      {
        error_code: KEY,
        message: `no ${KEY}`,
        request_id: KEY,
        suggestions: [`not ${KEY}`],
        links: [{ url: `https://h/?k=${KEY}`, label: KEY }],
      },
    ],
    ["in part", { message: `Bearer ${KEY.slice(0, 12)}… is unknown` }],
  ])("is quoted in no error: %s", async (_name, body) => {
    for (const query of [READ, WRITE]) {
      const answer = await askUpstream(
        {
          "GET /cvms/web": { status: 401, body, headers: { "x-request-id": KEY } },
          "PATCH /cvms/web": { status: 401, body },
        },
        query,
      );
      expect(answer.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
      expect(JSON.stringify(answer.errors)).not.toContain(KEY.slice(0, 10));
    }
  });

  it("is removed without the advice that names an image", async () => {
    const body = { message: "dstack-0.5.5 is gone", suggestions: ["try dstack-0.5.5-abc"] };
    const query = 'mutation { configureCvm(input: { id: "web", image: "dstack-0.5.5" }) { __typename } }';
    const { errors } = await askUpstream({ "PATCH /cvms/web": { status: 400, body } }, query);
    expect(errors?.[0]?.message).toBe("[redacted] is gone");
    expect(errors?.[0]?.extensions["upstream"]).toMatchObject({ suggestions: ["try dstack-0.5.5-abc"] });
  });
});

describe("input that the REST API rejects", () => {
  it.each<[string, unknown, string, readonly string[]]>([
    ["without a location", [{ msg: "too much" }], "too much", []],
    [
      "with a location that is null",
      [
        { loc: null, msg: "too much" },
        { loc: ["body", "disk_size"], msg: "is small" },
      ],
      "input.diskSizeGb: is small too much",
      ["input.diskSizeGb"],
    ],
    [
      "without a message",
      [{ loc: ["body", "vcpu"], msg: null }, 7],
      "input.vcpu: Is not valid.",
      ["input.vcpu"],
    ],
    [
      "in a header",
      [{ loc: ["headers", "x_compose_hash"], msg: "is old" }],
      "input.composeHash: is old",
      ["input.composeHash"],
    ],
  ])("keeps the message of the REST API: %s", async (_name, detail, message, paths) => {
    const { errors } = await askUpstream({ "PATCH /cvms/web": { status: 422, body: { detail } } }, WRITE);
    expect(errors?.[0]).toMatchObject({ message, extensions: { code: "BAD_USER_INPUT" } });
    expect(errors?.[0]?.extensions["fields"] ?? []).toMatchObject(paths.map((path) => ({ path })));
  });

  it("names the argument of a list query", async () => {
    const detail = [{ loc: ["query", "page_size"], msg: "is large" }];
    const { errors } = await askUpstream(
      { "GET /cvms/paginated": { status: 422, body: { detail } } },
      "{ cvms(first: 2) { totalCount } }",
    );
    expect(errors?.[0]?.extensions["fields"]).toEqual([{ path: "first", message: "is large" }]);
  });

  it.each(["paginated", "provision", "batch-stop", "Paginated"])(
    "rejects the reserved word %s as an id and sends nothing",
    async (id) => {
      const { errors, calls } = await askUpstream({}, "query ($id: ID!) { cvm(id: $id) { id } }", { id });
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: "id" }] });
      expect(calls).toEqual([]);
    },
  );

  it.each([
    ["configureCvm", "ConfigureCvmInput", "preLaunchScript", "__typename"],
    ["configureCvm", "ConfigureCvmInput", "userConfig", "__typename"],
    ["updatePreLaunchScript", "UpdatePreLaunchScriptInput", "preLaunchScript", "__typename"],
  ])("rejects a lone surrogate in %s, %s.%s and sends nothing", async (name, type, field, selection) => {
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
    const { errors, calls } = await askUpstream({}, query, { input: { id: "web", [field]: "echo \ud800" } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: `input.${field}` }],
    });
    expect(calls).toEqual([]);
  });
});

describe("the error code of a rejection", () => {
  it("is OPERATION_IN_PROGRESS when the error code of a 409 is empty", async () => {
    const { errors } = await askUpstream(
      { "PATCH /cvms/web": { status: 409, body: { error_code: "", message: "busy" } } },
      WRITE,
    );
    expect(errors?.[0]?.extensions.code).toBe("OPERATION_IN_PROGRESS");
  });

  it("distinguishes a wrong base URL from a CVM that does not exist", async () => {
    const page = { status: 404, body: "<html>Not here</html>", headers: { "content-type": "text/html" } };
    const wrong = await askUpstream({ "GET /cvms/web": page }, READ);
    expect(wrong.errors?.[0]?.extensions.code).toBe("UPSTREAM_REFUSED");
    const absent = await askUpstream({ "GET /cvms/web": { status: 404, body: { detail: "x" } } }, READ);
    expect(absent).toMatchObject({ data: { cvm: null } });
    expect(absent.errors).toBeUndefined();
  });
});

describe("the suggestions of the REST API", () => {
  const hash = "ab".repeat(32);
  const CONFIRM = `mutation { confirmCvmPatch(input: { id: "web", composeHash: "${hash}", transactionHash: "${hash}" }) { status } }`;
  const refuse = async (status: number, suggestions: readonly string[], query = WRITE) => {
    const body = { error_code: "ERR-09-999", message: "no", suggestions };
    const { errors } = await askUpstream({ "PATCH /cvms/web": { status, body } }, query);
    return errors?.[0]?.extensions["upstream"];
  };

  it.each([
    "Call POST /cvms/web/restart first.",
    "Retry with the X-Compose-Hash header.",
    "Send the header again.",
    "List them at /api/v1/cvms.",
    "curl -X PATCH it",
    "Try env_keys",
    "Did you mean docker_compose_file?",
  ])("are replaced by the next steps of the code when they speak REST: %s", async (suggestion) => {
    expect(await refuse(466, [suggestion], CONFIRM)).toMatchObject({
      suggestions: errorCatalog.HASH_INVALID_OR_EXPIRED.nextSteps,
    });
    expect(await refuse(402, [suggestion])).toMatchObject({
      suggestions: [errorCatalog.INSUFFICIENT_BALANCE.remedy],
    });
  });

  it("are kept where they also make sense in GraphQL", async () => {
    const sense = "Choose a size of at least 40 GB.";
    expect(await refuse(400, [sense])).toMatchObject({ suggestions: [sense] });
    const id = "Use cvm_abc or app_def.";
    expect(await refuse(400, [id])).toMatchObject({ suggestions: [id] });
    expect(await refuse(400, ["GET /cvms lists them.", sense])).toMatchObject({
      suggestions: [errorCatalog.BAD_USER_INPUT.remedy, sense],
    });
  });

  it("of the sandbox name a query of the gateway for a CVM that does not exist", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(
      'mutation { configureCvm(input: { id: "no-such-cvm", vcpu: 2 }) { __typename } }',
    );
    expect(errors?.[0]?.extensions["upstream"]).toMatchObject({
      suggestions: [expect.stringContaining("Query.cvms")],
    });
  });
});

describe("the 466 of a commit token that a newer prepare has ended", () => {
  const message = "Send the update again, and register the compose hash. A hash may be already-registered.";

  it("says how to go on without a second signature, and keeps the words of the message", async () => {
    const body = { error_code: "ERR-01-006", message, suggestions: ["Start again, and register the hash."] };
    const input = { id: "cvm_web", token: "token-1", composeHash: "ab".repeat(32), transactionHash: "" };
    const { errors } = await askUpstream(
      { "POST /cvms/cvm_web/commit-update": { status: 466, body } },
      COMMIT_UPDATE,
      { input },
    );
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      message,
      extensions: {
        code: "HASH_INVALID_OR_EXPIRED",
        upstream: {
          status: 466,
          suggestions: [
            expect.stringMatching(/prepareOnly: true again, with a new idempotencyKey/),
            expect.stringMatching(/no second signature .* an empty transactionHash/),
            expect.stringMatching(/^Otherwise register/),
          ],
        },
      },
    });
  });
});

describe("Retry-After", () => {
  it.each([
    ["1.5", 1500],
    ["2", 2000],
    ["-5", null],
    ["soon", null],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 1000],
  ])("accepts seconds and dates, and ignores other values: %s", (value, expected) => {
    expect(parseRetryAfter(value, Date.parse("2026-10-21T07:27:59Z"))).toBe(expected);
  });

  it("of zero still spreads the retries of several clients", () => {
    const delays = Array.from({ length: 20 }, () => computeRetryDelay(1, 0));
    expect(new Set(delays).size).toBeGreaterThan(1);
    expect(Math.min(...Array.from({ length: 20 }, () => computeRetryDelay(1, 1000)))).toBeGreaterThanOrEqual(
      1000,
    );
  });
});
