import type { Hono } from "hono";
import { z } from "zod";
import { acceptChange, unknownHashError, verifyProof } from "../../cvm/submit-change.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseOptionalJsonBody } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { describeKmsNode } from "../../wire/kms.ts";
import { requireTokenOf } from "../../workspace/find-token.ts";
import type { World } from "../../world.ts";
import { operationResponse } from "./phases.ts";

/** Body of a commit with a token. */
export const commitBody = z.looseObject({
  token: z.string().default(""),
  compose_hash: z.string().default(""),
  transaction_hash: z.string().default(""),
});

/** Register the commit of a prepared change. It needs no key: the one-time token is the credential. */
export function registerCommitUpdate(app: Hono<ApiEnv>, world: World): void {
  app.get("/cvms/:id/commit-update", (c) => {
    const { token, cvm } = requireTokenOf(world, c.req.query("token") ?? "", "update", c.req.param("id"));
    return jsonResponse(200, {
      cvm_id: cvm.id,
      cvm_name: cvm.name,
      app_id: cvm.appId,
      device_id: cvm.node.deviceId,
      compose_hash: token.composeHash,
      kms_info: describeKmsNode(cvm.kms),
      status: "pending_approval",
      created_at: new Date(token.createdAt).toISOString(),
    });
  });

  app.post("/cvms/:id/commit-update", async (c) => {
    const body = parseOptionalJsonBody(commitBody, c.get("body"));
    const text = body.token || (c.req.query("token") ?? "");
    const { token, cvm } = requireTokenOf(world, text, "update", c.req.param("id"));
    if (body.compose_hash !== "" && bareHex(body.compose_hash) !== token.composeHash) {
      throw unknownHashError("The commit token was issued for another compose hash");
    }
    const proof = { composeHash: token.composeHash, transactionHash: body.transaction_hash };
    const pending = await verifyProof(world, cvm, proof);
    const operation = await acceptChange(world, cvm, pending);
    // Only a success uses the token up, so that the client can retry after 465, 467 and 468.
    token.used = true;
    return operationResponse(operation);
  });
}
