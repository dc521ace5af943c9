import type { Hono } from "hono";
import { z } from "zod";
import { encryptedEnvSchema } from "../../cvm/change.ts";
import {
  addReplica,
  assertReplicaAllowed,
  planReplica,
  type ReplicaRequest,
  verifyReplicaProof,
} from "../../cvm/replica.ts";
import { unknownHashError } from "../../cvm/submit-change.ts";
import { planCreate } from "../../cvm/timeline.ts";
import type { Cvm, ReplicaPlan } from "../../cvm/types.ts";
import { businessError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseOptionalJsonBody } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { describeVm } from "../../wire/vm.ts";
import {
  type FoundToken,
  invalidTokenError,
  requireToken,
  requireTokenOf,
} from "../../workspace/find-token.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";
import { requireInstances } from "../app/instances.ts";
import { commitBody } from "../configure/commit-update.ts";
import { parsePrepareOnly } from "../configure/phases.ts";
import { boot } from "./lifecycle.ts";

const replicaBody = z.looseObject({
  node_id: z.int().nullish(),
  teepod_id: z.int().nullish(),
  encrypted_env: encryptedEnvSchema.nullish(),
  compose_hash: z.string().nullish(),
});

const instanceBody = replicaBody.extend({
  docker_compose_file: z.string().nullish(),
  pre_launch_script: z.string().nullish(),
  token: z.string().nullish(),
  transaction_hash: z.string().nullish(),
});

type Proof = { readonly composeHash: string; readonly transactionHash: string };

/** Register `POST /cvms/{id}/replicas`. */
export function registerCvmReplicas(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/:id/replicas", (c) => {
    const original = c.get("cvm");
    const instances = c.get("workspace").cvms.filter(({ appId }) => appId === original.appId);
    const body = parseOptionalJsonBody(replicaBody, c.get("body"));
    return request(world, c, instances, original, body);
  });
}

/** Register the replicas below `/apps/{id}`, where a new instance can have another compose file. */
export function registerAppReplicas(app: Hono<ApiEnv>, world: World): void {
  app.post("/apps/:app/cvms/:uuid/replicas", (c) => {
    const instances = requireInstances(c);
    const uuid = (c.req.param("uuid") ?? "").replaceAll("-", "");
    const original = instances.find(({ vmUuid }) => vmUuid.replaceAll("-", "") === uuid);
    if (original === undefined) throw businessError(404, "ERR-03-001", "CVM not found");
    return request(world, c, instances, original, parseOptionalJsonBody(replicaBody, c.get("body")));
  });

  app.post("/apps/:app/instances", async (c) => {
    const instances = requireInstances(c);
    const body = parseOptionalJsonBody(instanceBody, c.get("body"));
    if (body.token == null) return request(world, c, instances, instances[0], body);
    const found = requireToken(world, body.token, "replica");
    if (!instances.includes(found.cvm)) throw invalidTokenError();
    const proof = {
      composeHash: body.compose_hash ?? "",
      transactionHash: body.transaction_hash ?? "",
    };
    return commit(world, c, found, proof);
  });
}

/** Register the commit of a prepared replica. It needs no key: the one-time token is the credential. */
export function registerCommitReplica(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/:id/commit-replica", (c) => {
    const body = parseOptionalJsonBody(commitBody, c.get("body"));
    const text = body.token || (c.req.query("token") ?? "");
    const found = requireTokenOf(world, text, "replica", c.req.param("id"));
    const proof = { composeHash: body.compose_hash, transactionHash: body.transaction_hash };
    return commit(world, c, found, proof);
  });
}

async function request(
  world: World,
  c: ApiContext,
  instances: readonly Cvm[],
  original: Cvm,
  body: ReplicaRequest,
): Promise<Response> {
  const plan = planReplica(instances, original, body);
  await assertReplicaAllowed(world, c.get("workspace"), original, plan, parsePrepareOnly(c));
  return create(world, c, c.get("workspace"), original, plan);
}

async function commit(
  world: World,
  c: ApiContext,
  { token, cvm }: FoundToken,
  proof: Proof,
): Promise<Response> {
  if (proof.composeHash !== "" && bareHex(proof.composeHash) !== token.composeHash)
    throw unknownHashError("The commit token was issued for another compose hash");
  await verifyReplicaProof(world, cvm, token, proof.transactionHash);
  // Two commits with one token can arrive together.
  if (token.used || token.replica === null) throw invalidTokenError();
  token.used = true;
  try {
    return await create(world, c, world.findWorkspace(token.tenant), cvm, token.replica);
  } catch (error) {
    token.used = false;
    throw error;
  }
}

async function create(
  world: World,
  c: ApiContext,
  workspace: Workspace,
  original: Cvm,
  plan: ReplicaPlan,
): Promise<Response> {
  const replica = addReplica(workspace, original, plan, world.clock.now());
  await boot(world, replica, "create", planCreate);
  return jsonResponse(200, describeVm(workspace, replica, world.clock.now(), c.get("version")));
}
