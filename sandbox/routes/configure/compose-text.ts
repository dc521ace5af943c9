import type { Hono } from "hono";
import { z } from "zod";
import { buildChange, type Change, sealedEnvSchema } from "../../cvm/change.ts";
import { acceptChange, type Proof, submitChange, unknownHash, verifyProof } from "../../cvm/submit-change.ts";
import type { Cvm } from "../../cvm/types.ts";
import { plainError, validationError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { decodeText, readJson } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import type { World } from "../../world.ts";
import { answerOutcome, readProofHeaders } from "./patch.ts";

type TextField = "docker_compose_file" | "pre_launch_script";

const hashesBody = z.looseObject({
  compose_hash: z.string().nullish(),
  transaction_hash: z.string().nullish(),
});

const envsBody = hashesBody.extend({
  encrypted_env: sealedEnvSchema,
  env_keys: z.array(z.string()).nullish(),
});

/** `PATCH …/docker-compose`, `…/pre-launch-script` and `…/envs`: one setting each, in both phases. */
export function registerCvmTextUpdates(app: Hono<ApiEnv>, world: World): void {
  const register = (path: string, field: TextField) => {
    app.patch(path, async (c) => {
      const cvm = c.get("cvm");
      const { text, proof } = await readTextBody(c, field);
      const change = buildChange(cvm, { [field]: text });
      return answerOutcome(await runPhase(world, c, cvm, change, proof));
    });
  };
  register("/cvms/:id/docker-compose", "docker_compose_file");
  register("/cvms/:id/pre-launch-script", "pre_launch_script");

  app.patch("/cvms/:id/envs", async (c) => {
    const cvm = c.get("cvm");
    const body = readJson(envsBody, c.get("body"));
    const before = cvm.config.compose.json.allowed_envs;
    const change = buildChange(cvm, { encrypted_env: body.encrypted_env, allowed_envs: body.env_keys });
    const proof = joinProof(body.compose_hash, body.transaction_hash, ["body"]);
    const operation = await runPhase(world, c, cvm, change, proof);
    const allowed_envs_changed = body.env_keys != null && body.env_keys.join("\n") !== before.join("\n");
    return answerOutcome(operation, { allowed_envs_changed });
  });
}

/**
 * The first phase without a proof. With one the change is the body's own, and its hash must be the one that
 * was approved.
 */
export async function runPhase(
  world: World,
  c: ApiContext,
  cvm: Cvm,
  change: Change,
  proof: Proof | null,
): ReturnType<typeof submitChange> {
  if (proof === null || cvm.kms.chainId === null) {
    return submitChange(world, c.get("workspace"), cvm, change, false);
  }
  if (change.compose.hash !== bareHex(proof.composeHash)) throw unknownHash();
  await verifyProof(world, cvm, proof);
  return change.hasEffect ? acceptChange(world, cvm, change) : null;
}

/** Reads raw text, JSON or a form with a file. */
async function readTextBody(c: ApiContext, field: TextField): Promise<{ text: string; proof: Proof | null }> {
  const type = (c.req.header("content-type") ?? "").toLowerCase();
  const body = c.get("body");
  if (type.startsWith("application/json")) {
    const hashes = readJson(hashesBody, body);
    const text = requireText(readJson(z.looseObject({ [field]: z.string() }), body)[field]);
    const inBody = joinProof(hashes.compose_hash, hashes.transaction_hash, ["body"]);
    return { text, proof: inBody ?? readProofHeaders(c) };
  }
  const text = type.startsWith("multipart/form-data") ? await readFormFile(c) : readPlain(type, body);
  return { text: requireText(text), proof: readProofHeaders(c) };
}

function readPlain(type: string, body: Uint8Array): string {
  if (!/^(?:text\/|application\/(?:x-)?yaml)/.test(type)) {
    throw plainError(400, "Unsupported content type; send text, application/json or multipart/form-data");
  }
  return decodeText(body);
}

async function readFormFile(c: ApiContext): Promise<string> {
  const headers = { "content-type": c.req.header("content-type") ?? "" };
  const form = await new Response(Buffer.from(c.get("body")), { headers }).formData().catch(() => null);
  const file = form?.get("file") ?? null;
  if (file === null) {
    throw validationError([{ loc: ["body", "file"], msg: "Field required", type: "missing" }]);
  }
  return typeof file === "string" ? file : file.text();
}

function requireText(text: unknown): string {
  if (typeof text !== "string" || text.trim() === "") throw plainError(400, "Request body is empty");
  return text;
}

/** @throws ApiError 422 when one of the two hashes is missing */
function joinProof(
  composeHash: string | null | undefined,
  transactionHash: string | null | undefined,
  loc: readonly string[],
): Proof | null {
  if (composeHash == null && transactionHash == null) return null;
  if (composeHash != null && transactionHash != null) return { composeHash, transactionHash };
  const missing = composeHash == null ? "compose_hash" : "transaction_hash";
  throw validationError([{ loc: [...loc, missing], msg: "Field required", type: "missing" }]);
}
