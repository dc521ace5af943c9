import { refreshState } from "../cvm/operation.ts";
import type { Cvm } from "../cvm/types.ts";

/**
 * Describe the log of a container, or of the guest, as text: what its last operation did, one line per step.
 *
 * @param query - `tail` or `lines`, the number of last lines; `timestamps`
 */
export function describeLog(cvm: Cvm, source: string, query: URLSearchParams, now: number): string {
  refreshState(cvm, now);
  const operation = cvm.operations.at(-1);
  const steps = (operation?.timeline.steps ?? []).map((step) => ({
    at: (operation?.startedAt ?? 0) + step.at,
    text: step.bootProgress ?? step.shutdownProgress ?? step.status,
  }));
  const lines = [{ at: cvm.power.since, text: cvm.power.status }, ...steps]
    .filter(({ at }) => at <= now)
    .map(({ at, text }) => {
      const time = query.has("timestamps") ? `${new Date(at).toISOString()} ` : "";
      return `${time}${source}: ${text}\n`;
    });
  const tail = Number(query.get("tail") ?? query.get("lines") ?? Number.NaN);
  return (Number.isInteger(tail) && tail > 0 ? lines.slice(-tail) : lines).join("");
}
