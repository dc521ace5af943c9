import type { Hono } from "hono";
import { z } from "zod";
import { deriveEnvKey } from "../../catalog/env-key.ts";
import { findInstanceType, nameInstanceType } from "../../catalog/instance-types.ts";
import { findKms, isOnChain, type KmsCatalog, type KmsService } from "../../catalog/kms.ts";
import { findNode, NODE_LIST, NODES, type Node } from "../../catalog/nodes.ts";
import { DEFAULT_OS_IMAGE, findImageFor, OS_IMAGES } from "../../catalog/os-images.ts";
import { appComposeSchema, checkComposeText, storeCompose } from "../../cvm/app-compose.ts";
import { encryptedEnvSchema } from "../../cvm/change.ts";
import { NO_ENV, storeEnv } from "../../cvm/guest-env.ts";
import { PENDING_MS } from "../../cvm/submit-change.ts";
import { planCreate } from "../../cvm/timeline.ts";
import type { Cvm } from "../../cvm/types.ts";
import { businessError, fieldError, plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseJsonBody } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { describeKmsNode } from "../../wire/kms.ts";
import { describeVm } from "../../wire/vm.ts";
import {
  assertFreeSlot,
  createCvm,
  deriveAppId,
  type Provision,
  type Workspace,
} from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";
import { nameSchema } from "../configure/settings.ts";
import { boot } from "./lifecycle.ts";

const provisionBody = z.looseObject({
  name: nameSchema,
  compose_file: appComposeSchema.extend({ name: z.string().default("") }),
  node_id: z.int().nullish(),
  teepod_id: z.int().nullish(),
  region: z.string().nullish(),
  instance_type: z.string().nullish(),
  image: z.string().nullish(),
  vcpu: z.int().min(1).nullish(),
  memory: z.int().min(512).nullish(),
  disk_size: z.int().min(1).max(10_240).nullish(),
  listed: z.boolean().nullish(),
  kms: z.string().nullish(),
  kms_id: z.string().nullish(),
  env_keys: z.array(z.string()).nullish(),
});

const commitBody = z.looseObject({
  app_id: z.string(),
  compose_hash: z.string(),
  encrypted_env: encryptedEnvSchema.nullish(),
  env_keys: z.array(z.string()).nullish(),
  deployer_address: z.string().nullish(),
});

/** Provisions kept per workspace. Older ones are dropped. */
const MAX_PROVISIONS = 100;

type ProvisionRequest = z.output<typeof provisionBody>;

/** Register the creation of a CVM in two steps: a provision, which returns the hash and the key, and a commit. */
export function registerCvmDeploy(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/provision", (c) => {
    const workspace = c.get("workspace");
    const request = parseJsonBody(provisionBody, c.get("body"));
    const provision = buildProvision(world.kms, request, world.clock.now());
    const appId = isOnChain(provision.kms) ? null : deriveAppId(workspace, workspace.appNonce++);
    workspace.provisions.set(provision.config.compose.hash, { ...provision, appId });
    const [oldest] = workspace.provisions.keys();
    if (workspace.provisions.size > MAX_PROVISIONS && oldest !== undefined)
      workspace.provisions.delete(oldest);
    return jsonResponse(200, {
      app_id: appId,
      app_env_encrypt_pubkey: appId === null ? null : deriveEnvKey(provision.kms, appId).publicKey,
      compose_hash: provision.config.compose.hash,
      kms_info: describeKmsNode(provision.kms),
      kms_id: provision.kms.id,
      fmspc: provision.node.fmspc,
      device_id: provision.node.deviceId,
      os_image_hash: provision.config.image.hash,
      instance_type: provision.config.instanceType,
      teepod_id: provision.node.id,
    });
  });

  app.post("/cvms", async (c) => {
    const workspace = c.get("workspace");
    const body = parseJsonBody(commitBody, c.get("body"));
    const created = findCreated(workspace, body);
    if (created !== undefined)
      return jsonResponse(200, describeVm(workspace, created, world.clock.now(), c.get("version")));
    const provision = workspace.provisions.get(bareHex(body.compose_hash));
    if (provision === undefined || world.clock.now() - provision.createdAt > PENDING_MS) {
      throw plainError(422, "Provision data not found or expired");
    }
    const appId = bareHex(body.app_id);
    if (!/^[0-9a-f]{40}$/.test(appId) || (provision.appId ?? appId) !== appId) {
      throw fieldError(
        400,
        "ERR-02-008",
        "app_id",
        "app_id must be the app id of the provision. For an on-chain KMS it is 40 hex digits.",
      );
    }
    const { name, kms, node, config, listed } = provision;
    if (workspace.cvms.some((cvm) => cvm.name === name)) {
      throw businessError(409, "ERR-01-004", "Another CVM has this name. Choose another one.");
    }
    assertFreeSlot(workspace);
    const now = world.clock.now();
    const cvm = createCvm(workspace, { name, appId, kms, node, config, listed, createdAt: now });
    if (body.encrypted_env != null) {
      cvm.config = { ...config, env: storeEnv(body.encrypted_env, cvm.envPrivateKey) };
    }
    // On a real chain the client deploys the contract. On a built-in chain it is created here.
    world.ledgers.get(kms.chainId ?? Number.NaN)?.registerApp(appId, {
      owner: body.deployer_address ?? undefined,
      allowAnyDevice: true,
      composeHashes: [config.compose.hash],
      deviceIds: [node.deviceId],
    });
    workspace.provisions.delete(config.compose.hash);
    workspace.cvms.unshift(cvm);
    await boot(world, cvm, "create", planCreate);
    return jsonResponse(200, describeVm(workspace, cvm, now, c.get("version")));
  });
}

/**
 * Find the CVM that an earlier, equal request created. A client that lost the answer repeats the request, and
 * gets the CVM instead of a second one.
 */
function findCreated(workspace: Workspace, body: z.output<typeof commitBody>): Cvm | undefined {
  if (workspace.provisions.has(bareHex(body.compose_hash))) return undefined;
  return workspace.cvms.find(
    ({ appId, revisions, operations }) =>
      appId === bareHex(body.app_id) &&
      (operations[0]?.type === "create" ? operations[0].config : revisions[0]?.config)?.compose.hash ===
        bareHex(body.compose_hash),
  );
}

function buildProvision(
  catalog: KmsCatalog,
  request: ProvisionRequest,
  now: number,
): Omit<Provision, "appId"> {
  const { compose_file: compose } = request;
  if (!compose.docker_compose_file && !compose.bash_script) {
    throw businessError(400, "ERR-01-002", "Compose file is required");
  }
  checkComposeText(compose);
  const node = pickNode(request);
  const type = findInstanceType(request.instance_type ?? "tdx.small");
  if (type === undefined)
    throw fieldError(
      400,
      "ERR-02-001",
      "instance_type",
      "Instance type not found. GET /instance-types lists the instance types.",
    );
  const vcpu = request.vcpu ?? type.vcpu;
  const memoryMb = request.memory ?? type.memory_mb;
  const allowedEnvs = request.env_keys ?? compose.allowed_envs;
  return {
    name: request.name,
    kms: pickKms(catalog, request),
    node,
    listed: request.listed ?? false,
    createdAt: now,
    config: {
      compose: storeCompose({ ...compose, allowed_envs: allowedEnvs }),
      env: NO_ENV,
      userConfig: "",
      instanceType: nameInstanceType(vcpu, memoryMb),
      vcpu,
      memoryMb,
      diskGb: request.disk_size ?? type.default_disk_size_gb,
      gpuCount: type.requires_gpu ? 1 : 0,
      image: pickImage(request, type.requires_gpu),
    },
  };
}

function pickNode({ node_id, teepod_id, region, instance_type }: ProvisionRequest): Node {
  const id = node_id ?? teepod_id;
  if (id == null && region == null) return instance_type?.startsWith("h200") ? NODES.gpu : NODES.main;
  const node = id == null ? NODE_LIST.find((one) => one.region === region) : findNode(id);
  if (node === undefined)
    throw fieldError(400, "ERR-01-001", "node_id", "Node not found. GET /teepods/available lists the nodes.");
  return node;
}

function pickImage({ image: name }: ProvisionRequest, hasGpu: boolean) {
  const fallback = hasGpu ? OS_IMAGES.find((image) => image.requiresGpu) : undefined;
  const image = name == null ? (fallback ?? DEFAULT_OS_IMAGE) : findImageFor(name, hasGpu);
  if (image === undefined || !image.enabled) {
    throw fieldError(
      400,
      "ERR-02-010",
      "image",
      "The OS image is not available. GET /os-images lists those that are.",
    );
  }
  return image;
}

function pickKms(catalog: KmsCatalog, { kms, kms_id }: ProvisionRequest): KmsService {
  const named = { PHALA: catalog.phala, BASE: catalog.base, ETHEREUM: catalog.ethereum };
  const wanted = (kms ?? "PHALA").toUpperCase();
  const type = wanted === "BASE" || wanted === "ETHEREUM" ? wanted : "PHALA";
  const found = kms_id == null ? named[type] : findKms(catalog, kms_id);
  if (found === undefined)
    throw fieldError(400, "ERR-02-011", "kms_id", "KMS not found. GET /kms lists the KMSs.");
  return found;
}
