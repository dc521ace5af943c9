// Make every call of the configuration API through @cvm-gateway/client: first on a CVM that restarts with each change,
// then on one whose changes the owner of a smart contract signs.
// Start the sandbox with `npm start`, then run `node examples/configure.ts`. Set GATEWAY_URL and API_KEY for others.
import { createCvmClient, type SignTransaction } from "../packages/client/src/index.ts"; // "@cvm-gateway/client"
import { sealEnv } from "../packages/client/src/seal.ts"; // "@cvm-gateway/client/seal"

const url = process.env["GATEWAY_URL"] ?? "http://127.0.0.1:4000/graphql";
const key = process.env["API_KEY"] ?? "sandbox-demo";
const rpcUrl = process.env["RPC_URL"] ?? "http://127.0.0.1:4001/__sandbox/rpc";
const id = "web-phala";
const onChainId = "web-base";

const client = createCvmClient({ url, headers: { "x-api-key": key } });
const yaml = (tag: string) =>
  `services:\n  app:\n    image: nginx:${tag}\n    environment:\n      - API_TOKEN=\${API_TOKEN}\n`;

/** Send one mutation and follow its operation to the end. */
async function change(name: string, input: Readonly<Record<string, unknown>>): Promise<void> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) {
    outcome: ${name}(input: $input) { __typename ... on InProgress { status correlationId } }
  }`;
  type Outcome = { __typename: string; status?: string; correlationId?: string | null };
  const idempotencyKey = crypto.randomUUID();
  const { outcome } = await client.query<{ outcome: Outcome }>(document, {
    input: { id, idempotencyKey, ...input },
  });
  console.log(name, outcome.status ?? outcome.__typename);
  if (!outcome.correlationId) return;
  for await (const { status, errorMessage } of client.follow(id, outcome.correlationId)) {
    if (status === "FAILED") throw new Error(`${name}: ${errorMessage}`);
    if (status === "COMPLETED") console.log(name, status);
  }
}

// get_cvm_docker_compose, get_cvm_compose_file, get_available_os_images, get_app_env_encrypt_pub_key
type Image = { slug: string | null; enabled: boolean; isCurrent: boolean; requiresGpu: boolean | null };
const { cvm } = await client.query<{
  cvm: {
    dockerCompose: string;
    compose: { hash: string; allowedEnvs: string[] };
    availableOsImages: { version: string; prod: Image | null }[];
    envEncryptionKey: { publicKey: string };
  };
}>(
  `query ($id: ID!) { cvm(id: $id) {
    dockerCompose
    compose { hash allowedEnvs }
    availableOsImages { version prod { slug enabled isCurrent requiresGpu } }
    envEncryptionKey { publicKey }
  } }`,
  { id },
);
console.log(`${cvm.dockerCompose.length} characters of YAML, compose hash ${cvm.compose.hash}`);

// update_docker_compose
await change("updateDockerCompose", { dockerComposeFile: yaml("1.28") });

// encrypt_env_vars, update_cvm_envs. Check keys that the KMS signs with verifyEnvKey first. That of `phala` signs none.
const env = cvm.compose.allowedEnvs.map((name) => ({ key: name, value: "secret" }));
const encryptedEnv = sealEnv(env, cvm.envEncryptionKey.publicKey);
await change("updateCvmEnvs", { env: { encrypted: { encryptedEnv, keys: cvm.compose.allowedEnvs } } });

// update_pre_launch_script
await change("updatePreLaunchScript", { preLaunchScript: "#!/bin/sh\necho starting\n" });

// update_cvm_resources
await change("updateCvmResources", { vcpu: 4, memoryMb: 4096, allowRestart: true });

// update_cvm_visibility
await change("updateCvmVisibility", { publicSysinfo: true, publicLogs: false });

// update_os_image
const images = cvm.availableOsImages.flatMap(({ prod }) => prod ?? []);
const image = images.find(({ enabled, isCurrent, requiresGpu }) => enabled && !isCurrent && !requiresGpu);
if (image?.slug) await change("updateOsImage", { osImageName: image.slug });

// provision_cvm_compose_file_update, commit_cvm_compose_file_update
const { provision } = await client.query<{ provision: { composeHash: string } }>(
  `mutation ($input: ProvisionCvmComposeFileUpdateInput!) {
    provision: provisionCvmComposeFileUpdate(input: $input) { composeHash composeHashRegistered }
  }`,
  { input: { id, appCompose: { dockerComposeFile: yaml("1.29") } } },
);
console.log("provisionCvmComposeFileUpdate", provision.composeHash);
await change("commitCvmComposeFileUpdate", { composeHash: provision.composeHash });

// patch_cvm: several settings with one restart. `env` is sealed by the client, and the operation is followed.
const patched = await client.configure({ id, vcpu: 2, publicLogs: true, env }, { allowUnverifiedKey: true });
console.log("configureCvm", patched.status);

// patch_cvm with an on-chain KMS, then confirm_cvm_patch with the transaction that `sign` has sent. In a page, send it
// with the wallet of the user. Here, the sandbox signs for the owner.
const sign: SignTransaction = async (transaction) => {
  const body = { jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params: [transaction] };
  const response = await fetch(rpcUrl, { method: "POST", body: JSON.stringify(body) });
  const { result, error } = await response.json();
  if (typeof result !== "string") throw new Error(error.message);
  return result;
};
const confirmed = await client.configure({ id: onChainId, publicLogs: false }, { sign });
console.log("confirmCvmPatch", confirmed.status);
