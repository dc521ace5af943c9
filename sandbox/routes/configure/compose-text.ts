import type { Hono } from "hono";
import { z } from "zod";
import { buildChange } from "../../cvm/change.ts";
import type { Proof } from "../../cvm/submit-change.ts";
import { plainError, validationError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { decodeText, parseJsonBody } from "../../http/validation.ts";
import type { World } from "../../world.ts";
import { operationResponse, parseProofFields, parseProofHeaders, runPhase } from "./phases.ts";

type TextField = "docker_compose_file" | "pre_launch_script";

/** Fields of the second phase, where the body carries them. */
export const proofFields = z.looseObject({
  compose_hash: z.string().nullish(),
  transaction_hash: z.string().nullish(),
});

/** Register `PATCH …/docker-compose` and `PATCH …/pre-launch-script`, in both phases. */
export function registerCvmComposeText(app: Hono<ApiEnv>, world: World): void {
  const register = (path: string, field: TextField) => {
    app.patch(path, async (c) => {
      const cvm = c.get("cvm");
      const { text, proof } = await parseTextBody(c, field);
      const change = buildChange(cvm, { [field]: text });
      return operationResponse(await runPhase(world, c, cvm, change, proof));
    });
  };
  register("/cvms/:id/docker-compose", "docker_compose_file");
  register("/cvms/:id/pre-launch-script", "pre_launch_script");
}

/** Parse a body that is plain text, JSON or a form with a file. */
async function parseTextBody(
  c: ApiContext,
  field: TextField,
): Promise<{ text: string; proof: Proof | null }> {
  const type = (c.req.header("content-type") ?? "").toLowerCase();
  const body = c.get("body");
  if (type.startsWith("application/json")) {
    const hashes = parseJsonBody(proofFields, body);
    const text = requireText(parseJsonBody(z.looseObject({ [field]: z.string() }), body)[field]);
    return { text, proof: parseProofFields(hashes) ?? parseProofHeaders(c) };
  }
  const text = type.startsWith("multipart/form-data") ? await parseFormFile(c) : parsePlainText(type, body);
  return { text: requireText(text), proof: parseProofHeaders(c) };
}

function parsePlainText(type: string, body: Uint8Array): string {
  if (!/^(?:text\/|application\/(?:x-)?yaml)/.test(type)) {
    throw plainError(400, "Unsupported content type. Send text, application/json or multipart/form-data.");
  }
  return decodeText(body);
}

async function parseFormFile(c: ApiContext): Promise<string> {
  const headers = { "content-type": c.req.header("content-type") ?? "" };
  const form = await new Response(Buffer.from(c.get("body")), { headers }).formData().catch(() => null);
  const file = form?.get("file") ?? null;
  if (file === null) {
    throw validationError([{ loc: ["body", "file"], msg: "Field required", type: "missing" }]);
  }
  return typeof file === "string" ? file : file.text();
}

/** @throws ApiError 400 for an empty text */
function requireText(text: unknown): string {
  if (typeof text !== "string" || text.trim() === "") throw plainError(400, "Request body is empty");
  return text;
}
