import type { Hex } from "viem";
import { z } from "zod";
import { startGateway } from "../gateway.ts";
import { startAnvil } from "../parts/anvil.ts";
import { deployApp } from "./contracts.ts";

const provisionAnswer = z.object({ compose_hash: z.string(), device_id: z.string() });

/** The key that the gateway fixture asks with by default. */
const KEY = "sandbox-test";

/** How the app contract of a test's CVM stands at first. */
export type AppSetup = {
  readonly owner?: Hex;
  readonly allowAnyDevice?: boolean;
  readonly allowDevice?: boolean;
};

/** The body of `POST /cvms/provision` for a CVM whose KMS is a contract. */
const PROVISION = {
  name: "chain-app",
  kms: "BASE",
  compose_file: {
    docker_compose_file: "services:\n  web:\n    image: nginx:1.27\n",
    allowed_envs: ["DATABASE_URL"],
  },
};

/**
 * A real EVM, a sandbox that looks at it, a gateway in front, and one running CVM whose app is a contract
 * there: deployed the way a client of the REST API deploys it.
 */
export async function startChainGateway({
  owner,
  allowAnyDevice = false,
  allowDevice = true,
}: AppSetup = {}) {
  await using stack = new AsyncDisposableStack();
  const anvil = stack.use(await startAnvil());
  const gateway = stack.use(await startGateway({ chainRpcUrl: anvil.url }));
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(gateway.sandbox.url + path, {
      method: "POST",
      headers: { "x-api-key": KEY, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const [ownerAccount, strangerAccount, ...others] = anvil.accounts;
  if (ownerAccount === undefined || strangerAccount === undefined) throw new Error("anvil has no accounts");
  const provision = provisionAnswer.parse(await post("/cvms/provision", PROVISION));
  const appContract = await deployApp(anvil, {
    owner: owner ?? ownerAccount,
    allowAnyDevice,
    deviceIds: allowDevice ? [`0x${provision.device_id}`] : [],
    composeHashes: [`0x${provision.compose_hash}`],
  });
  await post("/cvms", { app_id: appContract, compose_hash: provision.compose_hash });
  await gateway.advance(11_000);
  await gateway.calls();
  const open = stack.move();
  return {
    ...gateway,
    anvil,
    /** The app contract; its address is the CVM's app id. */
    appContract,
    deviceId: provision.device_id,
    composeHash: provision.compose_hash,
    ownerAccount,
    strangerAccount,
    others,
    /** Another contract, allowed to do for its own app what `appContract` does. */
    deployOther: () => deployApp(anvil, { owner: ownerAccount, allowAnyDevice: true }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
