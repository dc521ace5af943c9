import { describe, expect, it } from "vitest";
import { COMMIT_UPDATE, CONFIRM, UPDATE_COMPOSE, UPDATE_ENVS, UPDATE_SCRIPT } from "../support/mutations.ts";
import { askUpstream, CVM, precondition } from "../support/upstream/scripted.ts";

const HASH = precondition.compose_hash;
const OTHER = "99".repeat(32);
const proof = { id: "web", composeHash: HASH, transactionHash: "12".repeat(32) };
const START_AGAIN = "Start again: send the update without hashes.";

const pairs = Object.entries(precondition).map(([field, value]) => ({ field, value }));
const structured = { error_code: "ERR-01-005", message: "m", suggestions: [START_AGAIN], details: pairs };

/** Each second phase with its input and its upstream call. */
const phases = [
  ["confirmCvmPatch", CONFIRM, proof, "PATCH /cvms/web"],
  ["commitCvmUpdate", COMMIT_UPDATE, { ...proof, token: "t-1" }, "POST /cvms/web/commit-update"],
  [
    "updateDockerCompose",
    UPDATE_COMPOSE,
    { ...proof, dockerComposeFile: "services: {}\n" },
    "PATCH /cvms/web/docker-compose",
  ],
  [
    "updatePreLaunchScript",
    UPDATE_SCRIPT,
    { ...proof, preLaunchScript: "echo 1\n" },
    "PATCH /cvms/web/pre-launch-script",
  ],
  [
    "updateCvmEnvs",
    UPDATE_ENVS,
    { ...proof, env: { encrypted: { encryptedEnv: "ab".repeat(80) } } },
    "PATCH /cvms/web/envs",
  ],
] as const;

describe.each(phases)("a 465 in the second phase of %s", (_name, query, input, call) => {
  const send = async (body: unknown) => {
    const answer = await askUpstream(
      { [call]: { status: 465, body }, "GET /cvms/web": { body: CVM } },
      query,
      { input },
    );
    const [error, ...others] = answer.errors ?? [];
    expect(others).toEqual([]);
    expect(answer.calls.filter((sent) => sent === call)).toHaveLength(1);
    return error;
  };

  it.each([
    ["structured", structured],
    ["flat, with 0x", { message: "m", ...precondition, compose_hash: `0x${HASH.toUpperCase()}` }],
    ["without a hash", { message: "register" }],
    ["without JSON", "register"],
  ])("means that the hash is not registered yet: the same proof is good later (%s)", async (_form, body) => {
    const error = await send(body);
    expect(error).toMatchObject({
      message: expect.stringMatching(/not allow this compose hash yet.*same hashes. Do not start again/),
      extensions: { code: "HASH_NOT_ALLOWED", retryable: true, upstream: { status: 465 } },
    });
    expect(JSON.stringify(error)).not.toContain(START_AGAIN);
  });

  it("with another hash names that hash", async () => {
    const error = await send({ ...precondition, compose_hash: OTHER });
    expect(error).toMatchObject({
      message: expect.stringContaining(OTHER),
      extensions: { code: "HASH_INVALID_OR_EXPIRED", retryable: false, composeHash: OTHER },
    });
  });
});

describe("waitForTransactionSeconds", () => {
  it("waits until the REST API sees the registered hash, and applies the change once", async () => {
    const statuses = [467, 465, 468, 202];
    let sent = 0;
    const { data, errors, calls } = await askUpstream(
      () => ({ status: statuses[sent++] ?? 500, body: precondition }),
      CONFIRM,
      { input: { ...proof, waitForTransactionSeconds: 20 } },
    );
    expect(errors).toBeUndefined();
    expect(data.confirmCvmPatch).toMatchObject({ status: "IN_PROGRESS" });
    expect(calls.filter((call) => call === "PATCH /cvms/web")).toHaveLength(4);
  });
});
