import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import { patchCvm } from "../../upstream/configuration/cvm-patch.ts";
import { toWireSettings, type WireSettings } from "../../upstream/configuration/settings.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import { encryptEnvironment } from "../environment/encrypt-environment.ts";
import { chooseAllowedKeys } from "../environment/environment-change.ts";
import { assertNoProblems } from "../write/input-problem.ts";
import { joinSentences } from "../write/join-sentences.ts";
import type { Write } from "../write/types.ts";
import { findLiveProblems } from "./live-checks.ts";
import { APPLIES_NOTHING, appliesNothing, findConfigureProblems } from "./setting-checks.ts";

type Payload = {
  readonly settings: WireSettings;
  readonly prepareOnly: boolean;
  /** Added to the message of an accepted change; null if there is nothing to add. */
  readonly note: string | null;
};

/**
 * Change several settings in one patch. A change that is known to fail is rejected before anything is sent.
 * Only the reads that the given settings need are made, in parallel.
 */
export const configureCvm: Write<ConfigureCvmInput, Payload, WriteOutcome> = {
  name: "configureCvm",
  check: (input, ctx) => findConfigureProblems(ctx, input),
  async prepare(ctx, ref, input) {
    const { env } = input;
    const [problems, environment] = await Promise.all([
      findLiveProblems(ctx, ref, input),
      env === undefined ? null : encryptEnvironment(ctx, ref, { ...input, env }),
    ]);
    assertNoProblems(problems);
    const settings = toWireSettings({
      ...input,
      env: environment?.encryptedEnv,
      allowedEnvs: environment?.keys ?? input.allowedEnvs,
    });
    const note = appliesNothing(input) ? APPLIES_NOTHING : null;
    return { settings, prepareOnly: input.prepareOnly ?? false, note };
  },
  async send(ctx, ref, { settings, prepareOnly, note }) {
    const outcome = await patchCvm(ctx.upstream, ref, settings, prepareOnly);
    if (outcome.kind !== "InProgress" || note === null) return outcome;
    return { ...outcome, message: joinSentences(outcome.message, note) };
  },
  listMeasured: (input, present) => ({
    ...input,
    allowedEnvs: chooseAllowedKeys(input, present) ?? undefined,
  }),
};
