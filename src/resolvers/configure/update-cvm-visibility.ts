import type { UpdateCvmVisibilityInput } from "../../schema/input/update-cvm-visibility.ts";
import { toWireSettings, type WireSettings } from "../../upstream/configuration/settings.ts";
import { updateVisibility } from "../../upstream/configuration/visibility.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import { type Cvm, fetchCvm } from "../../upstream/resources/cvms.ts";
import type { Write } from "../write/types.ts";
import { bestEffort } from "./best-effort.ts";

type Payload = { readonly settings: WireSettings; readonly unchanged: boolean };

/**
 * Change what anyone can see. The answer does not say whether anything changed. Nothing did if the flags had
 * these values before, and no operation is running after the write was accepted.
 */
export const updateCvmVisibility: Write<UpdateCvmVisibilityInput, Payload, WriteOutcome> = {
  name: "updateCvmVisibility",
  check: () => [],
  async prepare(ctx, ref, input) {
    const cvm = await bestEffort(ctx.loaders.cvm(ref));
    return { settings: toWireSettings(input), unchanged: cvm !== null && hasVisibility(cvm, input) };
  },
  async send(ctx, ref, { settings, unchanged }) {
    const outcome = await updateVisibility(ctx.upstream, ref, settings);
    if (outcome.kind !== "InProgress" || !outcome.changed || !unchanged) return outcome;
    const after = await bestEffort(fetchCvm(ctx.upstream, ref));
    return { ...outcome, changed: after?.inProgress ?? true };
  },
  listMeasured: (input) => input,
};

function hasVisibility({ visibility }: Cvm, input: UpdateCvmVisibilityInput): boolean {
  return (
    visibility.publicSysinfo === input.publicSysinfo &&
    visibility.publicLogs === input.publicLogs &&
    visibility.publicTcbinfo === (input.publicTcbinfo ?? visibility.publicTcbinfo)
  );
}
