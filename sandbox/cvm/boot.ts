import type { EnvVar } from "../../src/crypto/types.ts";
import { isOnChain } from "../catalog/kms.ts";
import { BOOT_PROBLEMS, type Chain } from "../chain/chain.ts";
import { bareHex } from "../identity.ts";
import { applyGuestRules } from "./guest-env.ts";
import type { BootPlan } from "./timeline.ts";
import type { Cvm, CvmConfig } from "./types.ts";

/** Predicted result of the next boot of a CVM. */
export type BootPrediction = {
  readonly plan: BootPlan;
  /** The boot error; null when the boot succeeds. */
  readonly failure: string | null;
  readonly guestEnv: readonly EnvVar[];
};

/**
 * Predict a boot: whether the KMS may release the keys according to the contract, whether the environment can
 * be decrypted, and whether it follows the rules of the guest. Called when the operation is accepted, not when
 * the guest boots.
 */
export async function predictBoot(cvm: Cvm, config: CvmConfig, chain: Chain | null): Promise<BootPrediction> {
  const contractProblem = isOnChain(cvm.kms) ? await findContractProblem(cvm, config, chain) : null;
  const { env, problem } = applyGuestRules(config.env, config.compose.json.allowed_envs);
  const plan = { hasScript: config.compose.json.pre_launch_script != null, hasGpu: config.gpuCount > 0 };
  const atKeys = contractProblem ?? problem;
  if (atKeys !== null) return { plan: { ...plan, failsAt: "keys" }, failure: atKeys, guestEnv: [] };
  if (cvm.behaviors.has("boot-fails")) {
    return { plan: { ...plan, failsAt: "containers" }, failure: "failed to start containers", guestEnv: env };
  }
  return { plan: { ...plan, failsAt: null }, failure: null, guestEnv: env };
}

/** Find the reason of the contract why an app may not boot; null when it may. */
async function findContractProblem(cvm: Cvm, config: CvmConfig, chain: Chain | null): Promise<string | null> {
  const problem =
    chain === null
      ? BOOT_PROBLEMS.noContract
      : await chain.findBootProblem({
          appId: cvm.appId,
          composeHash: config.compose.hash,
          instanceId: cvm.instanceId ?? "",
          deviceId: cvm.node.deviceId,
          osImageHash: bareHex(config.image.hash),
        });
  return problem === null ? null : `failed to request app keys: ${problem}`;
}
