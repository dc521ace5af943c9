import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { writeMutation } from "../support/mutations.ts";
import type { RecordedRequest, Reply } from "../support/upstream/reply.ts";
import { CVM, nameCall, precondition, startScripted } from "../support/upstream/scripted.ts";

const SELECTION = `
  __typename
  ... on InProgress { status message }
  ... on OnChainHashRequired { composeHash matchesPredictedHash }`;

const PRESENT = { allowed_envs: ["A"], docker_compose_file: "x", name: "web", pre_launch_script: "y" };
const ADDED = "# added by the REST API\n";
const PATCH_PATH = /^PATCH \/cvms\/web\/(docker-compose|pre-launch-script|envs)$/;
const accepted = (message: string): Reply => ({ status: 202, body: { status: "in_progress", message } });

const toHash = (text: string) => createHash("sha256").update(text).digest("hex");

/** Apply a request as this REST API does: it adds a line to each text, and a name to the list. */
function applyChange({ path, body }: RecordedRequest): string {
  if (path.endsWith("/docker-compose"))
    return JSON.stringify({ ...PRESENT, docker_compose_file: body + ADDED });
  if (path.endsWith("/pre-launch-script")) {
    return JSON.stringify({ ...PRESENT, pre_launch_script: body + ADDED });
  }
  return JSON.stringify({ ...PRESENT, allowed_envs: [...JSON.parse(body).env_keys, "ADDED"] });
}

/** Return the compose hash of a proof, which `envs` has in its body. */
function readProof({ headers, path, body }: RecordedRequest): string | null {
  const inBody: unknown = path.endsWith("/envs") ? JSON.parse(body).compose_hash : undefined;
  const given = headers["x-compose-hash"] ?? inBody;
  return typeof given === "string" ? given : null;
}

/** A REST API that changes what it stores, and whose compose hash the gateway therefore predicts wrongly. */
function answer(request: RecordedRequest, presentHash = toHash(JSON.stringify(PRESENT))): Reply {
  const call = nameCall(request);
  const text = JSON.stringify(PRESENT);
  if (call === "GET /cvms/web") {
    const kms = { kms_type: "base", kms_info: { chain_id: 8453 } };
    return { body: { ...CVM, ...kms, compose_hash: presentHash } };
  }
  if (call === "GET /cvms/web/compose_file") return { headers: { "content-type": "text/plain" }, body: text };
  const hash = toHash(applyChange(request));
  const proof = readProof(request);
  if (proof === null) return { status: 465, body: { ...precondition, compose_hash: hash } };
  return proof === hash ? accepted("applied") : { status: 466, body: { detail: "unknown hash" } };
}

/** Start a gateway in front of this REST API. `intercept` can answer a write instead of it. */
async function start(intercept: (phase: 1 | 2) => Reply | null = () => null, presentHash?: string) {
  const upstream = await startScripted((request) => {
    const isWrite = PATCH_PATH.test(nameCall(request));
    return (isWrite ? intercept(readProof(request) === null ? 1 : 2) : null) ?? answer(request, presentHash);
  });
  const { app, close } = createGateway(upstream.url);
  return {
    ask: async (name: string, input: object) => {
      const { data, errors } = await ask(app, writeMutation(name, SELECTION), {
        input: { id: "web", ...input },
      });
      return { result: data?.[name], error: errors?.[0] };
    },
    /** List the phases of the writes since the last look. */
    phases: () =>
      upstream.requests
        .splice(0)
        .filter((request) => PATCH_PATH.test(nameCall(request)))
        .map((request) => (readProof(request) === null ? 1 : 2)),
    async [Symbol.asyncDispose]() {
      await close();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const transactionHash = "12".repeat(32);
const YAML = { dockerComposeFile: "services:\n  web:\n    image: nginx\n" };
const sealed = { encryptedEnv: "ab".repeat(80), keys: ["A", "B"] };
const cases = [
  ["updateDockerCompose", YAML],
  ["updatePreLaunchScript", { preLaunchScript: "echo 1\n" }],
  ["updateCvmEnvs", { env: { encrypted: sealed } }],
] as const;

describe.each(cases)("%s with a REST API that changes what it stores", (name, change) => {
  it("completes with the hash that the REST API asked for, after asking it once more", async () => {
    await using gateway = await start();
    const { result } = await gateway.ask(name, change);
    expect(result).toMatchObject({ __typename: "OnChainHashRequired", matchesPredictedHash: false });
    expect(gateway.phases()).toEqual([1]);
    const { composeHash } = result;
    const second = await gateway.ask(name, { ...change, composeHash, transactionHash });
    expect(second.error).toBeUndefined();
    expect(second.result).toMatchObject({ status: "IN_PROGRESS", message: "applied" });
    expect(gateway.phases()).toEqual([1, 2]);
  });

  it("names the hash of another input and the way for the approved change, and applies nothing", async () => {
    await using gateway = await start();
    const { result } = await gateway.ask(name, change);
    gateway.phases();
    const composeHash = "77".repeat(32);
    const { error } = await gateway.ask(name, { ...change, composeHash, transactionHash });
    expect(error).toMatchObject({
      message: expect.stringMatching(/confirmCvmPatch with the same composeHash and transactionHash/),
      extensions: {
        code: "HASH_INVALID_OR_EXPIRED",
        retryable: false,
        composeHash: result.composeHash,
      },
    });
    expect(error?.message).toContain(result.composeHash);
    expect(gateway.phases()).toEqual([1]);
  });

  it("says that no signature was needed when the REST API applies the change without hashes", async () => {
    await using gateway = await start((phase) => (phase === 1 ? accepted("Update initiated.") : null));
    const { result } = await gateway.ask(name, { ...change, composeHash: "77".repeat(32), transactionHash });
    expect(result).toEqual({
      __typename: "InProgress",
      status: "IN_PROGRESS",
      message: expect.stringMatching(/^No signature was needed: .* Update initiated\.$/),
    });
    expect(gateway.phases()).toEqual([1]);
  });

  it("sends nothing more after the answer to the first request was lost", async () => {
    await using gateway = await start(() => {
      throw new Error("The connection is reset.");
    });
    const { error } = await gateway.ask(name, { ...change, composeHash: "77".repeat(32), transactionHash });
    expect(error?.extensions).toMatchObject({ code: "OUTCOME_UNKNOWN", retryable: false });
    expect(gateway.phases()).toEqual([1]);
  });
});

describe("a second phase that waits for its transaction", () => {
  it("asks the REST API for the hash once, and repeats only the confirmation", async () => {
    const statuses = [467, 468];
    await using gateway = await start((phase) => {
      const status = phase === 2 ? statuses.shift() : undefined;
      return status === undefined ? null : { status, body: { detail: "not yet" } };
    });
    const { composeHash } = (await gateway.ask("updateDockerCompose", YAML)).result;
    gateway.phases();
    const proof = { composeHash, transactionHash, waitForTransactionSeconds: 20 };
    const { result } = await gateway.ask("updateDockerCompose", { ...YAML, ...proof });
    expect(result).toMatchObject({ status: "IN_PROGRESS" });
    expect(gateway.phases()).toEqual([1, 2, 2, 2]);
  });
});

describe("OnChainHashRequired.matchesPredictedHash", () => {
  const hashOf = (compose: object) => toHash(JSON.stringify(compose));
  const require = (composeHash: string): Reply => ({
    status: 465,
    body: { ...precondition, compose_hash: composeHash },
  });

  it.each([
    ["a Docker Compose file", "updateDockerCompose", YAML, { docker_compose_file: YAML.dockerComposeFile }],
    [
      "a sorted list of names",
      "updateCvmEnvs",
      { env: { encrypted: { ...sealed, keys: ["B", "A"] } } },
      { allowed_envs: ["A", "B"] },
    ],
  ])("is true when the REST API stores %s as predicted", async (_case, name, input, stored) => {
    await using gateway = await start(() => require(hashOf({ ...PRESENT, ...stored })));
    expect((await gateway.ask(name, input)).result).toMatchObject({ matchesPredictedHash: true });
  });

  it("is null when the hash cannot be predicted, and the REST API alone checks the second phase", async () => {
    await using gateway = await start(() => null, "00".repeat(32));
    const { result } = await gateway.ask("updateDockerCompose", YAML);
    expect(result).toMatchObject({ __typename: "OnChainHashRequired", matchesPredictedHash: null });
    gateway.phases();
    const proof = { composeHash: "77".repeat(32), transactionHash };
    const { error } = await gateway.ask("updateDockerCompose", { ...YAML, ...proof });
    expect(error?.extensions).toMatchObject({ code: "HASH_INVALID_OR_EXPIRED", upstream: { status: 466 } });
    expect(gateway.phases()).toEqual([2]);
  });
});
