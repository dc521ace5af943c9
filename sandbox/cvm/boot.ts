import type { EnvVar } from "../../src/crypto/types.ts";
import { isOnChain } from "../catalog/kms.ts";
import type { Chain } from "../chain/chain.ts";
import { applyGuestRules } from "./guest-env.ts";
import type { BootPlan } from "./timeline.ts";
import type { Cvm, CvmConfig } from "./types.ts";

/** How the next boot of a CVM with this configuration will go. */
export type BootPrediction = {
  readonly plan: BootPlan;
  /** The boot error; null when it goes well. */
  readonly failure: string | null;
  readonly guestEnv: readonly EnvVar[];
};

/**
 * Foretells a boot: whether the contract lets the KMS hand out the keys, whether the environment opens and
 * keeps the guest's rules. Asked when the operation is accepted, not when the guest gets there.
 */
export async function predictBoot(cvm: Cvm, config: CvmConfig, chain: Chain | null): Promise<BootPrediction> {
  const refusal = isOnChain(cvm.kms) ? await findContractProblem(cvm, config, chain) : null;
  const { env, problem } = applyGuestRules(config.env, config.compose.json.allowed_envs);
  const plan = { hasScript: config.compose.json.pre_launch_script != null, hasGpu: config.gpuCount > 0 };
  const atKeys = refusal ?? problem;
  if (atKeys !== null) return { plan: { ...plan, failsAt: "keys" }, failure: atKeys, guestEnv: [] };
  if (cvm.behaviors.has("boot-fails")) {
    return { plan: { ...plan, failsAt: "containers" }, failure: "failed to start containers", guestEnv: env };
  }
  return { plan: { ...plan, failsAt: null }, failure: null, guestEnv: env };
}

/** The contract's own words for why an app may not boot; null when it may. */
async function findContractProblem(cvm: Cvm, config: CvmConfig, chain: Chain | null): Promise<string | null> {
  const app = chain === null ? null : await chain.findApp(cvm.appId);
  if (chain === null || app === null) return "failed to request app keys: app contract not found";
  if (!(await chain.isComposeHashAllowed(cvm.appId, config.compose.hash))) {
    return "failed to request app keys: Compose hash not allowed";
  }
  if (!app.allowAnyDevice && !(await chain.isDeviceListed(cvm.appId, cvm.node.deviceId))) {
    return "failed to request app keys: Device not allowed";
  }
  return null;
}
